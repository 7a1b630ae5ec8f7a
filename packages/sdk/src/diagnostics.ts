/** A place in a configuration (or filter, alias...) file: line and column count from 1. */
export interface Position {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export type Severity = "error" | "warning" | "note";

/** One fault. Codes are permanent (`MK` and four digits); `docs/diagnostics.md` has an entry for each. */
export interface Diagnostic {
  readonly code: string;
  readonly severity: Severity;
  readonly message: string;
  readonly at?: Position;
  /** How many characters of the source line the fault covers (for the `^^^` frame). */
  readonly length?: number;
  /** What to write instead; begins in lower case, no final period. */
  readonly hint?: string;
  /** The text that a real Exim prints for this fault, where it has one (used by the exim face). */
  readonly eximText?: string;
  /** What stands before its colon: ` in line 4 of FILE` (the default, from `at`), ` for r1 router`, or nothing. */
  readonly eximWhere?: string;
}

/** The name of `candidates` that is nearest to `name` (edit distance), if it is near enough to be a slip. */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  const limit = Math.max(1, Math.floor(name.length / 3));
  let best: string | undefined;
  let bestDistance = limit + 1;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - name.length) >= bestDistance) continue;
    const distance = editDistance(name, candidate);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** Letters wrong, missing, too many or swapped with their neighbour, each counted once. */
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (previous[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      current[j] = Math.min(substitution, (previous[j] as number) + 1, (current[j - 1] as number) + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        current[j] = Math.min(current[j] as number, (before[j - 2] as number) + 1);
    }
    before = previous;
    previous = current;
  }
  return previous[b.length] as number;
}
