/** `+name`: a named list as an item, with its results kept for the message or connection (manual §"Named list caching"). */
import { isPromise, type CompiledList, type ListKind, type Maybe, type Scope } from "@mailkit/sdk";
import { engineOf, type Engine } from "./engine.ts";
import { KIND_NAMES } from "./syntax.ts";
import { newWalk, type Outcome, type Verdict, type Walk } from "./walk.ts";

export interface NamedQuestion<Subject> {
  readonly kind: ListKind;
  readonly name: string;
  /** From `keptUnder`, made once for the item. */
  readonly kept: KeptUnder;
  readonly subject: Subject;
  /** Stands for the subject in the cache. */
  readonly key: string;
  readonly caseful: boolean;
  /** For a list that another implementation gave. */
  readonly foreign: (list: CompiledList) => Maybe<Verdict>;
}

/** Names of a list's results in the scope's cache: without case, and with it. */
export type KeptUnder = readonly [string, string];

export function keptUnder(kind: ListKind, name: string): KeptUnder {
  return [`${kind}:${name}`, `${kind}!${name}`];
}

/** A chain of named lists that is longer than this refers to itself. */
const MAX_DEPTH = 100;

export function matchNamed<Subject>(question: NamedQuestion<Subject>, walk: Walk): Maybe<Outcome> {
  const { kind, name } = question;
  const { scope } = walk;
  const list = scope.services.lists.named(kind, name);
  if (list === undefined) return { kind: "error", message: `unknown named ${KIND_NAMES[kind]} list "+${name}"` };
  const engine = engineOf<Subject>(list, kind);
  if (engine === undefined) return outcomeOf(question.foreign(list), name);
  if (walk.depth >= MAX_DEPTH) return { kind: "error", message: `named ${KIND_NAMES[kind]} list "+${name}" refers to itself` };
  const verdict = evaluated(question, engine, walk);
  if (scope.services.trace.on) tell(verdict, question, list, scope);
  return outcomeOf(verdict, name);
}

function evaluated<Subject>(question: NamedQuestion<Subject>, engine: Engine<Subject>, { scope, depth }: Walk): Maybe<Verdict> {
  const inner = newWalk(scope, question.caseful, depth + 1);
  if (!engine.mayCache(scope)) return engine.evaluate(question.subject, inner);
  const results = resultsOf(question.kept[question.caseful ? 1 : 0], scope);
  return results.get(question.key) ?? keep(engine.evaluate(question.subject, inner), question.key, results);
}

/** Which of its items decided; the list that refers to it tells of `+name` only. */
function tell(verdict: Maybe<Verdict>, question: Pick<NamedQuestion<unknown>, "name" | "key">, list: CompiledList, scope: Scope): void {
  if (isPromise(verdict)) return void verdict.then((late) => tell(late, question, list, scope));
  const { name, key } = question;
  const result = verdict.kind === "error" ? "defer" : verdict.kind;
  const item = verdict.kind === "error" ? verdict.message : verdict.item;
  const at = ("at" in verdict ? verdict.at : undefined) ?? list.at;
  scope.services.trace.emit({
    kind: "list",
    list: `+${name}`,
    subject: key,
    result,
    ...(item !== undefined && { item }),
    ...(at !== undefined && { at }),
  });
}

/** True when a list with this name exists and its results may be kept; an unknown one is kept nowhere. */
export function mayCacheNamed(kind: ListKind, name: string, scope: Scope): boolean {
  const list = scope.services.lists.named(kind, name);
  return list !== undefined && (engineOf(list, kind)?.mayCache(scope) ?? false);
}

/** By subject, for one list. */
function resultsOf(name: string, { listCache }: Scope): Map<string, Verdict> {
  let results = listCache.get(name) as Map<string, Verdict> | undefined;
  if (results === undefined) listCache.set(name, (results = new Map()));
  return results;
}

/** Only yes and no are kept: a lookup that could not be answered may be answered next time. */
function keep(result: Maybe<Verdict>, key: string, results: Map<string, Verdict>): Maybe<Verdict> {
  if (isPromise(result)) return result.then((verdict) => keep(verdict, key, results));
  if (result.kind === "yes" || result.kind === "no") results.set(key, result);
  return result;
}

/** A list that does not contain the subject is an item that does not match: its own negations end with it. */
function outcomeOf(result: Maybe<Verdict>, name: string): Maybe<Outcome> {
  if (isPromise(result)) return result.then((verdict) => outcomeOf(verdict, name));
  switch (result.kind) {
    case "no":
      return undefined;
    case "yes":
      return { kind: "hit", data: result.data, inner: { negated: false, text: `+${name}`, at: result.at }, captures: result.captures };
    case "defer":
    case "error":
      return result;
  }
}
