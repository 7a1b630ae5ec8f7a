/** Steps of host lists (manual §"Host lists" and the sections after it). */
import {
  chain,
  firstOf,
  fullIp,
  inNetwork,
  lower,
  maskIp,
  parseIp,
  unmapIp,
  type HostSubject,
  type Ip,
  type Maybe,
  type Network,
  type Scope,
} from "@mailkit/sdk";
import { lookupFinder, type LookupFinder } from "./lookup-item.ts";
import { keptUnder, matchNamed } from "./named.ts";
import { directiveStep, fileStep, type Slot, type StepFamily } from "./steps.ts";
import type { ListItem, Pattern } from "./syntax.ts";
import { compileText, isLocalAddress, textSubject, type CompileContext, type TextMatcher } from "./text-matcher.ts";
import type { Hit, Outcome, Step, Trouble } from "./walk.ts";

/** A host with its address read once; an IPv4 address in IPv6 form counts as IPv4. */
export interface HostTarget {
  readonly host: HostSubject;
  readonly ip: Ip | undefined;
  /** "" = no host. */
  readonly address: string;
}

type HostTest = (target: HostTarget, scope: Scope) => Maybe<Outcome>;

const HIT: Hit = { kind: "hit", data: undefined };

export function hostTarget(host: HostSubject): HostTarget {
  const read = host.address === undefined ? undefined : parseIp(host.address);
  const ip = read === undefined ? undefined : unmapIp(read);
  return { host, ip, address: ip === read || ip === undefined ? (host.address ?? "") : fullIp(ip) };
}

export function hostFamily(source: string, context: CompileContext): StepFamily<HostTarget> {
  return {
    kind: "host",
    make: (item) => makeStep(item, source, context),
    slotOf: (pattern) => (pattern.kind === "network" ? networkSlot(pattern.network) : undefined),
    keyIn: ({ ip }, slot) => (ip === undefined ? undefined : networkKey(ip, slot)),
  };
}

/** One slot for each length of a mask; those of IPv6 follow those of IPv4. Never `LITERAL`: the mask must be taken off. */
const IPV6 = 100;

function networkSlot({ ip, bits }: Network): Slot {
  const slot = (ip.version === 4 ? 1 : IPV6) + bits;
  return { slot, key: networkKey(ip, slot) as string };
}

/** The words of the address under the mask; undefined for an address of the other kind. */
function networkKey(ip: Ip, slot: number): string | undefined {
  if ((ip.version === 4) !== slot < IPV6) return undefined;
  if (ip.version === 4) return String(maskWord(ip.words[0] as number, slot - 1));
  return maskIp(ip, slot - IPV6).words.join(":");
}

function maskWord(word: number, bits: number): number {
  return bits === 0 ? 0 : (word & (-1 << (32 - bits))) >>> 0;
}

function makeStep(item: ListItem, source: string, context: CompileContext): Step<HostTarget> {
  const pattern = item.pattern;
  switch (pattern.kind) {
    case "directive":
      return directiveStep(item, pattern.word);
    case "file":
      return fileStep(item, pattern.path, { source, tainted: context.tainted }, hostFamily(source, context));
    case "named":
      return namedHostStep(item, pattern.name);
    case "empty":
      return { item, test: (target) => (target.address === "" ? HIT : undefined) };
    case "any":
      return { item, test: () => HIT };
    default: {
      const test = hostTest(pattern, context);
      // All other items are about a host that is there.
      return { item, test: (target, walk) => (target.address === "" ? undefined : test(target, walk.scope)) };
    }
  }
}

function namedHostStep(item: ListItem, name: string): Step<HostTarget> {
  const kept = keptUnder("host", name);
  return {
    item,
    test: (target, walk) =>
      matchNamed<HostTarget>(
        {
          kind: "host",
          name,
          kept,
          subject: target,
          key: target.address,
          caseful: false,
          foreign: (list) => (list.kind === "host" ? list.match(target.host, walk.scope) : { kind: "no" }),
        },
        walk,
      ),
  };
}

