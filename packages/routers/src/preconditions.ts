/**
 * The preconditions of a router, in Exim's fixed order whatever the order in the file (manual §"Router preconditions").
 * Compiled once to a list of closures: what is not set costs nothing. They fill the visit's facts as they go.
 */
import { chain, clean, equalCaseless, lower, splitAddress } from "@mailkit/sdk";
import type { ListResult, LocalPartList, Maybe, Position, RoutePurpose } from "@mailkit/sdk";
import type { RouterInstance } from "@mailkit/config";
import { prefixFinder, suffixFinder } from "./affixes.ts";
import type { GenericRouterOptions } from "./generic-options.ts";
import { requireFiles } from "./require-files.ts";
import type { RouterHost } from "./types.ts";
import { NO_NUMERIC } from "./visit.ts";
import type { Refusal, Visit } from "./visit.ts";

export type Precondition = (visit: Visit) => Maybe<Refusal | undefined>;

interface Source {
  readonly instance: RouterInstance;
  readonly generic: GenericRouterOptions;
  readonly host: RouterHost;
}

export function compilePreconditions(instance: RouterInstance, generic: GenericRouterOptions, host: RouterHost): readonly Precondition[] {
  const source: Source = { instance, generic, host };
  return [
    notTwice(source),
    affixes(source),
    purpose(source),
    domains(source),
    localParts(source),
    checkLocalUser(source),
    debugPrint(source),
    homeDirectory(source),
    senders(source),
    files(source),
    ...generic.condition.map((_, index) => condition(source, index)),
  ].filter((step) => step !== undefined);
}

function skip(visit: Visit, by: string, detail: () => string, at: Position | undefined): Refusal {
  return { kind: "skip", by, detail: visit.explain ? detail() : "", at };
}

/**
 * Loops (manual §"Redirecting to a local mailbox", `repeat_use`): not again for an address that came from the same
 * address by way of this router; with `no_repeat_use`, from any address.
 */
function notTwice({ generic, instance }: Source): Precondition {
  const any = instance.options["repeat_use"] === false;
  const at = instance.position("repeat_use");
  const same = generic.caseful_local_part ? sameWithCase : equalCaseless;
  return (visit) => {
    for (const ancestor of visit.ancestors) {
      if (ancestor.router !== instance.name) continue;
      if (any) return skip(visit, "repeat_use", () => `${ancestor.address} was routed by it`, at);
      if (same(ancestor.address, visit.request.address)) {
        return skip(visit, "loop", () => "the same address was routed by it before", instance.at);
      }
    }
    return undefined;
  };
}

/** Domains have no case. */
function sameWithCase(a: string, b: string): boolean {
  return equalCaseless(a, b) && splitAddress(a).localPart === splitAddress(b).localPart;
}

function affixes({ generic, instance }: Source): Precondition {
  const prefix = prefixFinder(generic.local_part_prefix);
  const suffix = suffixFinder(generic.local_part_suffix);
  const caseful = generic.caseful_local_part;
  const { local_part_prefix_optional: prefixOptional, local_part_suffix_optional: suffixOptional } = generic;
  return (visit) => {
    const facts = visit.facts;
    let localPart = caseful ? visit.localPart : visit.loweredLocalPart;
    const front = prefix?.(localPart);
    if (front !== undefined) {
      facts.prefix = front.text;
      facts.prefixVariable = front.variable;
      localPart = localPart.slice(front.text.length);
    } else if (prefix !== undefined && !prefixOptional) {
      return missing(visit, "local_part_prefix", generic.local_part_prefix);
    }
    const end = suffix?.(localPart);
    if (end !== undefined) {
      facts.suffix = end.text;
      facts.suffixVariable = end.variable;
      localPart = localPart.slice(0, localPart.length - end.text.length);
    } else if (suffix !== undefined && !suffixOptional) {
      return missing(visit, "local_part_suffix", generic.local_part_suffix);
    }
    facts.localPart = localPart;
    return undefined;
  };
  function missing(visit: Visit, option: string, items: readonly string[]): Refusal {
    const what = option === "local_part_prefix" ? "begins" : "ends";
    return skip(visit, option, () => `= ${items.join(" : ")}: "${visit.localPart}" ${what} with none of them`, instance.position(option));
  }
}

