/**
 * The chain: an address is offered to each router in turn until one takes it (manual §"Running an individual router").
 * Runs synchronously as long as nothing waits. Policy is in the results; nothing here throws for an address.
 */
import { chain, isPromise } from "@mailkit/sdk";
import type { Maybe, RouterOutcome } from "@mailkit/sdk";
import type { RouterInstance } from "@mailkit/config";
import { compileRouter } from "./compile.ts";
import type { CompiledRouter } from "./compile.ts";
import { declined, flag, unrouteable } from "./decline.ts";
import { explained, note } from "./explain.ts";
import { routeInPasses } from "./passes.ts";
import type { Routed } from "./passes.ts";
import { deferred, failed, resultBase } from "./results.ts";
import { applySelf } from "./self.ts";
import { settleAccepted, settleRedirected, settleRewritten } from "./settle.ts";
import { routeAll } from "./tree.ts";
import type {
  DeliveryRouting,
  RouteAccepted,
  RouteFailed,
  RouteNode,
  RouteRedirected,
  RouteRequest,
  RouteResult,
  RouterHost,
} from "./types.ts";
import { verifyByRouting } from "./verify.ts";
import type { VerifyRouting } from "./verify.ts";
import { beginVisit, keyOf, resetFacts } from "./visit.ts";
import type { Refusal, Visit } from "./visit.ts";

export interface RouterChain {
  /** Routes one address; children of a redirection are requests for the caller to route. */
  route(request: RouteRequest): Maybe<RouteResult>;
  /** Routes addresses and all that they become, each by itself (tests of addresses). */
  routeAll(requests: readonly RouteRequest[]): Maybe<readonly RouteNode[]>;
  /** The same for the recipients of a message that is delivered. */
  routeForDelivery(requests: readonly RouteRequest[], options?: DeliveryRouting): Promise<readonly Routed[]>;
  /** Follows an address as verification does: single children are followed, several are enough. */
  verify(request: RouteRequest): Maybe<VerifyRouting>;
  /** Names in order, for the lint and `-bP router_list`. */
  readonly names: readonly string[];
}

/** More ancestors than this is a loop (manual §"Redirecting to a local mailbox"). */
const MAX_ANCESTORS = 101;

export function makeRouterChain(given: { readonly routers: readonly RouterInstance[]; readonly host: RouterHost }): RouterChain {
  const { host } = given;
  const places = new Map(given.routers.map((router, index) => [router.name, index]));
  const verifyErrorsTo = (address: string, visit: Visit): Maybe<boolean> =>
    host.verifyErrorsTo?.(address, visit.request.scope) ?? errorsToVerifies(self, address, visit);
  const routers = given.routers.map((router, index) => compileRouter(router, index, { host, places, verifyErrorsTo }));
  const self: RouterChain = {
    route: (request) => begin(routers, request, host),
    routeAll: (requests) => routeAll(self, requests),
    routeForDelivery: (requests, options = {}) => routeInPasses(self, requests, options),
    verify: (request) => verifyByRouting(self, request),
    names: routers.map((router) => router.name),
  };
  return self;
}

/** The sender of a bounce is null, and the errors addresses met on the way are not verified again. */
function errorsToVerifies(self: RouterChain, address: string, visit: Visit): Maybe<boolean> {
  const { purpose, scope } = visit.request;
  if (purpose === "verifyRecipient" || purpose === "verifySender") return true;
  return chain(self.verify({ address, purpose: "verifyRecipient", sender: "", scope }), (found) => found.kind === "ok");
}

function begin(routers: readonly CompiledRouter[], request: RouteRequest, host: RouterHost): Maybe<RouteResult> {
  const visit = beginVisit(request, host);
  if (visit.explain && host.services.trace.on) {
    const parent = visit.ancestors[0]?.address;
    host.services.trace.emit({ kind: "route.start", address: request.address, ...(parent === undefined ? {} : { parent }) });
  }
  if (visit.ancestors.length > MAX_ANCESTORS) {
    const message = `routing loop for ${request.address}`;
    visit.notes.push({ log: [message], panic: [message] });
    return deferred(undefined, visit, message);
  }
  return walk(routers, visit, request.startAt ?? 0);
}

