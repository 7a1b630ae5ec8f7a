/**
 * A visit: one address on its way through the routers. The facts belong to the visit and change from router to router;
 * the scope over them is made once. What a router accepted gets a copy of the facts.
 */
import { lower, newAddressFacts, splitAddress } from "@mailkit/sdk";
import type { AddressFacts, OutcomeNotes, Position, Scope, Text } from "@mailkit/sdk";
import { unquoteLocalPart } from "@mailkit/message";
import type { Ancestor, RouteRequest, RouteStep, RouterHost } from "./types.ts";

export interface Visit {
  readonly request: RouteRequest;
  readonly facts: AddressFacts;
  readonly scope: Scope;
  /** As it stands in the address, quotes and all. */
  readonly rawLocalPart: string;
  /** Without its quotes; case as received. */
  readonly localPart: string;
  readonly loweredLocalPart: string;
  readonly domain: string;
  readonly loweredDomain: string;
  readonly ancestors: readonly Ancestor[];
  readonly explain: boolean;
  readonly steps: RouteStep[];
  readonly notes: OutcomeNotes[];
  readonly key: string;
  errorsTo: string | undefined;
  headersAdd: readonly string[];
  headersRemove: readonly string[];
  /** Message of the last router that declined with one. */
  declined: string | undefined;
}

/** Why a router does not run, or that it cannot be said. */
export type Refusal =
  | { readonly kind: "skip"; readonly by: string; readonly detail: string; readonly at: Position | undefined }
  | { readonly kind: "defer"; readonly message: string };

export function beginVisit(request: RouteRequest, host: RouterHost): Visit {
  const { localPart, domain } = splitAddress(request.address);
  const ancestors = request.ancestors ?? [];
  // Routers see what quotes stand for; the address itself keeps them.
  const facts = newAddressFacts(lower(unquoteLocalPart(localPart)), lower(domain));
  placeAncestors(facts, ancestors);
  const inherited = request.inherited;
  if (inherited !== undefined) {
    facts.addressData = inherited.addressData;
    facts.selfHostname = inherited.selfHostname;
    for (const [name, value] of inherited.variables) facts.variables.set(name, value);
  }
  const returnPath = inherited?.errorsTo ?? request.sender;
  if (returnPath !== undefined) facts.extra.set("return_path", { text: returnPath, tainted: inherited?.errorsTo === undefined });
  const mode = request.purpose === "verifySender" ? "S" : request.purpose === "verifyRecipient" ? "R" : "";
  if (mode !== "") facts.extra.set("verify_mode", { text: mode, tainted: false });
  return {
    request,
    facts,
    scope: host.scopeFor(facts, request.scope),
    rawLocalPart: localPart,
    localPart: unquoteLocalPart(localPart),
    loweredLocalPart: facts.localPart,
    domain,
    loweredDomain: facts.domain,
    ancestors,
    explain: request.explain === true || host.services.trace.on,
    steps: [],
    notes: [],
    key: request.key ?? keyOf(request.address, ancestors),
    errorsTo: inherited?.errorsTo,
    headersAdd: inherited?.headersAdd ?? [],
    headersRemove: inherited?.headersRemove ?? [],
    declined: undefined,
  };
}

/**
 * The name of an address among those that are done. Local parts count with their case, and an address that came from
 * one of the same name is another address (manual §"Duplicate addresses"): the form is Exim's, `\0\bob@x`.
 */
export function keyOf(address: string, ancestors: readonly Ancestor[]): string {
  const { localPart, domain } = splitAddress(address);
  const own = `${localPart}@${lower(domain)}`;
  const plain = lower(own);
  let same = 0;
  for (const ancestor of ancestors) if (lower(ancestor.address) === plain) same++;
  return same === 0 ? own : `\\${same - 1}\\${own}`;
}

function placeAncestors(facts: AddressFacts, ancestors: readonly Ancestor[]): void {
  const parent = ancestors[0];
  const top = ancestors.at(-1);
  if (parent === undefined || top === undefined) return;
  facts.parentLocalPart = parent.localPart;
  facts.parentDomain = parent.domain;
  facts.originalLocalPart = top.localPart;
  facts.originalDomain = top.domain;
}

/** What an earlier router left in the facts and this one must not see. */
export function resetFacts(visit: Visit, router: string): void {
  const facts = visit.facts;
  facts.routerName = router;
  facts.prefix = "";
  facts.suffix = "";
  facts.prefixVariable = "";
  facts.suffixVariable = "";
  facts.localPartData = undefined;
  facts.domainData = undefined;
  facts.home = undefined;
  facts.account = undefined;
  visit.scope.frame.numeric = NO_NUMERIC;
}

export const NO_NUMERIC: readonly Text[] = [];

/** The facts as they are now, for a result: later routers do not change them. */
export function copyFacts(facts: AddressFacts): AddressFacts {
  return { ...facts, variables: new Map(facts.variables), extra: new Map(facts.extra) };
}
