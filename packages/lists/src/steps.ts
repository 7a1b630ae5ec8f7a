/** Steps that all kinds of lists share: directives, files, named lists, and runs of literals as an index. */
import { chain, isFault, isPromise, type ListKind, type Maybe } from "@mailkit/sdk";
import { parseListFile } from "./parse-list.ts";
import type { Directive, ListItem, Pattern } from "./syntax.ts";
import { firstDecision, type Hit, type Outcome, type Step, type Verdict, type Walk } from "./walk.ts";

/** Makes the step of one item; each kind of list has its own. */
export type StepMaker<Subject> = (item: ListItem) => Step<Subject>;

export interface StepFamily<Subject> {
  readonly kind: ListKind;
  readonly make: StepMaker<Subject>;
  /** The text under which a literal item is found, or undefined for other items. */
  readonly literalKey: (pattern: Pattern, caseful: boolean) => string | undefined;
  readonly subjectKey: (subject: Subject, caseful: boolean) => string;
  /** What a literal item gives when it matches. */
  readonly literalHit: (item: ListItem) => Hit;
}

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
    if (item.negated || family.literalKey(item.pattern, false) === undefined) break;
    end++;
  }
  return end;
}

/** Many literals in a row as one step; the first of equals wins, as in the list. */
function indexStep<Subject>(items: readonly ListItem[], family: StepFamily<Subject>): Step<Subject> {
  const indexes: [Map<string, Hit> | undefined, Map<string, Hit> | undefined] = [undefined, undefined];
  const test = (subject: Subject, walk: Walk): Outcome => {
    const which = walk.caseful ? 1 : 0;
    const index = (indexes[which] ??= indexOf(items, family, walk.caseful));
    return index.get(family.subjectKey(subject, walk.caseful));
  };
  return { item: items.at(-1) as ListItem, test };
}

function indexOf<Subject>(items: readonly ListItem[], family: StepFamily<Subject>, caseful: boolean): Map<string, Hit> {
  const index = new Map<string, Hit>();
  for (const item of items) {
    const key = family.literalKey(item.pattern, caseful) as string;
    if (index.has(key)) continue;
    index.set(key, { ...family.literalHit(item), inner: { negated: false, text: item.text, at: item.at } });
  }
  return index;
}
