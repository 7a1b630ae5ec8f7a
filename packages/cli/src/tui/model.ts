/**
 * What the screen shows, kept outside React: the last entries in a ring, those that pass the filter, the rates. `version`
 * grows with each change, so that the screen knows when there is something to draw.
 */
import type { LogEntry } from "../logs/entries.ts";
import { typedFilter } from "../logs/filter.ts";
import type { LogFilter } from "../logs/filter.ts";
import { newRates } from "../logs/rates.ts";
import type { RateFigures } from "../logs/rates.ts";

export interface Row extends LogEntry {
  /** Grows by one a line; what a choice holds on to. */
  readonly seq: number;
}

export interface LogModel {
  readonly version: number;
  /** Entries that pass the filter, oldest first. */
  rows(): readonly Row[];
  /** All entries of a message that are here, whatever the filter says. */
  ofMessage(id: string): readonly Row[];
  push(entries: readonly LogEntry[]): void;
  setFilter(typed: string): void;
  /** While it is held, new entries are counted and kept, not shown. */
  hold(held: boolean): void;
  /** How many wait for the end of holding. */
  readonly waiting: number;
  rates(now: number): RateFigures;
}

const CAPACITY = 20_000;

export function newLogModel(wanted: LogFilter, capacity = CAPACITY): LogModel {
  const rates = newRates();
  let all: Row[] = [];
  let shown: Row[] = [];
  let held: LogEntry[] | undefined;
  let passes: LogFilter = () => true;
  let seq = 0;
  let version = 0;
  let lookup: { id: string; version: number; rows: Row[] } = { id: "", version: -1, rows: [] };

  function take(entries: readonly LogEntry[]): void {
    for (const entry of entries) {
      const row: Row = { ...entry, seq: seq++ };
      all.push(row);
      if (passes(row)) shown.push(row);
    }
    if (all.length > capacity * 1.25) all = all.slice(-capacity);
    const oldest = all[0]?.seq ?? 0;
    if (shown.length > capacity * 1.25) shown = shown.filter((row) => row.seq >= oldest);
  }

  return {
    get version() {
      return version;
    },
    get waiting() {
      return held?.length ?? 0;
    },
    rows: () => shown,
    ofMessage: (id) => {
      if (lookup.id !== id || lookup.version !== version) lookup = { id, version, rows: all.filter((row) => row.record?.id === id) };
      return lookup.rows;
    },
    push(entries) {
      if (entries.length === 0) return;
      for (const { record, stream } of entries) if (record !== undefined && stream !== "panic") rates.add(record.kind, record.time);
      const kept = entries.filter(wanted);
      if (held === undefined) take(kept);
      else {
        held.push(...kept);
        if (held.length > capacity) held = held.slice(-capacity);
      }
      version++;
    },
    setFilter(typed) {
      passes = typedFilter(typed);
      shown = all.filter(passes);
      version++;
    },
    hold(on) {
      if (on) held ??= [];
      else if (held !== undefined) {
        const entries = held;
        held = undefined;
        take(entries);
      }
      version++;
    },
    rates: (now) => rates.at(now),
  };
}
