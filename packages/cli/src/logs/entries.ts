/** Lines of the three logs as entries: continuation lines with the line they belong to, doubles told once. */
import { parseLogLine } from "@mailkit/logs";
import type { LogRecord, LogStream, ParseOptions } from "@mailkit/logs";

export interface LogEntry {
  /** The log it is shown under: what stands in the mainlog and the paniclog is of the paniclog. */
  readonly stream: LogStream;
  /** As it stands in the file, a byte string. */
  readonly line: string;
  readonly record: LogRecord | undefined;
  /** Lines that follow: the header of a rejected message. */
  readonly more: readonly string[];
}

/** Lines without a time at their head go on the line before. */
export function toEntries(stream: LogStream, lines: readonly string[], parse: ParseOptions): LogEntry[] {
  const entries: LogEntry[] = [];
  for (const line of lines) {
    const record = parseLogLine(line, parse);
    const last = entries.at(-1);
    if (record === undefined && last !== undefined) entries[entries.length - 1] = { ...last, more: [...last.more, line] };
    else entries.push({ stream, line, record, more: [] });
  }
  return entries;
}

/** By time, entries of one log in their order; what has no time stays behind the entry before it. */
export function byTime(...logs: readonly (readonly LogEntry[])[]): LogEntry[] {
  const timed = logs.flatMap((log) => {
    let time = 0;
    return log.map((entry) => ({ entry, time: (time = entry.record?.time ?? time) }));
  });
  return timed.sort((a, b) => a.time - b.time).map(({ entry }) => entry);
}

/** How far back a double is known as one. */
const REMEMBERED = 2000;

/** Takes the doubles out of entries that come in over time: rejects and panics stand in the mainlog, too. */
export function makeOnce(): (entries: readonly LogEntry[]) => LogEntry[] {
  const seen = new Map<string, LogStream>();
  return (entries) =>
    entries.filter(({ line, stream }) => {
      const before = seen.get(line);
      if (before !== undefined && before !== stream) {
        seen.delete(line);
        return false;
      }
      seen.set(line, stream);
      if (seen.size > REMEMBERED) seen.delete(seen.keys().next().value as string);
      return true;
    });
}