/** A place to go on from, or the end. */
type Step = number | RouteResult;

function walk(routers: readonly CompiledRouter[], visit: Visit, from: number): Maybe<RouteResult> {
  let at = from;
  while (at < routers.length) {
    const step = consider(routers, visit, at);
    if (isPromise(step)) return step.then((next) => (typeof next === "number" ? walk(routers, visit, next) : next));
    if (typeof step !== "number") return step;
    at = step;
  }
  return unrouteable(routers.at(-1), visit);
}

function consider(routers: readonly CompiledRouter[], visit: Visit, at: number): Maybe<Step> {
  const router = routers[at] as CompiledRouter;
  resetFacts(visit, router.name);
  return chain(refusal(router, visit, 0), (refused) => {
    if (refused === undefined) {
      return chain(prepare(router, visit), (outcome) => judge(routers, router, visit, outcome));
    }
    if (refused.kind === "defer") return explained(router, visit, deferred(router, visit, refused.message));
    note(router, visit, {
      result: "skipped",
      by: refused.by,
      detail: refused.detail,
      ...(refused.at === undefined ? {} : { at: refused.at }),
    });
    return at + 1;
  });
}

function refusal(router: CompiledRouter, visit: Visit, from: number): Maybe<Refusal | undefined> {
  const steps = router.preconditions;
  for (let i = from; i < steps.length; i++) {
    const refused = (steps[i] as (typeof steps)[number])(visit);
    if (isPromise(refused)) return refused.then((found) => found ?? refusal(router, visit, i + 1));
    if (refused !== undefined) return refused;
  }
  return undefined;
}

/** `set`, `address_data` and the driver; a forced failure of address_data is a decline, not a precondition. */
function prepare(router: CompiledRouter, visit: Visit): Maybe<RouterOutcome> {
  const data = router.generic.address_data;
  if (router.set.length === 0 && data === undefined) return router.run(visit);
  return chain(setVariables(router, visit, 0), (fault) => {
    if (fault !== undefined) return fault;
    if (data === undefined) return router.run(visit);
    return chain(data.evaluate(visit.scope), (result): Maybe<RouterOutcome> => {
      if (result.kind === "forcedFailure") return { kind: "decline", reason: `address_data: ${result.message}` };
      if (result.kind === "error") {
        return { kind: "defer", message: `expansion of "${data.source}" failed in ${router.name} router: ${result.message}` };
      }
      visit.facts.addressData = { text: result.text, tainted: result.tainted };
      return router.run(visit);
    });
  });
}

function setVariables(router: CompiledRouter, visit: Visit, from: number): Maybe<RouterOutcome | undefined> {
  const assignment = router.set[from];
  if (assignment === undefined) return undefined;
  return chain(assignment.template.evaluate(visit.scope), (result) => {
    if (result.kind === "error") {
      const message = `failed to expand "${assignment.template.source}" for ${assignment.name} in ${router.name} router: ${result.message}`;
      return { kind: "defer", message };
    }
    if (result.kind === "forcedFailure") return { kind: "decline", reason: `set ${assignment.name}: ${result.message}` };
    visit.facts.variables.set(assignment.name, { text: result.text, tainted: result.tainted });
    return setVariables(router, visit, from + 1);
  });
}

