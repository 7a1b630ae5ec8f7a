/**
 * From a driver's outcome to a result: what the generic options add when a router has taken an address (manual chapter
 * "Generic options for routers"). The order of expansion is fixed: errors_to, headers_add, headers_remove, transport.
 */
import { chain, mapInOrder } from "@mailkit/sdk";
import type { HostTarget, Maybe, RouterOutcome, TransportChoice } from "@mailkit/sdk";
import { domainOf } from "@mailkit/message";
import { accepted } from "./accepted.ts";
import { childRequest, generate, rewriteChild } from "./children.ts";
import type { CompiledRouter } from "./compile.ts";
import { withExtras } from "./extras.ts";
import type { Extras } from "./extras.ts";
import { deferred, resultBase } from "./results.ts";
import type { RouteAccepted, RouteDeferred, RouteRedirected, RouteRequest } from "./types.ts";
import { copyFacts } from "./visit.ts";
import type { Visit } from "./visit.ts";

type OkOutcome = Extract<RouterOutcome, { kind: "ok" }>;
type ReroutedOutcome = Extract<RouterOutcome, { kind: "rerouted" }>;

export function settleAccepted(router: CompiledRouter, visit: Visit, outcome: OkOutcome): Maybe<RouteAccepted | RouteDeferred> {
  if (outcome.addressData !== undefined) visit.facts.addressData = outcome.addressData;
  return withExtras(router, visit, (extras) =>
    chain(chooseTransport(router, visit, outcome.transport), (choice) => {
      if (choice.kind === "error") return deferred(router, visit, choice.message);
      const named = choice.kind === "transport" ? choice : undefined;
      visit.facts.transportName = named?.name ?? "";
      return accepted(router, visit, {
        extras,
        transport: named,
        hosts: outcome.hosts ?? NO_HOSTS,
        facts: router.mayGoOn ? copyFacts(visit.facts) : visit.facts,
        sameDomainCopy: outcome.sameDomainCopy === true && extras.headersAdd.length === 0 && extras.headersRemove.length === 0,
        detail: outcome.detail,
      });
    }),
  );
}

const NO_HOSTS: readonly HostTarget[] = [];

export function settleRedirected(router: CompiledRouter, visit: Visit, outcome: ReroutedOutcome): Maybe<RouteRedirected | RouteDeferred> {
  return withExtras(router, visit, (extras) => {
    const base: Omit<RouteRedirected, "children" | "generated" | "generatedAt"> = {
      ...resultBase(router, visit),
      kind: "redirected",
      router: router.name,
      oneTime: outcome.oneTime === true,
      headersRewrite: undefined,
      detail: outcome.detail,
    };
    const children: RouteRequest[] = [];
    const generated: RouteAccepted[] = [];
    const generatedAt: number[] = [];
    const placed = mapInOrder(outcome.children, (child) => {
      if (child.kind !== "address") {
        generatedAt.push(children.length);
        generated.push(generate(router, visit, { extras, child, outcome }));
        return undefined;
      }
      return chain(rewriteChild(router, visit, { child, outcome }), (address) => {
        children.push(childRequest(router, visit, { extras, child, outcome, address }));
      });
    });
    return chain(placed, () => ({ ...base, children, generated, generatedAt }));
  });
}

/** `self = reroute` and lengthened domains: one child, routed anew. */
export function settleRewritten(
  router: CompiledRouter,
  visit: Visit,
  outcome: Extract<RouterOutcome, { kind: "rewrite" }>,
): RouteRedirected {
  const extras: Extras = {
    errorsTo: visit.errorsTo,
    headersAdd: visit.headersAdd,
    headersRemove: visit.headersRemove,
    identity: { initgroups: false },
  };
  const child = childRequest(router, visit, { extras, address: outcome.address });
  return {
    ...resultBase(router, visit),
    kind: "redirected",
    router: router.name,
    children: [child],
    generated: [],
    generatedAt: [],
    oneTime: false,
    headersRewrite: outcome.rewriteHeaders === true ? { from: visit.domain, to: domainOf(outcome.address) } : undefined,
    detail: outcome.reason,
  };
}

function chooseTransport(router: CompiledRouter, visit: Visit, named: string | undefined): Maybe<TransportChoice> {
  if (named === undefined) return router.ownTransport(visit);
  const where = router.host.transportWhere(named);
  return where === undefined
    ? { kind: "error", message: `transport "${named}" not found in ${router.name} router` }
    : { kind: "transport", name: named, where };
}
