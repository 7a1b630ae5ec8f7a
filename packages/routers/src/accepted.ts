/** An accepted address with all that delivery will want to know; `settle.ts` and `children.ts` add what is their own. */
import type { AddressFacts, HostTarget, Text } from "@mailkit/sdk";
import type { CompiledRouter } from "./compile.ts";
import type { Extras } from "./extras.ts";
import { retryKeyOf } from "./results.ts";
import type { RouteAccepted } from "./types.ts";
import type { Visit } from "./visit.ts";

export interface AcceptedParts {
  readonly extras: Extras;
  readonly transport: { readonly name: string; readonly where: "local" | "remote" } | undefined;
  readonly hosts: readonly HostTarget[];
  /** The visit's own when no other router will see the address. */
  readonly facts: AddressFacts;
  readonly sameDomainCopy: boolean;
  readonly detail: string | undefined;
}

/** Written out field by field: this is made for every delivery of every message. */
export function accepted(router: CompiledRouter, visit: Visit, parts: AcceptedParts): RouteAccepted {
  const { generic, name } = router;
  const { extras, transport, facts } = parts;
  const inherited = visit.request.inherited;
  return {
    kind: "accepted",
    address: visit.request.address,
    key: visit.key,
    router: name,
    notes: visit.notes,
    silent: generic.disable_logging,
    steps: visit.steps,
    hidden: inherited?.hidden === true,
    transport: transport?.name,
    where: transport?.where,
    hosts: parts.hosts,
    fallbackHosts: generic.fallback_hosts,
    errorsTo: extras.errorsTo,
    headersAdd: extras.headersAdd,
    headersRemove: extras.headersRemove,
    identity: extras.identity,
    home: homeOf(visit),
    homeTemplate: generic.transport_home_directory,
    cwdTemplate: generic.transport_current_directory,
    facts,
    originalLocalPart: visit.rawLocalPart,
    localPart: facts.localPart,
    domain: visit.domain,
    dsnLasthop: generic.dsn_lasthop,
    logAsLocal: router.logAsLocal,
    generated: undefined,
    problem: undefined,
    noErrorMessage: inherited?.noErrorMessage === true,
    oneTime: inherited?.oneTime === true,
    retryKey: retryKeyOf(router, visit),
    sameDomainCopy: parts.sameDomainCopy,
    detail: parts.detail,
  };
}

/** The password file goes before `router_home_directory` here, the other way round than in the router (manual, same option). */
function homeOf(visit: Visit): Text | undefined {
  const account = visit.facts.account;
  return account === undefined ? visit.facts.home : { text: account.home, tainted: false };
}
