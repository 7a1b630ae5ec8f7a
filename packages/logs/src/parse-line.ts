import { trimSpace } from "@mailkit/sdk";
import type { LogHost, LogKind, LogRecord } from "./records.ts";

/**
 * Log lines back to records. Total: a line that is none of the known ones is a note; undefined only when no time stamp
 * begins it (a continuation). Linear in the length of the line.
 */
const HEAD =
  /^(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)(?:\.(\d{3}))?(?: ([+-]\d{4}))?(?: \[(\d+)\])? (?:([0-9A-Za-z]{6}-(?:[0-9A-Za-z]{6}-[0-9A-Za-z]{2}|[0-9A-Za-z]{11}-[0-9A-Za-z]{4})) )?/;

const FLAGS: ReadonlyMap<string, LogKind> = new Map([
  ["<=", "arrival"],
  ["(=", "fakereject"],
  ["=>", "delivery"],
  ["->", "additional"],
  [">>", "cutthrough"],
  ["*>", "suppressed"],
  ["**", "failed"],
  ["==", "deferred"],
]);

export interface ParseOptions {
  /** Offset of lines without zone, in minutes east of Greenwich, for a local time. Default: UTC. */
  readonly offsetAt?: (localMilliseconds: number) => number;
}

export function parseLogLine(line: string, options: ParseOptions = {}): LogRecord | undefined {
  const head = HEAD.exec(line);
  if (head === null) return undefined;
  const text = line.slice(head[0].length).replace(/\r?\n$/, "");
  const base = {
    time: timeOf(head, options),
    ...(head[10] === undefined ? {} : { id: head[10] }),
    ...(head[9] === undefined ? {} : { pid: Number(head[9]) }),
    text,
  };
  const kind = FLAGS.get(text.slice(0, 2));
  if (kind === undefined || (text.length > 2 && text[2] !== " ")) return { ...base, ...parseNote(text, head[10] !== undefined) };
  const rest = text.slice(3);
  return { ...base, kind, ...(kind === "arrival" || kind === "fakereject" ? parseArrival(rest) : parseDelivery(rest, kind)) };
}

/** Whole logs: entries with the lines that belong to them. */
export function* parseLog(lines: Iterable<string>, options: ParseOptions = {}): Generator<LogRecord> {
  let record: LogRecord | undefined;
  let more: string[] = [];
  for (const line of lines) {
    const next = parseLogLine(line, options);
    if (next === undefined) {
      if (record !== undefined && more.length < MOST_LINES) more.push(line.replace(/\r?\n$/, ""));
      continue;
    }
    if (record !== undefined) yield more.length === 0 ? record : { ...record, more };
    record = next;
    more = [];
  }
  if (record !== undefined) yield more.length === 0 ? record : { ...record, more };
}

const MOST_LINES = 10_000;

function timeOf(head: RegExpExecArray, options: ParseOptions): number {
  const n = (group: number): number => Number(head[group] ?? 0);
  const local = Date.UTC(n(1), n(2) - 1, n(3), n(4), n(5), n(6), n(7));
  const zone = head[8];
  if (zone === undefined) return local - (options.offsetAt?.(local) ?? 0) * 60_000;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(3));
  return local - (zone.startsWith("-") ? -minutes : minutes) * 60_000;
}

type Parsed = Partial<LogRecord> & Pick<LogRecord, "fields">;

function parseArrival(rest: string): Parsed {
  const end = fieldStart(rest, 0);
  const address = trimSpace(rest.slice(0, end));
  const { fields, stop } = readFields(rest, end);
  const tail = rest.slice(stop);
  const recipients = /(?:^| )for (.+)$/.exec(tail);
  const from = /(?:^| )from <([^>]*)>/.exec(tail);
  if (from !== null) fields.set("from", from[1] as string);
  return {
    address: address === "<>" ? "" : address,
    fields,
    ...hostPart(fields),
    ...(recipients === null ? {} : { recipients: (recipients[1] as string).split(" ") }),
  };
}

