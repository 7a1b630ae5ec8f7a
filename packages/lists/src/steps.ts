/** Steps that all kinds of lists share: directives, files, named lists, and runs of items that are found by a key. */
import { chain, isFault, isPromise, type ListKind, type Maybe } from "@mailkit/sdk";
import { parseListFile } from "./parse-list.ts";
import type { Directive, ListItem, Pattern } from "./syntax.ts";
import { firstDecision, type Hit, type Outcome, type Step, type Verdict, type Walk } from "./walk.ts";

/** Makes the step of one item; each kind of list has its own. */
export type StepMaker<Subject> = (item: ListItem) => Step<Subject>;

export interface StepFamily<Subject> {
  readonly kind: ListKind;
  readonly make: StepMaker<Subject>;
  /** How an item is found by a key, if it can be. */
  readonly slotOf: (pattern: Pattern, caseful: boolean) => Slot | undefined;
  /** The key of the subject in a slot; undefined = no item of that slot can match it. */
  readonly keyIn: (subject: Subject, slot: number, caseful: boolean) => string | undefined;
}

/** Items whose part of the subject (the whole, its last five characters, its first 24 bits) is cut out in the same way. */
export interface Slot {
  readonly slot: number;
  readonly key: string;
}

/** The slot of the whole subject. */
export const LITERAL = 0;

/** Shorter runs are faster one by one. */
const INDEX_FROM = 8;

export function makeSteps<Subject>(items: readonly ListItem[], family: StepFamily<Subject>): readonly Step<Subject>[] {
  const steps: Step<Subject>[] = [];
  for (let i = 0; i < items.length;) {
    const end = endOfRun(items, i, family);
    if (end - i >= INDEX_FROM) {
      steps.push(indexStep(items.slice(i, end), family));
      i = end;
    } else {
      steps.push(family.make(items[i] as ListItem));
      i++;
    }
  }
  return steps;
}

export function directiveStep<Subject>(item: ListItem, word: Directive): Step<Subject> {
  return { item, test: (_subject, walk) => applyDirective(word, walk) };
}

function applyDirective(word: Directive, walk: Walk): undefined {
  switch (word) {
    case "caseful":
      walk.caseful = true;
      return;
    case "include_unknown":
      walk.onUnknown = "include";
      return;
    case "ignore_unknown":
      walk.onUnknown = "ignore";
      return;
    case "include_defer":
      walk.onDefer = "include";
      return;
    case "ignore_defer":
      walk.onDefer = "ignore";
  }
}

/**
 * `/file`: its lines as if they stood here. The lines are compiled once for each
 * version of the file; a name that came from outside is refused. Manual §"File names in lists".
 */
export function fileStep<Subject>(
  item: ListItem,
  path: string,
  list: { source: string; tainted: boolean },
  family: StepFamily<Subject>,
): Step<Subject> {
  if (list.tainted) return { item, test: () => ({ kind: "error", message: `Tainted filename '${path}'` }) };
  const what = `${family.kind} list`;
  const parse = (content: string): readonly ListItem[] => parseListFile(family.kind, content, path);
  let compiled: { readonly items: readonly ListItem[]; readonly steps: readonly Step<Subject>[] } | undefined;
  const test = (subject: Subject, walk: Walk): Maybe<Outcome> =>
    chain(walk.scope.services.files.derived(path, what, parse), (found): Maybe<Outcome> => {
      if (isFault(found)) {
        return { kind: "error", message: `failed to open ${path} when checking "${list.source}": ${found.message}` };
      }
      if (compiled?.items !== found.value) compiled = { items: found.value, steps: makeSteps(found.value, family) };
      return lineOutcome(firstDecision(compiled.steps, subject, walk, 0));
    });
  // The last line counts like a last item; a file that negates it negates its sense.
  const endsNegated = (): boolean => (compiled?.items.at(-1)?.negated ?? false) !== item.negated;
  return { item, test, endsNegated };
}

function lineOutcome(verdict: Maybe<Verdict | undefined>): Maybe<Outcome> {
  if (isPromise(verdict)) return verdict.then(lineOutcome);
  if (verdict === undefined) return undefined;
  if (verdict.kind === "defer" || verdict.kind === "error") return verdict;
  const inner = { negated: verdict.kind === "no", text: verdict.item ?? "", at: verdict.at };
  return { kind: "hit", data: verdict.data, inner, captures: verdict.captures };
}

function endOfRun<Subject>(items: readonly ListItem[], from: number, family: StepFamily<Subject>): number {
  let end = from;
  while (end < items.length) {
    const item = items[end] as ListItem;
    if (item.negated || family.slotOf(item.pattern, false) === undefined) break;
    end++;
  }
  return end;
}

/** By slot and key, the first item of the run. */
type Index = ReadonlyMap<number, ReadonlyMap<string, number>>;

/** Many items in a row as one step: a look into each slot, and the first item found decides, as in the list. */
function indexStep<Subject>(items: readonly ListItem[], family: StepFamily<Subject>): Step<Subject> {
  const indexes: [Index | undefined, Index | undefined] = [undefined, undefined];
  const steps = new Map<number, Step<Subject>>();
  const test = (subject: Subject, walk: Walk): Maybe<Outcome> => {
    const which = walk.caseful ? 1 : 0;
    const index = (indexes[which] ??= indexOf(items, family, walk.caseful));
    const at = firstIn(index, subject, family, walk.caseful);
    if (at === undefined) return undefined;
    const item = items[at] as ListItem;
    let step = steps.get(at);
    if (step === undefined) steps.set(at, (step = family.make(item)));
    return chain(step.test(subject, walk), (outcome) => (outcome?.kind === "hit" ? withPlace(outcome, item) : outcome));
  };
  return { item: items.at(-1) as ListItem, test };
}

function firstIn<Subject>(index: Index, subject: Subject, family: StepFamily<Subject>, caseful: boolean): number | undefined {
  let best: number | undefined;
  for (const [slot, keys] of index) {
    const key = family.keyIn(subject, slot, caseful);
    const at = key === undefined ? undefined : keys.get(key);
    if (at !== undefined && (best === undefined || at < best)) best = at;
  }
  return best;
}

function withPlace(hit: Hit, item: ListItem): Hit {
  return { ...hit, inner: hit.inner ?? { negated: false, text: item.text, at: item.at } };
}

function indexOf<Subject>(items: readonly ListItem[], family: StepFamily<Subject>, caseful: boolean): Index {
  const index = new Map<number, Map<string, number>>();
  items.forEach(({ pattern }, at) => {
    const { slot, key } = family.slotOf(pattern, caseful) as Slot;
    let keys = index.get(slot);
    if (keys === undefined) index.set(slot, (keys = new Map()));
    if (!keys.has(key)) keys.set(key, at);
  });
  return index;
}
