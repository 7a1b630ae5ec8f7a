/** What is killed and when, from a seed. Pure. */
export type Target = "server" | "worker" | "supervisor" | "helper";

export interface Strike {
  readonly target: Target;
  /** Milliseconds after the server was seen up. */
  readonly after: number;
  /** In 0..1: which of several processes. */
  readonly which: number;
}

/** Numbers in 0..1 that repeat for a seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** Strikes without end; short lives are as frequent as longer ones, since what is being written differs. */
export function* strikes(seed: number, targets: readonly Target[], longest: number): Generator<Strike> {
  const random = seeded(seed);
  for (;;) {
    const target = targets[Math.floor(random() * targets.length)] as Target;
    yield { target, after: Math.round(20 + random() ** 2 * longest), which: random() };
  }
}