function parseDelivery(rest: string, kind: LogKind): Parsed {
  if (kind === "deferred") return parseDeferral(rest);
  const reason = kind === "failed" ? reasonStart(rest) : rest.length;
  const start = Math.min(fieldStart(rest, 0), reason);
  const { fields } = readFields(rest.slice(0, reason), start);
  const message = rest.slice(reason + 2);
  return { ...addressSection(rest.slice(0, start)), fields, ...hostPart(fields), ...(message === "" ? {} : { message }) };
}

/** `address R=r T=t defer (-44) H=h [a]: message`, `address routing defer (-1): message`. */
function parseDeferral(rest: string): Parsed {
  const defer = DEFER.exec(rest);
  if (defer === null) return { address: rest, fields: new Map() };
  const before = rest.slice(0, defer.index);
  const start = fieldStart(before, 0);
  const { fields } = readFields(before, start);
  const tail = rest.slice(defer.index + defer[0].length);
  const host = DEFER_HOST.exec(tail);
  if (host !== null) fields.set("H", host[2] as string);
  const message =
    host === null ? tail.replace(/^: /, "") : [host[1] ?? "", tail.slice(host[0].length)].filter((part) => part !== "").join(": ");
  return {
    ...addressSection(before.slice(0, start)),
    fields,
    ...hostPart(fields),
    ...(defer[1] === undefined ? {} : { errno: Number(defer[1]) }),
    ...(message === "" ? {} : { message }),
  };
}

const DEFER = /(?: routing)? defer \((?:(-?\d+)|[^()\s]{0,20})\)/;
/** The text of a system error may stand before the host. */
const DEFER_HOST = /^(?:: ([^:]{1,80}))?? H=((?:\S+ )?(?:\([^)]*\) )?\[[^\]]*\](?::\d+)?\*?)(?:: |$)/;

/** `a (b, c) <d>`, `|command <d>`, `a`. */
function addressSection(section: string): Pick<LogRecord, "address"> & Partial<LogRecord> {
  const text = trimSpace(section);
  const original = / <([^<>]*)>$/.exec(text);
  const before = original === null ? text : text.slice(0, original.index);
  const parents = original === null ? null : / \(([^()]*)\)$/.exec(before);
  return {
    address: parents === null ? before : before.slice(0, parents.index),
    ...(original === null ? {} : { original: original[1] as string }),
    ...(parents === null ? {} : { parents: (parents[1] as string).split(", ") }),
  };
}

/** Where `: reason` begins: the first `: ` that is in no quotes and no brackets. */
function reasonStart(rest: string): number {
  let depth = 0;
  for (let at = 0; at < rest.length; at++) {
    const c = rest[at];
    if (c === '"' && depth === 0) at = closingQuote(rest, at);
    else if (c === "[" || c === "<") depth++;
    else if (c === "]" || c === ">") depth = Math.max(0, depth - 1);
    else if (c === ":" && depth === 0 && rest[at + 1] === " ") return at;
  }
  return rest.length;
}

const KEY = /(?:^| )(A|C|CV|Ci|D|DKIM|DN|DT|F|H|I|id\*?|M8S|P|PRX|PS|Q|QT|R|RT|S|SNI|ST|T|U|X)=/g;
const BARE = /^(K|L[-.*]*|PRDR|TFO\*?|DS|L)$/;

/** Offset of the first `KEY=`, at its space; not inside quotes (a local part, a pipe command): they may hold anything. */
function fieldStart(text: string, from: number): number {
  KEY.lastIndex = from;
  let seen = 0;
  let open = false;
  for (let match = KEY.exec(text); match !== null; match = KEY.exec(text)) {
    for (; seen < match.index; seen++) {
      if (text[seen] === "\\") seen++;
      else if (text[seen] === '"') open = !open;
    }
    if (!open) return match.index;
  }
  return text.length;
}

