/** `same_domain_copy_routing` (manual §"Private options for dnslookup"): an address takes over the routing of another one of its domain. */
import { lower } from "@mailkit/sdk";
import { domainOf } from "@mailkit/message";
import type { RouteAccepted, RouteRequest } from "./types.ts";

export function copyOfDomain(byDomain: ReadonlyMap<string, RouteAccepted>, request: RouteRequest, key: string): RouteAccepted | undefined {
  if (byDomain.size === 0 || request.inherited?.headersAdd.length || request.inherited?.headersRemove.length) return undefined;
  const domain = domainOf(request.address);
  const source = byDomain.get(lower(domain));
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
