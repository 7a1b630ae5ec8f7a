/**
 * Addresses and all that they become, in Exim's order: depth first, children in the order of the list, the clone of
 * `unseen` before the children of the copy. With `dedupe`, what was met before is left out (manual §"Duplicate
 * addresses"); with `sameDomainCopy`, waiting addresses of the same domain take over a routing.
 */
import { chain, lower, mapInOrder } from "@mailkit/sdk";
import type { Maybe } from "@mailkit/sdk";
import { domainOf } from "@mailkit/message";
import type { RouterChain } from "./chain.ts";
import type { RouteAccepted, RouteAllOptions, RouteDeferred, RouteNode, RouteRedirected, RouteRequest, RouteResult } from "./types.ts";
import { keyOf } from "./visit.ts";

interface Run {
  readonly self: RouterChain;
  readonly options: RouteAllOptions;
  readonly seen: Set<string>;
  readonly byDomain: Map<string, RouteAccepted>;
}

export function routeAll(self: RouterChain, requests: readonly RouteRequest[], options: RouteAllOptions): Maybe<readonly RouteNode[]> {
  const run: Run = { self, options, seen: new Set(), byDomain: new Map() };
  return mapInOrder(requests, (request) =>
    routeNode(
      run,
      request,
      (request.ancestors ?? []).map((ancestor) => ancestor.address),
    ),
  );
}

/** The ancestors of a node count the copies of `unseen`; those of a request are what loops are found by. */
function routeNode(run: Run, request: RouteRequest, ancestors: readonly string[]): Maybe<RouteNode> {
  const key = request.key ?? keyOf(request.address, request.ancestors ?? []);
  const bare = { address: request.address, ancestors, key, children: NO_NODES };
  const skipped = known(run, key);
  if (skipped !== undefined) return { ...bare, result: undefined, skipped };
  const copy = copyOfDomain(run, request, key);
  if (copy !== undefined) return { ...bare, result: copy };
  return chain(run.options.admit?.(request), (reason) => {
    if (reason !== undefined) return { ...bare, result: putOff(request, key, reason) };
    return chain(run.self.route(request), (result) => grow(run, { ...bare, result }));
  });
}

const NO_NODES: readonly RouteNode[] = [];

function known(run: Run, key: string): RouteNode["skipped"] {
  if (run.options.done?.(key) === true) return "done";
  if (run.options.dedupe !== true) return undefined;
  if (run.seen.has(key)) return "duplicate";
  run.seen.add(key);
  return undefined;
}

function grow(run: Run, node: RouteNode & { readonly result: RouteResult }): Maybe<RouteNode> {
  const { result } = node;
  switch (result.kind) {
    case "redirected":
      return chain(childNodes(run, node, result), (children) => ({ ...node, children }));
    case "copied": {
      const inner = (own: RouteResult) => {
        const skipped = known(run, own.key);
        const bare = { address: own.address, ancestors: [node.address, ...node.ancestors], key: own.key, children: NO_NODES };
        return skipped === undefined ? grow(run, { ...bare, result: own }) : { ...bare, result: undefined, skipped };
      };
      // A redirection's children come after the clone; an accepted copy stands before it.
      if (result.seen.kind === "accepted") {
        return chain(inner(result.seen), (copy) => chain(inner(result.rest), (clone) => ({ ...node, children: [copy, clone] })));
      }
      return chain(inner(result.rest), (clone) => chain(inner(result.seen), (copy) => ({ ...node, children: [clone, copy] })));
    }
    case "accepted":
      if (result.sameDomainCopy) run.byDomain.set(lower(result.domain), result);
      return node;
    default:
      return node;
  }
}

/** In the order of the list: a pipe is met where it stands. */
function childNodes(run: Run, parent: RouteNode, result: RouteRedirected): Maybe<RouteNode[]> {
  const ancestors = [parent.address, ...parent.ancestors];
  const nodes: RouteNode[] = [];
  let placed = 0;
  const placeGenerated = (before: number): void => {
    for (; placed < result.generated.length && (result.generatedAt[placed] as number) <= before; placed++) {
      nodes.push(generatedNode(run, ancestors, result.generated[placed] as RouteAccepted));
    }
  };
  const routed = mapInOrder(result.children, (child, index) => {
    placeGenerated(index);
    return chain(routeNode(run, child, ancestors), (node) => nodes.push(node));
  });
  return chain(routed, () => {
    placeGenerated(result.children.length);
    return nodes;
  });
}

function generatedNode(run: Run, ancestors: readonly string[], child: RouteAccepted): RouteNode {
  const skipped = known(run, child.key);
  const bare = { address: child.address, ancestors, key: child.key, children: NO_NODES };
  return skipped === undefined ? { ...bare, result: child } : { ...bare, result: undefined, skipped };
}

function copyOfDomain(run: Run, request: RouteRequest, key: string): RouteAccepted | undefined {
  if (run.byDomain.size === 0 || request.inherited?.headersAdd.length || request.inherited?.headersRemove.length) return undefined;
  const domain = domainOf(request.address);
  const source = run.byDomain.get(lower(domain));
  if (source === undefined) return undefined;
  const localPart = request.address.slice(0, request.address.length - domain.length - 1);
  return {
    ...source,
    address: request.address,
    key,
    originalLocalPart: localPart,
    localPart,
    domain,
    notes: [],
    steps: [],
    errorsTo: request.inherited?.errorsTo ?? source.errorsTo,
    facts: { ...source.facts, localPart: lower(localPart), localPartData: undefined },
  };
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
    message,
    forUser: false,
    logMessage: undefined,
    freeze: false,
    // "retry time not reached" in Exim's logs.
    errno: -52,
    retryKey: `R:${request.address}`,
  };
}

/** All nodes in the order in which they were routed. */
export function* walkTree(nodes: readonly RouteNode[]): Generator<RouteNode> {
  for (const node of nodes) {
    yield node;
    yield* walkTree(node.children);
  }
}

/** What is to be delivered, in the order in which it was routed; what has a `problem` is in it. */
export function deliveriesOf(nodes: readonly RouteNode[]): RouteAccepted[] {
  const deliveries: RouteAccepted[] = [];
  for (const { result } of walkTree(nodes)) if (result?.kind === "accepted") deliveries.push(result);
  return deliveries;
}
