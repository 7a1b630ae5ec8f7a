/** What all results have in common, and the one that any step can end in: deferral. */
import { joinAddress } from "@mailkit/sdk";
import type { CompiledRouter } from "./compile.ts";
import type { RouteDeferred, RouteFailed } from "./types.ts";
import type { Visit } from "./visit.ts";

export function resultBase(router: CompiledRouter | undefined, visit: Visit) {
  return {
    address: visit.request.address,
    key: visit.key,
    router: router?.name,
    notes: visit.notes,
    silent: router?.generic.disable_logging === true,
    steps: visit.steps,
    hidden: visit.request.inherited?.hidden === true,
  };
}

export function deferred(router: CompiledRouter | undefined, visit: Visit, message: string): RouteDeferred {
  return {
    ...resultBase(router, visit),
    kind: "deferred",
    seen: seenAs(router, visit),
    addressData: visit.facts.addressData,
    message,
    forUser: false,
    logMessage: undefined,
    freeze: false,
    errno: -1,
    retryKey: retryKeyOf(router, visit),
  };
}

/** Key of the routing retry hint: by address or by domain (`retry_use_local_part`). */
export function retryKeyOf(router: CompiledRouter | undefined, visit: Visit): string {
  const whole = router === undefined || router.retryUseLocalPart;
  return whole ? `R:${joinAddress({ localPart: visit.rawLocalPart, domain: visit.loweredDomain })}` : `R:${visit.loweredDomain}`;
}

/** Where the routers ran out, the affixes of the last one are on again. */
function seenAs(router: CompiledRouter | undefined, visit: Visit): string {
  return `${router === undefined ? visit.loweredLocalPart : visit.facts.localPart}@${visit.loweredDomain}`;
}

export function isVerify(visit: Visit): boolean {
  return visit.request.purpose === "verifyRecipient" || visit.request.purpose === "verifySender";
}

export function failed(
  router: CompiledRouter | undefined,
  visit: Visit,
  about: { readonly message: string; readonly forUser?: boolean; readonly logMessage?: string },
): RouteFailed {
  return {
    ...resultBase(router, visit),
    kind: "failed",
    seen: seenAs(router, visit),
    addressData: visit.facts.addressData,
    message: about.message,
    forUser: about.forUser === true,
    logMessage: about.logMessage,
  };
}
