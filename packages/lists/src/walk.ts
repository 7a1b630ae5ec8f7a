/**
 * The walk along a list: left to right, the first item that matches decides, and at the end the sense of the last item
 * (manual §"Negated items in lists"). What an item means is not known here.
 */
import { isPromise, type ListResult, type Maybe, type Position, type Scope, type Text } from "@mailkit/sdk";
import type { ListItem } from "./syntax.ts";

/** What happens when a host's name or address cannot be found, or not for now. Manual §"Behaviour when an IP address…". */
export type Policy = "fail" | "ignore" | "include";

/** State of one walk; directives in the list change it for the items after them. */
export interface Walk {
  readonly scope: Scope;
  /** How many named lists this walk is inside of. */
  readonly depth: number;
  caseful: boolean;
  onUnknown: Policy;
  onDefer: Policy;
}

/** Where a match lies when the item stands for several: a line of a file, one of many literals. */
export interface Inner {
  readonly negated: boolean;
  readonly text: string;
  readonly at?: Position;
}

export interface Hit {
  readonly kind: "hit";
  readonly data: Text | undefined;
  /** `$0`, `$1`, ...; undefined = only `$0`, the subject; empty = the variables stay as they are. */
  readonly captures?: readonly string[];
  readonly inner?: Inner;
}

/** `unknown`: a name or address of a host does not exist. `error`: the item can never be right. */
export type Trouble =
  | { readonly kind: "defer"; readonly message: string }
  | { readonly kind: "error"; readonly message: string }
  | { readonly kind: "unknown"; readonly message: string };

/** Undefined = the item does not match. */
export type Outcome = Hit | Trouble | undefined;

export interface Step<Subject> {
  readonly item: ListItem;
  readonly test: (subject: Subject, walk: Walk) => Maybe<Outcome>;
  /** Whether a list that ends with this item contains what matched nothing; absent = when the item is negated. */
  readonly endsNegated?: () => boolean;
}

/** A result with what the numeric variables shall be. */
export type Verdict = ListResult & { readonly captures?: readonly string[]; readonly data?: Text };

export function newWalk(scope: Scope, caseful: boolean, depth = 0): Walk {
  return { scope, depth, caseful, onUnknown: "fail", onDefer: "fail" };
}

export function walkSteps<Subject>(steps: readonly Step<Subject>[], subject: Subject, walk: Walk): Maybe<Verdict> {
  const decided = firstDecision(steps, subject, walk, 0);
  return isPromise(decided) ? decided.then((verdict) => verdict ?? atEnd(steps)) : (decided ?? atEnd(steps));
}

/** Undefined = no item decided. Files are walked with this: their end decides nothing. */
export function firstDecision<Subject>(
  steps: readonly Step<Subject>[],
  subject: Subject,
  walk: Walk,
  from: number,
): Maybe<Verdict | undefined> {
  for (let i = from; i < steps.length; i++) {
    const step = steps[i] as Step<Subject>;
    const outcome = step.test(subject, walk);
    if (outcome === undefined) continue;
    if (isPromise(outcome)) {
      return outcome.then((late) => (late && decide(step.item, late, walk)) ?? firstDecision(steps, subject, walk, i + 1));
    }
    const verdict = decide(step.item, outcome, walk);
    if (verdict !== undefined) return verdict;
  }
  return undefined;
}

function decide(item: ListItem, outcome: Hit | Trouble, walk: Walk): Verdict | undefined {
  switch (outcome.kind) {
    case "hit": {
      const inner = outcome.inner;
      const text = inner?.text ?? item.text;
      const at = inner?.at ?? item.at;
      if (item.negated !== (inner?.negated ?? false)) return { kind: "no", item: text, at, data: outcome.data };
      return { kind: "yes", data: outcome.data, item: text, at, captures: outcome.captures };
    }
    case "error":
      return outcome;
    case "unknown":
      return byPolicy(walk.onUnknown, item) ?? (walk.onUnknown === "ignore" ? undefined : { kind: "no", item: item.text });
    case "defer":
      if (walk.onDefer === "ignore") return undefined;
      return byPolicy(walk.onDefer, item) ?? { kind: "defer", message: outcome.message, item: item.text };
  }
}

function byPolicy(policy: Policy, item: ListItem): Verdict | undefined {
  return policy === "include" ? { kind: "yes", data: undefined, item: item.text, captures: NONE } : undefined;
}

function atEnd<Subject>(steps: readonly Step<Subject>[]): Verdict {
  for (let i = steps.length - 1; i >= 0; i--) {
    const { item, endsNegated } = steps[i] as Step<Subject>;
    if (item.pattern.kind !== "directive")
      return (endsNegated?.() ?? item.negated) ? { kind: "yes", data: undefined, item: item.text, captures: NONE } : NO;
  }
  return NO;
}

const NONE: readonly string[] = [];
const NO: Verdict = { kind: "no" };
