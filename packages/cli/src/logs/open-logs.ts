/** The logs of a configuration, opened for watching: one poll gives what is new in all of them, as entries. */
import type { LogStream } from "@mailkit/logs";
import { byTime, makeOnce, toEntries } from "./entries.ts";
import type { LogEntry } from "./entries.ts";
import { followFile } from "./follow.ts";
import type { LogReading } from "./log-places.ts";

export const STREAMS: readonly LogStream[] = ["main", "reject", "panic"];

export interface WatchedLogs {
  poll(): LogEntry[];
  close(): void;
}

/** The first poll gives `last` lines of each log. */
export function watchLogs(reading: LogReading, streams: readonly LogStream[], options: { last: number; now: () => number }): WatchedLogs {
  const once = makeOnce();
  const followers = streams.map((stream) => ({
    stream,
    follower: followFile(() => reading.nameAt(stream, options.now()), options.last),
  }));
  return {
    poll: () => once(byTime(...followers.map(({ stream, follower }) => toEntries(stream, follower.poll(), reading.parse)))),
    close: () => followers.forEach(({ follower }) => follower.close()),
  };
}
