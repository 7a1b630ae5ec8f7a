/**
 * The hosts of a mail domain with Exim's rules: SRV, MX, or the domain's own addresses (manual §"The dnslookup router").
 */
import {
  type DnsAnswer,
  type HostTarget,
  type HostsFound,
  type Maybe,
  type MxQuestion,
  chain,
  equalCaseless,
  firstOf,
  lower,
} from "@mailkit/sdk";
import { type Addresses, addressesByDns, gather, keep, selfEvident } from "./addresses.ts";
import { isLocalHost } from "./local.ts";
import { asciiName, isAddress } from "./names.ts";
import { type Candidate, orderMx, orderSrv } from "./order.ts";
import type { FinderOptions } from "./settings.ts";

export function findMx(question: MxQuestion, options: FinderOptions): Maybe<HostsFound> {
  const names = spellings(question, options.search ?? []);
  const search = firstOf(names, (domain, i) =>
    chain(findExactly({ ...question, domain }, options), (found) => {
      if (isAbsent(found) && i < names.length - 1) return undefined;
      return found.kind === "found" && domain !== question.domain ? { ...found, widened: domain } : found;
    }),
  );
  // The last spelling always answers.
  return search as Maybe<HostsFound>;
}

function findExactly(question: MxQuestion, options: FinderOptions): Maybe<HostsFound> {
  // An address is no name: mail to it is written with brackets (RFC 5321 §4.1.3).
  if (isAddress(question.domain)) return { kind: "notFound", why: "noDomain", message: `${question.domain} is an address, not a domain` };
  if (options.validName?.(asciiName(question.domain)) === false) return badName(question.domain);
  return chain(bySrv(question, options), (srv) => srv ?? chain(byMx(question, options), (mx) => mx ?? byAddress(question, options)));
}

/** What the resolver's options RES_DEFNAMES and RES_DNSRCH would try (manual §"Effect of qualify_single and search_parents"). */
function spellings(question: MxQuestion, search: readonly string[]): string[] {
  const { domain } = question;
  if (!domain.includes(".")) {
    const tails = question.searchParents === true ? search : question.qualifySingle === true ? search.slice(0, 1) : [];
    return [...tails.map((tail) => `${domain}.${tail}`), domain];
  }
  return question.searchParents === true ? [domain, ...search.map((tail) => `${domain}.${tail}`)] : [domain];
}

function badName(domain: string): HostsFound {
  return { kind: "notFound", why: "badName", message: `mail domain "${lower(domain)}" is syntactically invalid` };
}

function isAbsent(found: HostsFound): boolean {
  return (
    found.kind === "notFound" && (found.why === "badName" || found.why === "noDomain" || found.why === "noData" || found.why === "noMx")
  );
}

/** Undefined: there are no such records, go on with the next kind. */
function bySrv(question: MxQuestion, options: FinderOptions): Maybe<HostsFound | undefined> {
  if (question.srv === undefined || question.srv === "") return undefined;
  const name = `_${question.srv}._tcp.${question.domain}`;
  return chain(options.dns.query({ name, type: "SRV", dnssec: wantsDnssec(question) }), (answer) =>
    fromRecords({ answer, question, order: orderSrv, type: "SRV" }, options),
  );
}

function byMx(question: MxQuestion, options: FinderOptions): Maybe<HostsFound | undefined> {
  if (!question.checkMx) return undefined;
  return chain(options.dns.query({ name: question.domain, type: "MX", dnssec: wantsDnssec(question) }), (answer) =>
    fromRecords({ answer, question, order: orderMx, type: "MX" }, options),
  );
}

function wantsDnssec(question: MxQuestion): boolean {
  return question.dnssecRequest === true || question.dnssecRequire === true;
}

interface RecordSet {
  readonly answer: DnsAnswer;
  readonly question: MxQuestion;
  readonly order: typeof orderMx;
  readonly type: "MX" | "SRV";
}

function fromRecords(set: RecordSet, options: FinderOptions): Maybe<HostsFound | undefined> {
  const { answer, question, type } = set;
  if (answer.kind === "defer") {
    const meansNone = type === "MX" ? question.mxFail : question.srvFail;
    return meansNone === true ? undefined : { kind: "defer", message: "host lookup did not complete" };
  }
  if (answer.kind !== "found") return undefined;
  if (question.dnssecRequire === true && !answer.secure) {
    return { kind: "defer", message: `the ${type} records of ${question.domain} are not secured by DNSSEC` };
  }
  // RFC 7505 §3, RFC 2782: the root as the only target means "no such service". Beside others it is just a bad record.
  const usable = answer.records.filter((record) => record.data !== "" && record.data !== ".");
  if (usable.length === 0) return { kind: "notFound", why: "nullMx", message: "an MX or SRV record indicated no SMTP service" };
  const candidates = set.order(usable, options.random);
  const resolved = gather(candidates.map((candidate) => resolve(candidate, question, options)));
  return chain(resolved, (hosts) => select({ hosts, name: answer.name, secure: answer.secure }, question, options));
}

/** One host of the list, its addresses found and cleared of the ignored ones. */
interface Resolved {
  readonly candidate: Candidate;
  readonly state: "usable" | "noHost" | "allIgnored" | "ipInMx" | "defer" | "insecure";
  readonly addresses: readonly string[];
  readonly secure: boolean;
}

