/**
 * The children of a redirection: addresses become requests that inherit from their parent; pipes, files and replies are
 * deliveries of the parent and are accepted as they stand (manual §"Special items in redirection lists").
 */
import type { ChildAddress, Generated, Maybe, RouterOutcome } from "@mailkit/sdk";
import { extractAddresses } from "@mailkit/message";
import type { CompiledRouter } from "./compile.ts";
import type { Extras } from "./extras.ts";
import { accepted } from "./accepted.ts";
import type { Ancestor, Inherited, RouteAccepted, RouteRequest } from "./types.ts";
import { copyFacts } from "./visit.ts";
import type { Visit } from "./visit.ts";

type ReroutedOutcome = Extract<RouterOutcome, { kind: "rerouted" }>;

interface ChildOf {
  readonly extras: Extras;
  readonly child?: ChildAddress;
  readonly outcome?: ReroutedOutcome;
}

interface RewrittenChild {
  readonly child: Extract<ChildAddress, { kind: "address" }>;
  readonly outcome: ReroutedOutcome;
}

export function rewriteChild(router: CompiledRouter, visit: Visit, { child, outcome }: RewrittenChild): Maybe<string> {
  const { address } = child;
  const rewrite = router.host.rewriteChild;
  return rewrite === undefined || outcome.noRewrite === true ? address : rewrite(address, visit.request.scope);
}

export function childRequest(router: CompiledRouter, visit: Visit, made: ChildOf & { readonly address: string }): RouteRequest {
  const { extras, child, outcome, address } = made;
  const extra = child?.extra;
  const own: Ancestor = {
    address: visit.request.address,
    router: router.name,
    localPart: visit.facts.localPart,
    domain: visit.loweredDomain,
  };
  const variables = new Map(visit.facts.variables);
  for (const [name, text] of Object.entries(extra?.variables ?? {})) variables.set(name, text);
  const before = visit.request.inherited;
  const inherited: Inherited = {
    errorsTo: extra?.errorsTo ?? extras.errorsTo,
    headersAdd: extra?.headersAdd === undefined ? extras.headersAdd : [...extras.headersAdd, ...extra.headersAdd],
    headersRemove: extra?.headersRemove === undefined ? extras.headersRemove : [...extras.headersRemove, ...extra.headersRemove],
    addressData: visit.facts.addressData,
    variables,
    selfHostname: visit.facts.selfHostname,
    oneTime: before?.oneTime === true || outcome?.oneTime === true,
    hidden: before?.hidden === true || outcome?.hideChild === true,
    ...(before?.noErrorMessage === true || extra?.noErrorMessage === true ? { noErrorMessage: true } : {}),
  };
  const { sender, scope, purpose, explain, debugPrint } = visit.request;
  return {
    address,
    purpose,
    sender,
    scope,
    ancestors: [own, ...visit.ancestors],
    startAt: outcome === undefined ? 0 : router.redirectTo,
    inherited,
    ...(explain === undefined ? {} : { explain }),
    ...(debugPrint === undefined ? {} : { debugPrint }),
  };
}

/** A pipe, file or reply is a delivery of the parent: it is not routed. */
export function generate(router: CompiledRouter, visit: Visit, made: Required<ChildOf>): RouteAccepted {
  const { extras, child, outcome } = made;
  const extra = child.extra;
  const text = textOfChild(child);
  const known = extra?.transport === undefined ? undefined : router.host.transportWhere(extra.transport);
  const facts = copyFacts(visit.facts);
  const transport = known === undefined ? undefined : { name: extra?.transport as string, where: known };
  const result = accepted(router, visit, { extras, transport, hosts: [], facts, sameDomainCopy: false, detail: undefined });
  facts.transportName = result.transport ?? "";
  facts.parentLocalPart = visit.facts.localPart;
  facts.parentDomain = visit.loweredDomain;
  if (child.kind === "pipe") facts.extra.set("address_pipe", { text: `|${child.command}`, tainted: false });
  if (child.kind === "file" || child.kind === "directory") facts.extra.set("address_file", { text: child.path, tainted: false });
  for (const [name, value] of Object.entries(extra?.variables ?? {})) facts.variables.set(name, value);
  return {
    ...result,
    address: text,
    key: `${text}:${plainKey(visit.key)}`,
    generated: generatedOf(child),
    problem: problemOf(router, child, known),
    errorsTo: extra?.errorsTo ?? result.errorsTo,
    noErrorMessage: result.noErrorMessage || extra?.noErrorMessage === true,
    oneTime: result.oneTime || outcome.oneTime === true,
    hidden: result.hidden || outcome.hideChild === true,
    headersAdd: [...result.headersAdd, ...(extra?.headersAdd ?? [])],
    headersRemove: [...result.headersRemove, ...(extra?.headersRemove ?? [])],
  };
}

/** A parent that came from one of its own name counts as that one: what was delivered for it is not delivered again. */
function plainKey(key: string): string {
  return key.replace(/^(?:\\\d+\\)+/, "");
}

/** How a generated delivery is named in logs: `|command`, `/path`, `>someone@x` (manual §"Logging message delivery"). */
function textOfChild(child: ChildAddress): string {
  switch (child.kind) {
    case "pipe":
      return `|${child.command}`;
    case "file":
    case "directory":
      return child.path;
    case "reply":
      return replyName(child.reply.to ?? "");
    case "address":
      return child.address;
  }
}

/** `>one@x,two@x`: addresses alone (manual §"Logging message delivery"). */
export function replyName(to: string): string {
  const { addresses } = extractAddresses(to);
  return `>${addresses.length === 0 ? to : addresses.join(",")}`;
}

function generatedOf(child: ChildAddress): Generated | undefined {
  const extra = child.extra;
  switch (child.kind) {
    case "pipe":
      return { kind: "pipe", command: child.command, ...(extra?.expand === undefined ? {} : { expand: extra.expand }) };
    case "file":
      return { kind: "file", path: child.path, ...(extra?.mode === undefined ? {} : { mode: extra.mode }) };
    case "directory":
      return { kind: "directory", path: child.path };
    case "reply":
      return { kind: "reply", reply: child.reply };
    case "address":
      return undefined;
  }
}

function problemOf(router: CompiledRouter, child: ChildAddress, where: string | undefined): RouteAccepted["problem"] {
  const extra = child.extra;
  const kind = child.kind === "reply" ? "autoreply" : child.kind === "pipe" ? "pipe" : "file";
  if (extra?.forbidden === true) return { kind: "failed", message: `delivery to ${kind} forbidden` };
  if (extra?.error !== undefined) return { kind: "deferred", message: extra.error };
  if (where !== undefined) return undefined;
  if (extra?.transport === undefined)
    return { kind: "deferred", message: `no transport for ${textOfChild(child)} in ${router.name} router` };
  return { kind: "deferred", message: `transport "${extra.transport}" not found in ${router.name} router` };
}
