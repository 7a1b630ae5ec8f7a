/**
 * One address and all that it becomes, as a test of addresses shows it: depth first, children in the order of the list,
 * the clone of `unseen` before the children of the copy. Deliveries route by `passes.ts`.
 */
import { chain, mapInOrder } from "@mailkit/sdk";
import type { Maybe } from "@mailkit/sdk";
import type { RouterChain } from "./chain.ts";
import type { RouteAccepted, RouteNode, RouteRedirected, RouteRequest, RouteResult } from "./types.ts";
import { keyOf } from "./visit.ts";

export function routeAll(self: RouterChain, requests: readonly RouteRequest[]): Maybe<readonly RouteNode[]> {
  return mapInOrder(requests, (request) =>
    routeNode(
      self,
      request,
      (request.ancestors ?? []).map((ancestor) => ancestor.address),
    ),
  );
}

const NO_NODES: readonly RouteNode[] = [];

/** The ancestors of a node count the copies of `unseen`; those of a request are what loops are found by. */
function routeNode(self: RouterChain, request: RouteRequest, ancestors: readonly string[]): Maybe<RouteNode> {
  const key = request.key ?? keyOf(request.address, request.ancestors ?? []);
  const bare = { address: request.address, ancestors, key, children: NO_NODES };
  return chain(self.route(request), (result) => grow(self, { ...bare, result }));
}

function grow(self: RouterChain, node: RouteNode): Maybe<RouteNode> {
  const { result } = node;
  if (result.kind === "redirected") return chain(childNodes(self, node, result), (children) => ({ ...node, children }));
  if (result.kind !== "copied") return node;
  const inner = (own: RouteResult): Maybe<RouteNode> =>
    grow(self, { address: own.address, ancestors: [node.address, ...node.ancestors], key: own.key, children: NO_NODES, result: own });
  // A redirection's children come after the clone; an accepted copy stands before it.
  if (result.seen.kind === "accepted") {
    return chain(inner(result.seen), (copy) => chain(inner(result.rest), (clone) => ({ ...node, children: [copy, clone] })));
  }
  return chain(inner(result.rest), (clone) => chain(inner(result.seen), (copy) => ({ ...node, children: [clone, copy] })));
}

/** In the order of the list: a pipe is met where it stands. */
function childNodes(self: RouterChain, parent: RouteNode, result: RouteRedirected): Maybe<RouteNode[]> {
  const ancestors = [parent.address, ...parent.ancestors];
  const nodes: RouteNode[] = [];
  let placed = 0;
  const placeGenerated = (before: number): void => {
    for (; placed < result.generated.length && (result.generatedAt[placed] as number) <= before; placed++) {
      const child = result.generated[placed] as RouteAccepted;
      nodes.push({ address: child.address, ancestors, key: child.key, children: NO_NODES, result: child });
    }
  };
  const routed = mapInOrder(result.children, (child, index) => {
    placeGenerated(index);
    return chain(routeNode(self, child, ancestors), (node) => nodes.push(node));
  });
  return chain(routed, () => {
    placeGenerated(result.children.length);
    return nodes;
  });
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
  for (const { result } of walkTree(nodes)) if (result.kind === "accepted") deliveries.push(result);
  return deliveries;
}
