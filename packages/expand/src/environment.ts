/** What travels through one evaluation, and the small steps that every item is made of. */
import { chain, isPromise, silent } from "@mailkit/sdk";
import type { Expansion, ExpansionFailure, ExpansionSettings, ExpansionWatcher, Maybe, Scope, Services, Text } from "@mailkit/sdk";
import type { Parts } from "./ast.ts";

export interface Environment {
  readonly scope: Scope;
  readonly services: Services;
  readonly settings: ExpansionSettings;
  readonly tracing: boolean;
  /** Undefined unless somebody wants the tree of the evaluation. */
  readonly watcher: ExpansionWatcher | undefined;
  /** Depth in the tree, for the trace. */
  depth: number;
  /** How many strings are being expanded inside each other (`${expand:`, `${sg`). */
  readonly nesting: number;
}

export const NESTING_LIMIT = 40;
const NO_SETTINGS: ExpansionSettings = {};

export function newEnvironment(scope: Scope, nesting = 0): Environment {
  const { services } = scope;
  // Tests may pass a part of the services; those that are not asked for need not be there.
  const trace = services.trace ?? silent;
  const watcher = trace.on ? trace.watcher : undefined;
  return { scope, services, settings: services.expansion ?? NO_SETTINGS, tracing: trace.on, watcher, depth: 0, nesting };
}

/** Tells the watcher, if there is one, where `work` begins and what it gave. */
export function watched<T>(step: object, { watcher }: Environment, work: () => Maybe<T>): Maybe<T> {
  if (watcher === undefined) return work();
  watcher.begin(step);
  return chain(work(), (result) => {
    watcher.end(step, result);
    return result;
  });
}

export type Value = Extract<Expansion, { kind: "value" }>;

export function isFailure(result: object): result is ExpansionFailure {
  const { kind } = result as { kind?: unknown };
  return kind === "error" || kind === "forcedFailure";
}

/** Goes on with a value; a failure is passed through. */
export function withValue<T>(result: Maybe<Expansion>, next: (found: Value) => Maybe<T | ExpansionFailure>): Maybe<T | ExpansionFailure> {
  if (isPromise(result)) return result.then((found) => (found.kind === "value" ? next(found) : found));
  return result.kind === "value" ? next(result) : result;
}

/** Goes on when there is no failure. */
export function unlessFailed<A, B>(result: Maybe<A | ExpansionFailure>, next: (found: A) => Maybe<B>): Maybe<B | ExpansionFailure> {
  return chain(result, (found) => (typeof found === "object" && found !== null && isFailure(found) ? found : next(found as A))) as Maybe<
    B | ExpansionFailure
  >;
}

export interface Saved {
  readonly numeric: readonly Text[];
  readonly item: Text | undefined;
  readonly value: Text | undefined;
}

export function save(scope: Scope): Saved {
  const { frame } = scope;
  return { numeric: frame.numeric, item: frame.items.get("item"), value: frame.items.get("value") };
}

export function restoreNumeric(scope: Scope, saved: Saved): void {
  scope.frame.numeric = saved.numeric;
}

export function restoreItem(scope: Scope, name: "item" | "value", saved: Saved): void {
  setItem(scope, name, saved[name]);
}

export function setItem(scope: Scope, name: string, text: Text | undefined): void {
  if (text === undefined) scope.frame.items.delete(name);
  else scope.frame.items.set(name, text);
}

/** Runs `last` whatever the outcome. */
export function afterwards<T>(result: Maybe<T>, last: () => void): Maybe<T> {
  if (isPromise(result)) return result.finally(last);
  last();
  return result;
}

/** Variables that `parts` mentions directly, for hints. */
export function variablesIn(parts: Parts): string[] {
  return Array.from(parts.raw.matchAll(/\$\{?([a-z_][a-z0-9_]*)/gi), (found) => found[1] as string);
}