function readFields(text: string, from: number): { fields: Map<string, string>; stop: number } {
  const fields = new Map<string, string>();
  let at = from;
  for (;;) {
    const match = /^ ?([A-Za-z0-9]+\*?)=/.exec(text.slice(at, at + 12));
    if (match === null) {
      const bare = /^ ?(\S+)/.exec(text.slice(at, at + 12));
      if (bare === null || !BARE.test(bare[1] as string)) return { fields, stop: at };
      fields.set((bare[1] as string).replace(/[-.*]+$/, ""), (bare[1] as string).replace(/^[A-Z]+/, ""));
      at += bare[0].length;
      continue;
    }
    const key = match[1] as string;
    const valueAt = at + match[0].length;
    const end = endOfValue(text, key, valueAt);
    fields.set(key, unquote(text.slice(valueAt, end)));
    at = end;
  }
}

function endOfValue(text: string, key: string, from: number): number {
  if (text[from] === '"') return closingQuote(text, from) + 1;
  if (key === "H" || key === "I" || key === "PRX") return endOfHost(text, from);
  if (key === "U" || key === "A" || key === "F" || key === "P") {
    const stop = text[from] === "<" ? text.indexOf(">", from) + 1 : nextField(text, from);
    return stop <= from ? text.length : stop;
  }
  const space = text.indexOf(" ", from);
  return space < 0 ? text.length : space;
}

/** `name (helo) [address]:port*`. */
function endOfHost(text: string, from: number): number {
  const match = /^(?:[^\s[(]+ ?)?(?:\([^)]*\) ?)?(?:\[[^\]]*\](?::\d+)?\*?)?/.exec(text.slice(from));
  return from + (match?.[0].trimEnd().length ?? 0);
}

/** Values that may hold spaces end where the next field, a bare flag or a known word begins. */
function nextField(text: string, from: number): number {
  KEY.lastIndex = from;
  const match = KEY.exec(text);
  const word = / (?:for|from <|K |L |PRDR )/.exec(text.slice(from));
  return Math.min(match?.index ?? text.length, word === null ? text.length : from + word.index);
}

function closingQuote(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === '"') return at;
  }
  return text.length - 1;
}

function unquote(value: string): string {
  return value.length > 1 && value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1).replace(/\\(["\\])/g, "$1") : value;
}

function hostPart(fields: ReadonlyMap<string, string>): { host?: LogHost } {
  const value = fields.get("H");
  return value === undefined ? {} : { host: parseHost(value) };
}

export function parseHost(value: string): LogHost {
  const match = /^([^\s[(]+)? ?(?:\(([^)]*)\))? ?(?:\[([^\]]*)\](?::(\d+))?(\*)?)?/.exec(value);
  return {
    ...(match?.[1] === undefined ? {} : { name: match[1] }),
    ...(match?.[2] === undefined ? {} : { helo: match[2] }),
    ...(match?.[3] === undefined ? {} : { address: match[3] }),
    ...(match?.[4] === undefined ? {} : { port: Number(match[4]) }),
    ...(match?.[5] === undefined ? {} : { continued: true }),
  };
}

const FIXED: readonly (readonly [RegExp, LogKind])[] = [
  [/^Completed(?: QT=\S+)?$/, "completed"],
  [/^(?:Frozen|frozen)\b/, "frozen"],
  [/^(?:Unfrozen|unfrozen)\b/, "thawed"],
  [/^(?:removed|cancelled) by /, "removed"],
  [/^(?:Start|End) queue run: /, "queueRun"],
  [/^SMTP (?:connection|call) /, "connection"],
];

function parseNote(text: string, hasId: boolean): Parsed & { kind: LogKind } {
  for (const [pattern, kind] of FIXED) {
    if (pattern.test(text)) return { kind, fields: kind === "completed" ? readFields(text, "Completed".length).fields : new Map() };
  }
  const rejected =
    / (?:temporarily )?rejected (?:connection|MAIL|RCPT|EHLO|HELO|VRFY|EXPN|ETRN|STARTTLS|AUTH|DATA|after|from|by|incoming)/.exec(text);
  if (rejected !== null && (hasId || /^(?:H|U|F)=/.test(text))) {
    const { fields } = readFields(text.slice(0, rejected.index), 0);
    const colon = text.indexOf(": ", rejected.index);
    return { kind: "rejected", fields, ...hostPart(fields), ...(colon < 0 ? {} : { message: text.slice(colon + 2) }) };
  }
  return { kind: "note", fields: new Map() };
}
