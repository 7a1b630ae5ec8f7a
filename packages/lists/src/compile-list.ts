/**
 * From the text of a list in a configuration to something that can be matched (manual §"Expansion of lists"). A list
 * that depends on nothing is taken apart once; another one after each expansion, with a memory for texts seen before.
 */
import {
  clean,
  isPromise,
  lower,
  type AddressList,
  type CompiledList,
  type DomainList,
  type Expansion,
  type HostList,
  type HostSubject,
  type ListKind,
  type ListResult,
  type LocalPartList,
  type Maybe,
  type Position,
  type Scope,
  type Template,
} from "@mailkit/sdk";
import { addressFamily, addressTarget } from "./address.ts";
import { withEngine, type Engine } from "./engine.ts";
import type { ListEnvironment } from "./environment.ts";
import { faultsOf, type ListFault } from "./faults.ts";
import { splitHead } from "./head.ts";
import { hostFamily, hostTarget } from "./host.ts";
import { mayCacheNamed } from "./named.ts";
import { parseList } from "./parse-list.ts";
import { makeSteps, type StepFamily } from "./steps.ts";
import type { ListItem, Pattern } from "./syntax.ts";
import { domainSubject, textSubject, type CompileContext } from "./text-matcher.ts";
import { textFamily } from "./text-steps.ts";
import { newWalk, walkSteps, type Step, type Verdict, type Walk } from "./walk.ts";

export interface CompileListOptions {
  readonly environment: ListEnvironment;
  /** Turns configuration text into a template (`@mailkit/expand`). */
  readonly compile: (text: string) => Template;
  readonly at?: Position;
  /** The name of a named list, for explanations. */
  readonly name?: string;
  /** `domainlist_cache` and its like: results may be kept although the list is expanded. */
  readonly alwaysCache?: boolean;
  /** Address lists of rewriting rules: `$0`, `$1`, ... are set by a match. Domain and local part lists always do. */
  readonly captures?: boolean;
  /** Case of local parts counts from the start (rewriting rules). */
  readonly caseful?: boolean;
  /** Host lists of `match_ip`: as if every subject said so (`HostSubject.addressOnly`). */
  readonly addressOnly?: boolean;
}

/** A compiled list with what is already known to be wrong in it; matching reports the same faults again. */
export type CheckedList<L extends CompiledList = CompiledList> = L & { readonly faults: readonly ListFault[] };

interface Kinds {
  domain: DomainList;
  host: HostList;
  address: AddressList;
  localpart: LocalPartList;
}

export function compileList<K extends ListKind>(kind: K, source: string, options: CompileListOptions): CheckedList<Kinds[K]>;
export function compileList(kind: ListKind, source: string, options: CompileListOptions): CheckedList {
  switch (kind) {
    case "domain": {
      const list = build(kind, source, options, (context) => textFamily(kind, source, context));
      return list.finish<DomainList>({ match: (domain, scope) => list.match(domainSubject(domain), domain, scope, false) });
    }
    case "localpart": {
      const list = build(kind, source, options, (context) => textFamily(kind, source, context));
      return list.finish<LocalPartList>({
        match: (text, scope) => list.match(textSubject(text), text, scope, options.caseful ?? false),
        matchCaseful: (text, scope) => list.match(textSubject(text), text, scope, true),
      });
    }
    case "address": {
      const list = build(kind, source, options, (context) => addressFamily(source, context));
      return list.finish<AddressList>({
        match: (address, scope) => list.match(addressTarget(address), address, scope, options.caseful ?? false),
      });
    }
    case "host": {
      const list = build(kind, source, options, (context) => hostFamily(source, context));
      return list.finish<HostList>({
        match: (host: HostSubject, scope) => {
          const subject = options.addressOnly === true && host.addressOnly !== true ? { ...host, addressOnly: true } : host;
          return list.match(hostTarget(subject), host.address ?? "", scope, false);
        },
      });
    }
  }
}

/** How many texts of an expanded list are remembered, and how long they may be. */
const MAX_KEPT = 32;
const MAX_KEPT_LENGTH = 16_384;

type Steps<Subject> = readonly Step<Subject>[];

