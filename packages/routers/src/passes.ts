/**
 * Routing of all recipients of a message, in Exim's order, which shows in logs, in the order of deliveries and in which
 * of two equal deliveries stays. Routing goes in passes: what the addresses of one pass became makes the next. Each pass
 * takes its addresses last first. Duplicates are found when everything is routed (manual §"Duplicate addresses").
 */
import { lower } from "@mailkit/sdk";
import { domainOf } from "@mailkit/message";
import type { RouterChain } from "./chain.ts";
import { copyOfDomain } from "./same-domain.ts";
import type { DeliveryRouting, RouteAccepted, RouteDeferred, RouteRedirected, RouteRequest, RouteResult } from "./types.ts";
import { keyOf } from "./visit.ts";

/** An address with what came of it; in the order in which that was decided. */
export interface Routed {
  readonly address: string;
  readonly key: string;
  /** What it came from; undefined for an address of the envelope. */
  readonly parent: Routed | undefined;
  /** Which of the requests it is, or came from; -1 for what the system filter made. */
  readonly origin: number;
  /** Undefined = it was delivered in an earlier attempt. */
  readonly result: Exclude<RouteResult, { kind: "copied" }> | undefined;
  /** Where its bounces go; undefined = the sender of the message. */
  readonly errorsTo: string | undefined;
  /** Nobody is told when it fails. */
  readonly noErrorMessage: boolean;
  /** Another address of this message has the same delivery. */
  duplicate: boolean;
  /** Those whose delivery this one is too, the one that was found last first. */
  readonly twins: Routed[];
}

/** Something that waits for its pass: an address, a delivery that needs no routing, or the rest of an `unseen` router. */
type Item = { readonly parent: Routed | undefined; readonly origin: number } & (
  | { readonly kind: "address"; readonly request: RouteRequest }
  | { readonly kind: "generated"; readonly result: RouteAccepted }
  | { readonly kind: "clone"; readonly address: string; readonly result: RouteResult }
);

interface Run {
  readonly self: RouterChain;
  readonly options: DeliveryRouting;
  readonly routed: Routed[];
  /** Pipes, files and replies, in the order in which they were met. */
  readonly generated: Set<Routed>;
  /** Of this pass; what `dnslookup` found for a domain (`same_domain_copy_routing`). */
  byDomain: Map<string, RouteAccepted>;
  next: Item[];
}

export async function routeInPasses(
  self: RouterChain,
  requests: readonly RouteRequest[],
  options: DeliveryRouting,
): Promise<readonly Routed[]> {
  const run: Run = { self, options, routed: [], generated: new Set(), byDomain: new Map(), next: [] };
  let items = [
    ...filteredItems(run, options.filtered),
    ...requests.map((request, origin): Item => ({ kind: "address", request, origin, parent: undefined })),
  ];
  while (items.length > 0) {
    run.next = [];
    run.byDomain = new Map();
    const taken: Item[] = [];
    for (const item of items) if (await takeIn(run, item)) taken.unshift(item);
    for (const item of taken) await routeItem(run, item);
    items = run.next;
  }
  markDuplicates(run);
  return run.routed;
}

function filteredItems(run: Run, filtered: RouteRedirected | undefined): Item[] {
  if (filtered === undefined) return [];
  const { address, key } = filtered;
  const parent: Routed = { address, key, parent: undefined, origin: -1, result: filtered, ...UNTOLD, twins: [] };
  run.routed.push(parent);
  return childrenOf(filtered, parent);
}

/** False: it is decided already. */
async function takeIn(run: Run, item: Item): Promise<boolean> {
  const key = keyOfItem(item);
  if (isDone(run, key)) {
    emit(run, item, { address: addressOf(item), key }, undefined);
    return false;
  }
  if (item.kind === "generated") {
    run.generated.add(emit(run, item, item.result, item.result));
    return false;
  }
  const reason = item.kind === "address" ? await run.options.admit?.(item.request) : undefined;
  if (reason === undefined) return true;
  const { request } = item as Extract<Item, { kind: "address" }>;
  const result = putOff(request, key, reason);
  emit(run, item, result, result);
  return false;
}

function isDone({ options }: Run, key: string): boolean {
  return options.done?.(key) === true;
}

