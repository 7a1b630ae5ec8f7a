/** What is fuzzed: rounds that repeat for a seed and a number, each of which throws when something does not hold. */
import { seeded } from "../crash/plan.ts";
import type { Teardown } from "../support/temporary.ts";
import type { Random } from "./mutate.ts";

export interface FuzzTarget {
  readonly name: string;
  /** Prepares what all rounds share. */
  readonly open: (t: Teardown) => Promise<FuzzRun>;
}

export interface FuzzRun {
  /** `seen` keeps the input of the round, for whoever has to look at it. */
  readonly round: (random: Random, seen: (input: Buffer) => void) => void | Promise<void>;
  /** What holds for all of it, asked at the end. */
  readonly finish?: () => Promise<void>;
}

/** Randomness of one round: the same whichever round is begun with. */
export function randomOf(seed: number, round: number): Random {
  return seeded((seed ^ Math.imul(round + 1, 0x9e3779b1)) >>> 0);
}

export function hold(condition: boolean, what: () => string): asserts condition {
  if (!condition) throw new Error(what());
}