/** `verify*`, `address_test`, `verify_only`, `expn`: decided at load for each purpose. */
function purpose({ generic, instance }: Source): Precondition | undefined {
  const either = (option: "verify_sender" | "verify_recipient") => (instance.isSet(option) ? generic[option] : generic.verify);
  const verifyOption = (option: string) => (instance.isSet(option) ? option : "verify");
  const refusals: Record<RoutePurpose, string | undefined> = {
    deliver: generic.verify_only ? "verify_only" : undefined,
    test: generic.verify_only ? "verify_only" : generic.address_test ? undefined : "address_test",
    expn: generic.verify_only ? "verify_only" : generic.expn ? undefined : "expn",
    verifySender: either("verify_sender") ? undefined : verifyOption("verify_sender"),
    verifyRecipient: either("verify_recipient") ? undefined : verifyOption("verify_recipient"),
  };
  if (Object.values(refusals).every((by) => by === undefined)) return undefined;
  return (visit) => {
    const by = refusals[visit.request.purpose];
    return by === undefined ? undefined : skip(visit, by, () => PURPOSES[visit.request.purpose], instance.position(by));
  };
}

const PURPOSES: Record<RoutePurpose, string> = {
  deliver: "this is not a verification",
  test: "this is a test of an address",
  expn: "this is EXPN",
  verifySender: "a sender is being verified",
  verifyRecipient: "a recipient is being verified",
};

function domains({ generic, instance }: Source): Precondition | undefined {
  const list = generic.domains;
  if (list === undefined) return undefined;
  return (visit) => {
    visit.scope.frame.numeric = NO_NUMERIC;
    return chain(list.match(visit.loweredDomain, visit.scope), (result) => {
      if (result.kind === "yes") visit.facts.domainData = result.data;
      return judge(visit, "domains", { source: list.source, subject: visit.domain, result, at: instance.position("domains") });
    });
  };
}

function localParts({ generic, instance }: Source): Precondition | undefined {
  const list: LocalPartList | undefined = generic.local_parts;
  if (list === undefined) return undefined;
  const caseful = generic.caseful_local_part;
  return (visit) => {
    // With its case: +caseful in the list asks for it. `$1` and so on are of the last list that was asked.
    const subject = ownLocalPart(visit);
    visit.scope.frame.numeric = NO_NUMERIC;
    return chain(caseful ? list.matchCaseful(subject, visit.scope) : list.match(subject, visit.scope), (result) => {
      if (result.kind === "yes") visit.facts.localPartData = result.data;
      return judge(visit, "local_parts", { source: list.source, subject, result, at: instance.position("local_parts") });
    });
  };
}

/** The local part without the affixes, in the case in which it was written. */
function ownLocalPart({ localPart, facts }: Visit): string {
  return localPart.slice(facts.prefix.length, localPart.length - facts.suffix.length);
}

function checkLocalUser({ generic, instance, host }: Source): Precondition | undefined {
  if (!generic.check_local_user) return undefined;
  const accounts = host.services.accounts;
  const at = instance.position("check_local_user");
  return (visit) => {
    const facts = visit.facts;
    return chain(accounts.byName(facts.localPart), (account) => {
      if (account === undefined) return skip(visit, "check_local_user", () => `"${facts.localPart}" is no account of this host`, at);
      facts.account = account;
      facts.localPartData = clean(account.name);
      facts.home = clean(account.home);
      return undefined;
    });
  };
}