async function routeItem(run: Run, item: Item): Promise<void> {
  if (item.kind === "generated") return;
  settleItem(run, item, item.kind === "clone" ? item.result : await routeRequest(run, item.request));
}

function routeRequest(run: Run, request: RouteRequest): RouteResult | Promise<RouteResult> {
  const key = request.key ?? keyOf(request.address, request.ancestors ?? []);
  return copyOfDomain(run.byDomain, request, key) ?? (run.self.route(request) as RouteResult | Promise<RouteResult>);
}

function settleItem(run: Run, item: Item, result: RouteResult): void {
  if (result.kind === "copied") {
    const self = emit(run, item, result.seen, isDone(run, result.seen.key) ? undefined : result.seen);
    const clone: Item = { kind: "clone", address: result.address, result: result.rest, parent: self, origin: item.origin };
    run.next.unshift(clone, ...(result.seen.kind === "redirected" ? childrenOf(result.seen, self) : []));
    return;
  }
  const self = emit(run, item, result, result);
  if (result.kind === "redirected") run.next.unshift(...childrenOf(result, self));
  else if (result.kind === "accepted" && result.sameDomainCopy) run.byDomain.set(lower(domainOf(result.address)), result);
}

/** In the order of the list: a pipe is met where it stands. */
function childrenOf(result: RouteRedirected, parent: Routed): Item[] {
  const { origin } = parent;
  const items: Item[] = [];
  let placed = 0;
  const place = (before: number): void => {
    for (; placed < result.generated.length && (result.generatedAt[placed] as number) <= before; placed++)
      items.push({ kind: "generated", result: result.generated[placed] as RouteAccepted, parent, origin });
  };
  for (const [index, request] of result.children.entries()) {
    place(index);
    items.push({ kind: "address", request, parent, origin });
  }
  place(result.children.length);
  return items;
}

const UNTOLD = { errorsTo: undefined, noErrorMessage: false, duplicate: false };

function emit(run: Run, item: Item, named: { readonly address: string; readonly key: string }, result: Routed["result"]): Routed {
  const { parent, origin } = item;
  const inherited = item.kind === "address" ? item.request.inherited : undefined;
  const accepted = result?.kind === "accepted" ? result : undefined;
  const errorsTo = accepted === undefined ? (item.kind === "address" ? inherited?.errorsTo : parent?.errorsTo) : accepted.errorsTo;
  const noErrorMessage = accepted?.noErrorMessage ?? inherited?.noErrorMessage === true;
  const routed: Routed = {
    address: named.address,
    key: named.key,
    parent,
    origin,
    result,
    errorsTo,
    noErrorMessage,
    duplicate: false,
    twins: [],
  };
  run.routed.push(routed);
  return routed;
}

function keyOfItem(item: Item): string {
  if (item.kind !== "address") return item.result.key;
  return item.request.key ?? keyOf(item.request.address, item.request.ancestors ?? []);
}

function addressOf(item: Item): string {
  return item.kind === "address" ? item.request.address : item.kind === "clone" ? item.address : item.result.address;
}

/**
 * Of equal deliveries the one that was routed last stays; local ones are looked at before remote ones. Pipes, files and
 * replies are not routed: of those the one that was met first stays.
 */
function markDuplicates({ routed, generated }: Run): void {
  const seen = new Map<string, Routed>();
  const mark = (item: Routed): void => {
    const kept = seen.get(item.key);
    if (kept === undefined) seen.set(item.key, item);
    else {
      item.duplicate = true;
      kept.twins.unshift(item);
    }
  };
  for (const item of generated) if (item.result?.kind === "accepted") mark(item);
  for (const local of [true, false]) {
    for (const item of routed.toReversed()) {
      if (generated.has(item) || item.result?.kind !== "accepted" || (item.result.where !== "remote") !== local) continue;
      mark(item);
    }
  }
}

function putOff(request: RouteRequest, key: string, message: string): RouteDeferred {
  return {
    kind: "deferred",
    address: request.address,
    key,
    router: undefined,
    notes: [],
    silent: false,
    steps: [],
    hidden: request.inherited?.hidden === true,
    seen: request.address,
    addressData: undefined,
    message,
    forUser: false,
    logMessage: undefined,
    freeze: false,
    // "retry time not reached" in Exim's logs.
    errno: -52,
    retryKey: `R:${request.address}`,
  };
}
