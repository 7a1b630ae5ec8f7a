/**
 * Hop 7: the open recipients of a message to addresses with transports. Routers do the work; here what they
 * found becomes what planning and the log speak of, and retry hints of routing hold back what is not due.
 */
import { splitAddress } from "@mailkit/sdk";
import type { Identity, Recipient, Scope, SyntaxReport } from "@mailkit/sdk";
import { NOTHING_INHERITED } from "@mailkit/routers";
import type { RouteAccepted, Routed, RouteRequest, RouteResult } from "@mailkit/routers";
import type { DeliveryDeps } from "./deps.ts";
import { HELD, IN_QUEUE_DOMAINS, putOff } from "./held-domains.ts";
import { admission, retryKeys } from "./retry.ts";
import type { FilteredMessage } from "./filter-message.ts";
import { SYSTEM_FILTER } from "./types.ts";
import type { AddressNode, DeliveryContext, RoutedAddress, RoutedMessage, RoutingEnd } from "./types.ts";

export async function routeRecipients(filtered: FilteredMessage, deps: DeliveryDeps): Promise<RoutedMessage> {
  const { context, scope, fate } = filtered;
  const open = context.envelope.recipients.filter((recipient) => !context.message.state.done.has(recipient.address));
  const { giveUp, cancelled } = context.options;
  if (giveUp !== undefined) {
    const nodeOf = (r: Recipient): AddressNode => (cancelled === true ? { ...topNode(r), quiet: true } : topNode(r));
    const ends = open.map((r): RoutingEnd => ({ kind: "failed", node: nodeOf(r), message: giveUp, userMessage: undefined }));
    return { deliveries: [], ends, routed: [], reports: [] };
  }
  const routable = fate.kind === "route" ? open : [];
  const requests = routable.map((recipient): RouteRequest => ({
    address: recipient.address,
    purpose: "deliver",
    sender: context.envelope.sender,
    scope,
    ...inheritedOf(recipient),
  }));
  const all = await deps.route(requests, {
    ...(filtered.recipients === undefined ? {} : { filtered: filtered.recipients }),
    done: (key) => context.message.state.done.has(key),
    admit: async (request) => (await putOff(request.address, { context, scope }, deps)) ?? admit(request, context, deps),
  });
  const routed = await collect(all, open, { context, scope, deps });
  return { ...routed, ends: [...open.flatMap((recipient) => filteredEnd(recipient, fate)), ...routed.ends] };
}

/** Recipients that the system filter took out; its line in the log stands for all of them. */
function filteredEnd(recipient: Recipient, fate: FilteredMessage["fate"]): RoutingEnd[] {
  const node = { ...topNode(recipient), quiet: true };
  switch (fate.kind) {
    case "route":
      return [];
    case "ignore":
      return [{ kind: "same", node, done: true }];
    case "fail":
      return [{ kind: "failed", node, message: fate.text, userMessage: fate.text }];
    case "defer":
    case "freeze":
      return [{ kind: "deferred", node, message: fate.text, userMessage: fate.text, freeze: false, errno: undefined, retryKey: undefined }];
    default:
      return fate satisfies never;
  }
}

/** `one_time` children carry what their router would have given them. */
function inheritedOf(recipient: Recipient): Pick<RouteRequest, "inherited"> {
  if (recipient.errorsTo === undefined) return {};
  return { inherited: { ...NOTHING_INHERITED, errorsTo: recipient.errorsTo } };
}

const NOT_REACHED = "retry time not reached";

/** Put off before a router saw the address: the error in the log. */
const NOT_NOW: ReadonlyMap<string, number> = new Map([
  [NOT_REACHED, -52],
  [IN_QUEUE_DOMAINS, -56],
  [HELD, -23],
]);

/** Routing of an address that failed lately waits, in queue runs that are not forced. */
function admit(request: RouteRequest, context: DeliveryContext, deps: DeliveryDeps): string | undefined {
  const { cause, force } = context.options;
  if (cause !== "queueRun" || force) return undefined;
  const keys = [request.address, splitAddress(request.address).domain].map((key) => retryKeys.routing(key));
  const waits = keys.some((key) => admission(deps.hints.get("retry", key), context.now, deps.settings.retryDataExpire) === "not yet");
  const sender = deps.hints.get("retry", retryKeys.recipient(request.address, context.envelope.sender));
  return waits || admission(sender as never, context.now, deps.settings.retryDataExpire) === "not yet" ? NOT_REACHED : undefined;
}

function topNode(recipient: Recipient): AddressNode {
  return {
    display: recipient.address,
    key: recipient.address,
    parent: undefined,
    router: "",
    errorsTo: recipient.errorsTo,
    ...(recipient.dsn === undefined ? {} : { dsn: recipient.dsn }),
    ...(recipient.parent === undefined ? {} : { oneTimeParent: recipient.parent }),
  };
}

interface Around {
  readonly context: DeliveryContext;
  readonly scope: Scope;
  readonly deps: DeliveryDeps;
}