/** Not a precondition, but this is its place (manual: after `check_local_user`, before the rest). */
function debugPrint({ generic, host }: Source): Precondition | undefined {
  const template = generic.debug_print;
  if (template === undefined) return undefined;
  const trace = host.services.trace;
  return (visit) => {
    const print = visit.request.debugPrint;
    if (print === undefined && !trace.on) return undefined;
    return chain(template.evaluate(visit.scope), (result) => {
      const text = result.kind === "value" ? result.text : `failed to expand debug_output "${template.source}": ${result.message}`;
      print?.(text.endsWith("\n") ? text : `${text}\n`);
      if (trace.on) trace.emit({ kind: "note", area: "debug_print", text });
      return undefined;
    });
  };
}

function homeDirectory({ generic }: Source): Precondition | undefined {
  const template = generic.router_home_directory;
  if (template === undefined) return undefined;
  return (visit) =>
    chain(template.evaluate(visit.scope), (result): Refusal | undefined => {
      if (result.kind === "forcedFailure") return undefined;
      if (result.kind === "error") {
        return { kind: "defer", message: `failed to expand "${template.source}" for router_home_directory: ${result.message}` };
      }
      visit.facts.home = { text: result.text, tainted: result.tainted };
      return undefined;
    });
}

function senders({ generic, instance }: Source): Precondition | undefined {
  const list = generic.senders;
  if (list === undefined) return undefined;
  return (visit) => {
    const subject = visit.request.sender ?? "";
    return chain(list.match(subject, visit.scope), (result) => {
      visit.scope.frame.numeric = NO_NUMERIC;
      return judge(visit, "senders", { source: list.source, subject: `<${subject}>`, result, at: instance.position("senders") });
    });
  };
}

function files({ generic, instance, host }: Source): Precondition | undefined {
  if (generic.require_files.length === 0) return undefined;
  const check = requireFiles(
    generic.require_files.map((item) => host.services.strings.compile(item)),
    host.services,
  );
  const at = instance.position("require_files");
  return (visit) =>
    chain(check(visit.scope), (result): Refusal | undefined =>
      result?.kind === "skip" ? skip(visit, "require_files", () => result.detail, at) : result,
    );
}

/**
 * False are a forced failure, "", "0", "no" and "false" (manual §"Generic options for routers", `condition`). A string
 * that cannot be expanded skips the router with a line in the paniclog (seen on 4.96; the manual speaks of deferral).
 */
function condition({ generic, instance }: Source, index: number): Precondition {
  const template = generic.condition[index];
  const at = template?.at ?? instance.position("condition");
  if (template === undefined) return () => undefined;
  return (visit) =>
    chain(template.evaluate(visit.scope), (result): Refusal | undefined => {
      if (result.kind === "value") {
        const text = result.text;
        if (!FALSE.has(lower(text))) return undefined;
        return skip(visit, "condition", () => `= ${template.source}: ${text === "" ? "is empty" : `is "${text}"`}`, at);
      }
      if (result.kind === "error" && result.defer) return { kind: "defer", message: "condition check lookup defer" };
      if (result.kind === "error") {
        visit.notes.push({ panic: [`failed to expand condition "${template.source}" for ${instance.name} router: ${result.message}`] });
      }
      return skip(visit, "condition", () => `= ${template.source}: ${result.message}`, at);
    });
}

const FALSE: ReadonlySet<string> = new Set(["", "0", "no", "false"]);

interface Judged {
  readonly source: string;
  readonly subject: string;
  readonly result: ListResult;
  readonly at: Position | undefined;
}

function judge(visit: Visit, option: string, { source, subject, result, at }: Judged): Refusal | undefined {
  switch (result.kind) {
    case "yes":
      return undefined;
    case "no":
      return skip(visit, option, () => `= ${source}: ${subject} is ${result.item?.startsWith("!") ? "" : "not "}listed`, at);
    case "defer":
      return { kind: "defer", message: `${option} check lookup or other defer` };
    case "error":
      visit.notes.push({ log: [result.message], panic: [result.message] });
      return { kind: "defer", message: `${option} check lookup or other defer` };
  }
}