function hostTest(pattern: Pattern, context: CompileContext): HostTest {
  switch (pattern.kind) {
    case "network":
      return (target) => (target.ip !== undefined && inNetwork(target.ip, pattern.network) ? HIT : undefined);
    case "selfLiteral":
      return (target) => (isLocalAddress(target.address, context.environment) ? HIT : undefined);
    case "self":
      return (target, scope) => byAddressOf(context.environment.primaryHostname(), target, scope, context);
    case "literal":
      return (target, scope) => byAddressOf(pattern.text, target, scope, context);
    case "netLookup":
      return netTest(pattern, context);
    case "lookup":
      return lookupTest(pattern, context);
    default:
      return nameTest(compileText(pattern, context));
  }
}

/** A plain name is turned into addresses, never the other way. Manual §"Host list patterns that match by IP address". */
function byAddressOf(name: string, target: HostTarget, scope: Scope, context: CompileContext): Maybe<Outcome> {
  if (target.host.addressOnly === true) return NO_NAMES;
  return chain(context.environment.addressesOf(name, scope), (answer): Outcome => {
    if (answer.kind === "defer") return answer;
    if (answer.kind === "unknown") return { kind: "unknown", message: `no IP address found for host ${name}` };
    return answer.addresses.some((address) => sameAddress(address, target.ip)) ? HIT : undefined;
  });
}

function sameAddress(address: string, wanted: Ip | undefined): boolean {
  const ip = parseIp(address);
  return ip !== undefined && wanted !== undefined && fullIp(unmapIp(ip)) === fullIp(wanted);
}

/** `net-type;` has the address as the key, `netNN-type;` the masked address with its mask. */
function netTest(pattern: Extract<Pattern, { kind: "netLookup" }>, context: CompileContext): HostTest {
  const finder = lookupFinder({ ...pattern, tainted: context.tainted }, context.environment);
  const mask = pattern.mask === "" ? undefined : Number(pattern.mask);
  return (target, scope) => finder.find(netKey(target, mask, finder, scope), scope);
}

function netKey(target: HostTarget, mask: number | undefined, finder: LookupFinder, scope: Scope): string {
  if (target.ip === undefined) return target.address;
  const spec = finder.spec(scope);
  // In keys of lsearch a colon ends the key; iplsearch wants real addresses.
  const separator = typeof spec !== "string" && spec.type === "iplsearch" ? ":" : ".";
  if (mask === undefined) return fullIp(target.ip, separator);
  const bits = Math.min(mask, target.ip.words.length * 32);
  return `${fullIp(maskIp(target.ip, bits), separator)}/${bits}`;
}

/** A single-key lookup has the host's name as its key, a query is asked as it is. */
function lookupTest(pattern: Extract<Pattern, { kind: "lookup" }>, context: CompileContext): HostTest {
  const finder = lookupFinder({ ...pattern, tainted: context.tainted }, context.environment);
  return (target, scope) => {
    const spec = finder.spec(scope);
    if (typeof spec === "string" || spec.style === "query") return finder.find("", scope);
    if (target.host.addressOnly === true) return finder.find(netKey(target, undefined, finder, scope), scope);
    return withNames(target, scope, (name) => finder.find(lower(name), scope));
  };
}

function nameTest(matcher: TextMatcher): HostTest {
  if (matcher.fault !== undefined) return (_target, scope) => matcher.match(textSubject(""), false, scope);
  return (target, scope) => withNames(target, scope, (name) => matcher.match(textSubject(name), false, scope));
}

/** All names of the host are tried. Manual §"Host list patterns that match by host name". */
function withNames(target: HostTarget, scope: Scope, test: (name: string) => Maybe<Outcome>): Maybe<Outcome> {
  if (target.host.addressOnly === true) return NO_NAMES;
  return chain(target.host.names(scope), (answer): Maybe<Outcome> => {
    if (answer.kind === "names") return firstOf(answer.names, test);
    return answer.kind === "defer" ? answer : { kind: "unknown", message: answer.message };
  });
}

const NO_NAMES: Trouble = { kind: "unknown", message: "cannot match host name in match_ip list" };