function judge(routers: readonly CompiledRouter[], router: CompiledRouter, visit: Visit, given: RouterOutcome): Maybe<Step> {
  const outcome = given.kind === "ok" ? applySelf(router.self, given, visit) : timedOut(router, given);
  if ("notes" in outcome && outcome.notes !== undefined) visit.notes.push(outcome.notes);
  switch (outcome.kind) {
    case "ok": {
      const failure = verifyFailure(router, visit);
      if (failure !== undefined) return explained(router, visit, failure);
      return chain(settleAccepted(router, visit, outcome), (result) => taken(routers, router, visit, result));
    }
    case "rerouted": {
      const failure = verifyFailure(router, visit);
      if (failure !== undefined) return explained(router, visit, failure);
      return chain(settleRedirected(router, visit, outcome), (result) => taken(routers, router, visit, result));
    }
    case "rewrite":
      return explained(router, visit, settleRewritten(router, visit, outcome));
    case "decline":
      if (outcome.message !== undefined) visit.declined = outcome.message;
      return chain(declined(router, visit, outcome.reason), (step) => step ?? router.index + 1);
    case "pass":
      note(router, visit, { result: "passed", detail: outcome.reason });
      return router.passTo;
    case "fail":
      return explained(router, visit, failed(router, visit, outcome));
    case "defer":
      return explained(router, visit, {
        ...deferred(router, visit, outcome.message),
        forUser: outcome.forUser === true,
        freeze: outcome.freeze === true,
        logMessage: outcome.logMessage,
        errno: outcome.errno ?? -1,
      });
    case "discard":
      return explained(router, visit, { ...resultBase(router, visit), kind: "discarded", router: router.name, reason: outcome.reason });
  }
}

function timedOut(router: CompiledRouter, outcome: Exclude<RouterOutcome, { kind: "ok" }>): Exclude<RouterOutcome, { kind: "ok" }> {
  if (outcome.kind !== "defer" || outcome.timeout !== true || !router.generic.pass_on_timeout) return outcome;
  return { kind: "pass", reason: `${outcome.message}, pass_on_timeout` };
}

/** `fail_verify*`: only what the router accepts fails. */
function verifyFailure(router: CompiledRouter, visit: Visit): RouteFailed | undefined {
  const { purpose } = visit.request;
  const generic = router.generic;
  const fails =
    (purpose === "verifySender" && (generic.fail_verify || generic.fail_verify_sender)) ||
    (purpose === "verifyRecipient" && (generic.fail_verify || generic.fail_verify_recipient));
  return fails ? failed(router, visit, { message: `${router.name} router forced verify failure` }) : undefined;
}

/** Accepted or redirected; with `unseen` a copy of the address goes on (manual, same option). */
function taken(
  routers: readonly CompiledRouter[],
  router: CompiledRouter,
  visit: Visit,
  result: RouteAccepted | RouteRedirected | Extract<RouteResult, { kind: "deferred" }>,
): Maybe<Step> {
  if (result.kind === "deferred") return explained(router, visit, result);
  return chain(flag(router, visit, "unseen", false), (unseen) => {
    if (typeof unseen === "string") return explained(router, visit, deferred(router, visit, unseen));
    explained(router, visit, result);
    return unseen ? copied(routers, router, visit, result) : result;
  });
}

/**
 * The clone starts with no header changes; its address data goes on. Both are children of the address, so the router
 * is an ancestor of each. What was seen has a key of its own; the clone has that of a child of the same name, so that
 * an alias that names itself is not delivered twice (manual §"Duplicate addresses").
 */
function copied(
  routers: readonly CompiledRouter[],
  router: CompiledRouter,
  visit: Visit,
  seen: RouteAccepted | RouteRedirected,
): Maybe<RouteResult> {
  const own = { address: visit.request.address, router: router.name, localPart: visit.loweredLocalPart, domain: visit.loweredDomain };
  const { inherited } = visit.request;
  const ancestors = [own, ...visit.ancestors];
  const clone: RouteRequest = {
    ...visit.request,
    ancestors,
    startAt: router.index + 1,
    key: keyOf(visit.request.address, ancestors),
    inherited: {
      errorsTo: visit.errorsTo,
      headersAdd: [],
      headersRemove: [],
      addressData: visit.facts.addressData,
      variables: new Map(visit.facts.variables),
      selfHostname: visit.facts.selfHostname,
      oneTime: inherited?.oneTime === true,
      hidden: inherited?.hidden === true,
    },
  };
  const copy = { ...seen, key: `\\${router.name}\\${visit.key}` };
  return chain(begin(routers, clone, router.host), (rest) => ({
    ...resultBase(router, visit),
    kind: "copied",
    router: router.name,
    seen: copy,
    rest,
  }));
}