function resolve(candidate: Candidate, question: MxQuestion, options: FinderOptions): Maybe<Resolved> {
  const bare = { candidate, addresses: [], secure: false };
  if (isAddress(candidate.name) && options.allowMxToIp !== true) return { ...bare, state: "ipInMx" };
  return chain(addressesOf(candidate.name, question, options), (found) => {
    if (found.kind === "defer") return { ...bare, state: found.insecure === true ? "insecure" : "defer" };
    if (found.kind !== "found") return { ...bare, state: "noHost" };
    return chain(withoutIgnored(found.addresses, candidate.name, question), (addresses): Resolved =>
      addresses.length === 0
        ? { ...bare, state: "allIgnored" }
        : { candidate: { ...candidate, name: realName(candidate.name, found.name) }, state: "usable", addresses, secure: found.secure },
    );
  });
}

/** The host that an alias stands for is the host that mail goes to, and is named so. */
function realName(asked: string, found: string): string {
  return equalCaseless(asked, found) ? asked : found;
}

function addressesOf(name: string, question: MxQuestion, options: FinderOptions): Maybe<Addresses> {
  const wishes = { ...question, dnssec: wantsDnssec(question) };
  return selfEvident(name, wishes, options) ?? addressesByDns(name, wishes, options);
}

function withoutIgnored(addresses: readonly string[], name: string, question: MxQuestion): Maybe<readonly string[]> {
  const { ignore } = question;
  if (ignore === undefined) return addresses;
  return keep(addresses, (address) => chain(ignore(address, name), (yes) => !yes));
}

interface Choice {
  readonly hosts: readonly Resolved[];
  readonly name: string;
  readonly secure: boolean;
}

function select(choice: Choice, question: MxQuestion, options: FinderOptions): Maybe<HostsFound> {
  const usable = choice.hosts.filter((host) => host.state === "usable");
  if (usable.length === 0) return nothingUsable(choice);
  return chain(
    keep(usable, (host) => isLocalHost(host.candidate.name, host.addresses, options)),
    (local) => dropFromLocal({ ...choice, usable, local }, question),
  );
}

interface LocalCheck extends Choice {
  readonly usable: readonly Resolved[];
  readonly local: readonly Resolved[];
}

/**
 * The local host, its equals and everything behind it go, unless nobody is better (manual §"The dnslookup router", `self`).
 * A host that does not exist, or cannot be looked up now, holds its place.
 */
function dropFromLocal(check: LocalCheck, question: MxQuestion): HostsFound {
  const { usable, local, name, secure } = check;
  const limit = local.reduce((least, host) => Math.min(least, host.candidate.preference), Number.POSITIVE_INFINITY);
  if (local.length === 0) return question.secondaryOnly === true ? notSecondary() : found(usable, "no");
  const before = check.hosts.filter((host) => host.candidate.preference < limit);
  if (before.length === 0) {
    if (question.secondaryOnly === true) return notSecondary();
    const first = local.find((host) => host.candidate.preference === limit) as Resolved;
    return found([first, ...usable.filter((host) => host !== first)], "first");
  }
  const left = usable.filter((host) => host.candidate.preference < limit);
  return left.length === 0 ? nothingUsable({ ...check, hosts: before }) : found(left, "later");

  function found(hosts: readonly Resolved[], where: "no" | "first" | "later"): HostsFound {
    return { kind: "found", hosts: hosts.flatMap((host) => targets(host, secure)), name, local: where, secure };
  }
}

function notSecondary(): HostsFound {
  return { kind: "notFound", why: "noMx", message: "the local host is not a secondary MX of this domain" };
}

function targets(host: Resolved, secure: boolean): HostTarget[] {
  const { name, preference, port } = host.candidate;
  return host.addresses.map((address) => ({
    name,
    address,
    mx: preference,
    fromMx: true,
    secure: secure && host.secure,
    ...(port === undefined ? {} : { port }),
  }));
}

/** The gentlest reading wins: what could not be looked up may come, an address in an MX is the domain's own fault. */
function nothingUsable({ hosts, name }: Choice): HostsFound {
  const has = (state: Resolved["state"]) => hosts.some((host) => host.state === state);
  if (has("defer")) return { kind: "defer", message: "host lookup did not complete" };
  if (has("insecure")) return { kind: "defer", message: `the hosts of ${name} are not secured by DNSSEC` };
  const dead = "all relevant MX records point to non-existent hosts";
  if (has("ipInMx")) return { kind: "notFound", why: "ipInMx", message: `${dead} or (invalidly) to IP addresses` };
  return { kind: "notFound", why: "noHosts", message: dead };
}

/** No MX: the domain's own address records, as if its name were its only MX. RFC 5321 §5.1. */
function byAddress(question: MxQuestion, options: FinderOptions): Maybe<HostsFound> {
  if (!question.checkAddress) return { kind: "notFound", why: "noMx", message: `${question.domain} has no MX record` };
  if (question.secondaryOnly === true) return notSecondary();
  return chain(addressesOf(question.domain, question, options), (answer) => {
    if (answer.kind === "defer") return { kind: "defer", message: "host lookup did not complete" };
    if (answer.kind !== "found") return { kind: "notFound", why: answer.kind, message: `${question.domain} does not exist in the DNS` };
    return chain(withoutIgnored(answer.addresses, question.domain, question), (addresses) => {
      if (addresses.length === 0) return { kind: "notFound", why: "allIgnored", message: "all the hosts found are in ignore_target_hosts" };
      return chain(isLocalHost(question.domain, addresses, options), (local): HostsFound => ({
        kind: "found",
        hosts: addresses.map((address) => ({
          name: realName(question.domain, answer.name),
          address,
          fromMx: false,
          secure: answer.secure,
        })),
        name: answer.name,
        local: local ? "first" : "no",
        secure: answer.secure,
      }));
    });
  });
}