/** What was routed, in its order, to what planning and the log speak of; the last one routed is delivered first. */
async function collect(all: readonly Routed[], open: readonly Recipient[], around: Around): Promise<RoutedMessage> {
  const { deps } = around;
  const nodes = new Map<Routed, AddressNode>();
  const deliveries: RoutedAddress[] = [];
  const ends: RoutingEnd[] = [];
  const routed: string[] = [];
  const reports: SyntaxReport[] = [];
  for (const item of all) {
    const node = nodeOf(item, open[item.origin] ?? FILTER, nodes);
    nodes.set(item, node);
    const { result } = item;
    if (result === undefined || item.duplicate) {
      ends.push({ kind: "same", node, done: result === undefined });
      continue;
    }
    writeNotes(result, around.context, deps);
    for (const { report } of result.notes) if (report !== undefined) reports.push(report);
    if (result.kind === "redirected") continue;
    if (result.kind !== "accepted") {
      ends.push(endOf(result, node));
      continue;
    }
    if (deps.hints.get("retry", result.retryKey) !== undefined) routed.push(result.retryKey);
    if (result.problem === undefined) {
      const address = await routedAddress(result, node, deps.addressScope(result.facts, around.scope));
      const alsoFor = item.twins.map((twin) => (open[twin.origin] ?? FILTER).address);
      deliveries.unshift(alsoFor.length === 0 ? address : { ...address, alsoFor });
    } else ends.push(problemEnd(result.problem, result, node));
  }
  return { deliveries, ends, routed, reports };
}

/** Stands where a recipient would. */
const FILTER: Recipient = { address: SYSTEM_FILTER };

function nodeOf(item: Routed, recipient: Recipient, nodes: ReadonlyMap<Routed, AddressNode>): AddressNode {
  const { result } = item;
  const parent = item.parent === undefined ? undefined : nodes.get(item.parent);
  const base = parent === undefined ? topNode(recipient) : { ...topNode(recipient), parent, oneTimeParent: undefined };
  const generated = result?.kind === "accepted" ? result.generated : undefined;
  const redirected = item.parent?.result?.kind === "redirected" ? item.parent.result : undefined;
  return {
    ...base,
    display: item.address,
    key: parent === undefined && result?.kind !== "accepted" ? base.key : item.key,
    router: result?.router ?? "",
    errorsTo: item.errorsTo ?? parent?.errorsTo ?? recipient.errorsTo,
    ...(result?.silent === true ? { quiet: true } : {}),
    ...(generated === undefined ? seenAs(result) : { special: generated.kind }),
    ...(result?.kind === "accepted" && result.logAsLocal && result.where === "local" ? { logAsLocal: true } : {}),
    ...(item.noErrorMessage ? { noError: true } : {}),
    ...(redirected?.oneTime === true ? { oneTime: true } : {}),
  };
}

function seenAs(result: Routed["result"]): { readonly seen?: string } {
  if (result?.kind === "accepted") return { seen: `${result.localPart}@${result.facts.domain}` };
  return result?.kind === "failed" || result?.kind === "deferred" ? { seen: result.seen } : {};
}

function problemEnd(problem: NonNullable<RouteAccepted["problem"]>, result: RouteAccepted, node: AddressNode): RoutingEnd {
  const base = { node, message: problem.message, userMessage: undefined };
  if (problem.kind === "failed") return { kind: "failed", ...base };
  if (result.router !== "") return { kind: "deferred", ...base, freeze: false, errno: -30, retryKey: result.retryKey };
  return { kind: "deferred", ...base, freeze: false, errno: -1, retryKey: undefined, early: true, panic: true };
}

function endOf(result: Exclude<RouteResult, { kind: "accepted" | "redirected" | "copied" }>, node: AddressNode): RoutingEnd {
  switch (result.kind) {
    case "failed":
      return { kind: "failed", node, message: result.logMessage ?? result.message, userMessage: result.message, hidden: result.hidden };
    case "deferred": {
      const errno = result.router === undefined ? NOT_NOW.get(result.message) : undefined;
      const early = errno !== undefined;
      return {
        kind: "deferred",
        node,
        message: result.logMessage ?? result.message,
        userMessage: result.message,
        freeze: result.freeze,
        hidden: result.hidden,
        errno: errno ?? result.errno,
        retryKey: early ? undefined : result.retryKey,
        // Of what is held Exim does not say "routing".
        early: early && result.message !== HELD,
      };
    }
    case "discarded":
      return { kind: "discarded", node, shown: result.reason };
  }
}

function writeNotes(result: RouteResult, context: DeliveryContext, deps: DeliveryDeps): void {
  for (const notes of result.notes) {
    for (const line of notes.log ?? []) deps.log.main(context.envelope.id, line);
    for (const line of notes.panic ?? []) deps.log.panic(context.envelope.id, line);
  }
}

async function routedAddress(result: RouteAccepted, node: AddressNode, scope: Scope): Promise<RoutedAddress> {
  const { identity } = result;
  return {
    ...node,
    transport: result.transport ?? "",
    hosts: result.hosts,
    fallbackHosts: result.fallbackHosts,
    identity: identityOf(identity),
    home: await expandedPath(result.homeTemplate, scope, result.home?.text),
    cwd: await expandedPath(result.cwdTemplate, scope, undefined),
    headersAdd: result.headersAdd,
    headersRemove: result.headersRemove,
    generated: result.generated,
    facts: result.facts,
    address: result.address,
    retryKey: result.retryKey,
    dsnLastHop: result.dsnLasthop,
  };
}

function identityOf(identity: RouteAccepted["identity"]): Identity | undefined {
  if (identity.uid === undefined || identity.gid === undefined) return undefined;
  return {
    uid: identity.uid,
    gid: identity.gid,
    ...(identity.initgroups && identity.login !== undefined ? { initgroups: identity.login } : {}),
  };
}

async function expandedPath(
  template: RouteAccepted["homeTemplate"],
  scope: Scope,
  fallback: string | undefined,
): Promise<string | undefined> {
  if (template === undefined) return fallback;
  const value = await template.evaluate(scope);
  return value.kind === "value" ? value.text : fallback;
}
