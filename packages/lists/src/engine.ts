/**
 * What a compiled list is inside this package: it can be walked with the state of the list that refers to it, and it
 * knows whether its results may be kept.
 */
import type { CompiledList, ListKind, Maybe, Scope } from "@mailkit/sdk";
import type { Verdict, Walk } from "./walk.ts";

export interface Engine<Subject> {
  evaluate(subject: Subject, walk: Walk): Maybe<Verdict>;
  /** No `$` in it nor in the lists it names, or `_cache`. Manual §"Named list caching". */
  mayCache(scope: Scope): boolean;
}

/** A subject as the walk sees it, with the texts that caches and explanations use. */
export interface Matched<Subject> {
  readonly subject: Subject;
  readonly key: string;
}

const ENGINE = Symbol("list engine");

export function withEngine<L extends CompiledList, Subject>(list: L, engine: Engine<Subject>): L {
  return Object.defineProperty(list, ENGINE, { value: engine });
}

/** Undefined for a list that was not made here. */
export function engineOf<Subject>(list: CompiledList, kind: ListKind): Engine<Subject> | undefined {
  if (list.kind !== kind) return undefined;
  return (list as { [ENGINE]?: Engine<Subject> })[ENGINE];
}
