import { unicodeOf } from "@mailkit/sdk";
import type { LogStream } from "./log-paths.ts";

/** A log line, taken apart: what `explain`, `stats`, the TUI and `--json` work on. */
export type LogKind =
  | "arrival"
  /** `(=` accepted, and rejected all the same (`control = fakereject`). */
  | "fakereject"
  | "delivery"
  /** `->` a further address of the same delivery. */
  | "additional"
  /** `>>` */
  | "cutthrough"
  /** `*>` suppressed by -N. */
  | "suppressed"
  | "failed"
  | "deferred"
  | "completed"
  | "frozen"
  | "thawed"
  | "removed"
  | "rejected"
  | "queueRun"
  | "connection"
  | "note";

export interface LogRecord {
  readonly kind: LogKind;
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly id?: string;
  readonly pid?: number;
  /** Arrival: the sender, "" for null. Delivery lines: the final address, pipe or file. */
  readonly address?: string;
  /** The address of the envelope, when the line shows another one before it. */
  readonly original?: string;
  /** Addresses between (`all_parents`). */
  readonly parents?: readonly string[];
  /** `R`, `T`, `H`, `S`, ... with their values, quotes off; flags as `K` have "". In the order of the line. */
  readonly fields: ReadonlyMap<string, string>;
  /** `H=`: name, helo and address apart. */
  readonly host?: LogHost;
  /** `for` of an arrival. */
  readonly recipients?: readonly string[];
  /** Deferred: number in `defer (-44)`. */
  readonly errno?: number;
  /** Failed, deferred, rejected: why. */
  readonly message?: string;
  /** Behind stamp, pid and id. */
  readonly text: string;
  /** Lines that follow: the header of a rejected message. */
  readonly more?: readonly string[];
}

export interface LogHost {
  /** Verified. */
  readonly name?: string;
  readonly helo?: string;
  readonly address?: string;
  readonly port?: number;
  /** Not the first message on the connection. */
  readonly continued?: boolean;
}

/** One line of JSON; text as Unicode. */
export function recordToJson(record: LogRecord, stream?: LogStream): string {
  const { fields, time, ...rest } = record;
  const value = { time: new Date(time).toISOString(), ...(stream === undefined ? {} : { log: stream }), ...rest };
  return unicodeOf(JSON.stringify(fields.size === 0 ? value : { ...value, fields: Object.fromEntries(fields) }));
}