function build<Subject>(
  kind: ListKind,
  source: string,
  options: CompileListOptions,
  familyOf: (context: CompileContext) => StepFamily<Subject>,
) {
  const head = splitHead(source);
  const template = options.compile(head.rest);
  const hostList = (text: string): HostList => compileList("host", text, { environment: options.environment, compile: constantTemplate });
  const contexts = [false, true].map((tainted): CompileContext => ({ environment: options.environment, tainted, hostList }));
  const stepsOf = (text: string, tainted: boolean): Steps<Subject> =>
    makeSteps(parseList(kind, text, head.separator).items, familyOf(contexts[tainted ? 1 : 0] as CompileContext));
  const fixedItems = template.constant === undefined ? undefined : parseList(kind, template.constant, head.separator).items;
  const fixed = fixedItems && makeSteps(fixedItems, familyOf(contexts[0] as CompileContext));
  const remembered = rememberSteps(stepsOf);

  const stepsFor = (scope: Scope): Maybe<Steps<Subject> | Verdict> => {
    if (fixed !== undefined) return fixed;
    const expansion = template.evaluate(scope);
    return isPromise(expansion)
      ? expansion.then((late) => stepsOrFailure(late, source, remembered))
      : stepsOrFailure(expansion, source, remembered);
  };
  const engine: Engine<Subject> = {
    evaluate: (subject, walk) => {
      const steps = stepsFor(walk.scope);
      if (isPromise(steps)) return steps.then((late) => (isSteps(late) ? walkSteps(late, subject, walk) : late));
      return isSteps(steps) ? walkSteps(steps, subject, walk) : steps;
    },
    mayCache: cachePolicy(kind, source, fixedItems, options.alwaysCache ?? false),
  };
  const label = options.name === undefined ? source : `+${options.name}`;
  const setsVariables = options.captures ?? (kind === "domain" || kind === "localpart");
  const match = (subject: Subject, text: string, scope: Scope, caseful: boolean): Maybe<ListResult> => {
    const walk = newWalk(scope, caseful);
    const end = (verdict: Verdict): ListResult => conclude(verdict, { kind, text, walk, label, setsVariables, at: options.at });
    const verdict = engine.evaluate(subject, walk);
    return isPromise(verdict) ? verdict.then(end) : end(verdict);
  };
  const faults = faultsOf(kind, fixedItems ?? [], template, options.environment);
  return {
    match,
    finish: <L extends CompiledList>(methods: Omit<L, "kind" | "source" | "at">): CheckedList<L> =>
      withEngine({ kind, source, at: options.at, faults, ...methods } as unknown as CheckedList<L>, engine),
  };
}

function isSteps<Subject>(value: Steps<Subject> | Verdict): value is Steps<Subject> {
  return Array.isArray(value);
}

/** A forced failure is an empty list; any other failure is trouble. Manual §"Expansion of lists". */
function stepsOrFailure<Subject>(
  expansion: Expansion,
  source: string,
  stepsOf: (text: string, tainted: boolean) => Steps<Subject>,
): Steps<Subject> | Verdict {
  switch (expansion.kind) {
    case "value":
      return stepsOf(expansion.text, expansion.tainted);
    case "forcedFailure":
      return { kind: "no" };
    case "error": {
      const message = `failed to expand "${source}" while checking a list: ${expansion.message}`;
      return expansion.defer ? { kind: "defer", message } : { kind: "error", message };
    }
  }
}

function rememberSteps<Subject>(make: (text: string, tainted: boolean) => Steps<Subject>) {
  const kept: readonly [Map<string, Steps<Subject>>, Map<string, Steps<Subject>>] = [new Map(), new Map()];
  return (text: string, tainted: boolean): Steps<Subject> => {
    const memory = kept[tainted ? 1 : 0];
    const known = memory.get(text);
    if (known !== undefined) return known;
    const steps = make(text, tainted);
    if (text.length > MAX_KEPT_LENGTH) return steps;
    if (memory.size >= MAX_KEPT) memory.clear();
    memory.set(text, steps);
    return steps;
  };
}

/** Decided at the first use, when all named lists exist. Manual §"Named list caching". */
function cachePolicy(kind: ListKind, source: string, items: readonly ListItem[] | undefined, always: boolean): Engine<unknown>["mayCache"] {
  if (always) return () => true;
  if (items === undefined || source.includes("$")) return () => false;
  let known: boolean | undefined;
  return (scope) => {
    if (known !== undefined) return known;
    // A list that names itself is kept by nobody.
    known = false;
    known = items.every((item) => mayCachePattern(kind, item.pattern, scope));
    return known;
  };
}

function mayCachePattern(kind: ListKind, pattern: Pattern, scope: Scope): boolean {
  switch (pattern.kind) {
    case "named":
      return mayCacheNamed(kind, pattern.name, scope);
    case "mailbox":
    case "domainOnly":
      return mayCachePattern("domain", pattern.domain, scope);
    default:
      return true;
  }
}

interface Ending {
  readonly kind: ListKind;
  readonly text: string;
  readonly walk: Walk;
  readonly label: string;
  readonly setsVariables: boolean;
  readonly at: Position | undefined;
}

/** Sets `$0`, `$1`, ... and tells the tracer. */
function conclude(verdict: Verdict, ending: Ending): ListResult {
  const { kind, text, walk, label } = ending;
  const { scope } = walk;
  if (verdict.kind === "yes" && ending.setsVariables && verdict.captures?.length !== 0) {
    const zero = kind === "domain" || !walk.caseful ? lower(text) : text;
    scope.frame.numeric = (verdict.captures ?? [zero]).map((group) => ({ text: group, tainted: true }));
  }
  const trace = scope.services.trace;
  if (trace.on) {
    const result = verdict.kind === "error" ? "defer" : verdict.kind;
    const item = verdict.kind === "error" ? verdict.message : verdict.item;
    const at = ("at" in verdict ? verdict.at : undefined) ?? ending.at;
    trace.emit({ kind: "list", list: label, subject: text, result, item, at });
  }
  return verdict;
}

function constantTemplate(text: string): Template {
  const value: Expansion = { kind: "value", ...clean(text) };
  return { source: text, constant: text, mentions: new Set(), evaluate: () => value };
}
