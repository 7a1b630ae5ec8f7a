/**
 * Writes down what the evaluation of a string does: its steps, nested, with the lookups, lists and ACLs between them.
 * Knows nothing of what a step means; `explain.ts` makes the tree that people see.
 */
import type { TraceEvent, Tracer } from "@mailkit/sdk";

/** One step: a string, an item or a condition, each time that it was evaluated. */
export interface Visit {
  readonly kind: "visit";
  /** The piece of the tree of the string. */
  readonly step: object;
  /** An `Expansion`, or the verdict of a condition; undefined = it did not end. */
  result: unknown;
  /** Milliseconds. */
  readonly began: number;
  ended: number;
  /** What a test chose, when it had two strings. */
  chose: boolean | undefined;
  readonly entries: Entry[];
}

/** What was told while a step ran. */
export interface Said {
  readonly kind: "said";
  readonly event: TraceEvent;
  /** Milliseconds. */
  readonly at: number;
}

export type Entry = Visit | Said;

export interface Recording {
  readonly entries: readonly Entry[];
  /** How many steps are not in it, because there were too many. */
  readonly dropped: number;
}

export interface Recorder extends Tracer {
  on: boolean;
  /** What came since the last time. */
  take(): Recording;
}

/** More steps (a `reduce` over a long list) help nobody. */
const STEP_LIMIT = 20_000;

/** `now` in milliseconds, as finely as the machine can. */
export function makeRecorder(now: () => number, on = true): Recorder {
  let roots: Entry[] = [];
  let open: Visit[] = [];
  let steps = 0;
  let dropped = 0;
  /** Depth inside a step that was dropped. */
  let below = 0;
  const add = (entry: Entry): void => void (open.at(-1)?.entries ?? roots).push(entry);
  const begin = (step: object): void => {
    if (below > 0 || steps >= STEP_LIMIT) {
      below++;
      dropped++;
      return;
    }
    steps++;
    const visit: Visit = { kind: "visit", step, result: undefined, began: now(), ended: 0, chose: undefined, entries: [] };
    add(visit);
    open.push(visit);
  };
  const end = (_step: object, result: unknown): void => {
    if (below > 0) return void below--;
    const visit = open.pop();
    if (visit === undefined) return;
    visit.result = result;
    visit.ended = now();
  };
  const choose = (yes: boolean): void => {
    const visit = open.at(-1);
    if (below === 0 && visit !== undefined) visit.chose = yes;
  };
  const emit = (event: TraceEvent): void => {
    // The steps themselves are better.
    if (event.kind !== "expand" && below === 0 && steps < STEP_LIMIT) add({ kind: "said", event, at: now() });
  };
  const take = (): Recording => {
    const record = { entries: roots, dropped };
    roots = [];
    open = [];
    steps = dropped = below = 0;
    return record;
  };
  return { on, emit, watcher: { begin, end, choose }, take };
}
