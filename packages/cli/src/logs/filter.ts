/** What of the logs is wanted: words, a message, an address, streams. Pure. */
import { lower } from "@mailkit/sdk";
import type { LogStream } from "@mailkit/logs";
import type { LogEntry } from "./entries.ts";

export interface LogWish {
  /** All must be there, `!word` must not; case does not count. */
  readonly words: readonly string[];
  readonly ids: readonly string[];
  readonly addresses: readonly string[];
  readonly streams: ReadonlySet<LogStream>;
}

export type LogFilter = (entry: LogEntry) => boolean;

export function makeFilter(wish: Partial<LogWish>): LogFilter {
  const words = wordFilter(wish.words ?? []);
  const ids = wish.ids ?? [];
  const addresses = (wish.addresses ?? []).map(lower);
  return (entry) => {
    if (wish.streams !== undefined && !wish.streams.has(entry.stream)) return false;
    if (ids.length > 0 && !ids.some((id) => entry.record?.id?.startsWith(id) === true || entry.line.includes(id))) return false;
    const line = lower(entry.line);
    if (addresses.length > 0 && !addresses.some((address) => mentions(line, address))) return false;
    return words(line);
  };
}

/** What is typed behind `/`. */
export function typedFilter(text: string): LogFilter {
  const words = wordFilter(text.split(/\s+/).filter((word) => word !== ""));
  return (entry) => words(lower(entry.line));
}

function wordFilter(words: readonly string[]): (loweredLine: string) => boolean {
  const lowered = words.map(lower);
  const wanted = lowered.filter((word) => !word.startsWith("!"));
  const unwanted = lowered.filter((word) => word.startsWith("!") && word.length > 1).map((word) => word.slice(1));
  return (line) => wanted.every((word) => line.includes(word)) && !unwanted.some((word) => line.includes(word));
}

const IN_ADDRESS = /[\w.+-]/;

/** The address as a whole: `a@b.c` is not in `xa@b.c` nor in `a@b.com`. A domain alone (`@b.c`) matches any user of it. */
function mentions(line: string, address: string): boolean {
  for (let at = line.indexOf(address); at >= 0; at = line.indexOf(address, at + 1)) {
    const before = address.startsWith("@") ? "" : (line[at - 1] ?? "");
    const after = line.slice(at + address.length, at + address.length + 2);
    if (!IN_ADDRESS.test(before) && !/^(?:[\w-]|\.\w)/.test(after)) return true;
  }
  return false;
}
