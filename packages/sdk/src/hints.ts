/**
 * Hints: retry, ratelimit, seen/greylist, callout, wait, autoreply `once`. Losing them loses no mail. Kept in
 * node:sqlite by `@mailkit/spool`; a store on a network can take its place. Values are JSON.
 */
export type HintsDatabase = "retry" | "ratelimit" | "seen" | "callout" | "wait" | "misc" | "once";

export interface HintRecord<T> {
  readonly key: string;
  readonly value: T;
  /** Milliseconds since 1970, when it was last written. */
  readonly updated: number;
}

export interface HintsStore {
  get<T>(database: HintsDatabase, key: string): HintRecord<T> | undefined;
  put<T>(database: HintsDatabase, key: string, value: T): void;
  delete(database: HintsDatabase, key: string): void;
  /** All records whose key begins with `prefix`, in key order. */
  scan<T>(database: HintsDatabase, prefix?: string): Iterable<HintRecord<T>>;
  /** Reads, computes and writes as one step that no other process can come between. Undefined removes the record. */
  update<T>(database: HintsDatabase, key: string, change: (old: HintRecord<T> | undefined) => T | undefined): void;
}

/**
 * What was noted so much later than now was noted by a clock that has been set back since, and says nothing about now:
 * nobody shall wait until that time comes again. Less than this is the age of an attempt that looks at its beginning.
 */
export const CLOCK_SET_BACK = 3_600_000;

/** Retry record of a host (`T:name:ip[:port]`), domain or address (`R:...`). Times are milliseconds since 1970. */
export interface RetryHint {
  readonly firstFailed: number;
  readonly lastTry: number;
  readonly nextTry: number;
  /** Past the final cutoff of its rule. */
  readonly expired: boolean;
  /** Error class of the retry grammar (`refused_A`, `rcpt_4xx`, `timeout_connect`, ...). */
  readonly error: string;
  readonly text: string;
}
