/** An accepted address with all that delivery will want to know; `settle.ts` and `children.ts` add what is their own. */
import type { Text } from "@mailkit/sdk";
import type { CompiledRouter } from "./compile.ts";
import type { Extras } from "./extras.ts";
import { resultBase, retryKeyOf } from "./results.ts";
import type { RouteAccepted } from "./types.ts";
import { copyFacts } from "./visit.ts";
import type { Visit } from "./visit.ts";

// oxlint-disable-next-line max-params
export function accepted(
  router: CompiledRouter,
  visit: Visit,
  extras: Extras,
  transport: { readonly name: string; readonly where: "local" | "remote" } | undefined,
): RouteAccepted {
  const generic = router.generic;
  return {
    ...resultBase(router, visit),
    kind: "accepted",
    router: router.name,
    transport: transport?.name,
    where: transport?.where,
    hosts: [],
    fallbackHosts: generic.fallback_hosts,
    ...extras,
    home: homeOf(visit),
    homeTemplate: generic.transport_home_directory,
    cwdTemplate: generic.transport_current_directory,
    facts: copyFacts(visit.facts),
    originalLocalPart: visit.rawLocalPart,
    localPart: visit.facts.localPart,
    domain: visit.domain,
    dsnLasthop: generic.dsn_lasthop,
    logAsLocal: router.logAsLocal,
    generated: undefined,
    problem: undefined,
    noErrorMessage: false,
    oneTime: visit.request.inherited?.oneTime === true,
    retryKey: retryKeyOf(router, visit),
    sameDomainCopy: false,
    detail: undefined,
  };
}

/** The password file goes before `router_home_directory` here, the other way round than in the router (manual, same option). */
function homeOf(visit: Visit): Text | undefined {
  const account = visit.facts.account;
  return account === undefined ? visit.facts.home : { text: account.home, tainted: false };
}
