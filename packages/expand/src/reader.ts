/** Where the parser stands, and its first fault. After a fault the reader is at the end, so every loop stops by itself. */

import { nearest } from "@mailkit/sdk";

/** A name whose end is the end of the string: what kind of name, and where it begins. */
export interface Wanted {
  readonly kind: "variable" | "braced" | "header" | "condition" | "definable" | "lookup" | "list";
  readonly from: number;
  /** Of a list: the condition or operator that it belongs to. */
  readonly of?: string;
}

export interface Reader {
  readonly source: string;
  at: number;
  fault: { message: string; offset: number; hint?: string } | undefined;
  /** A header name took a brace: probably its colon was forgotten. */
  braceInHeader: boolean;
  /** Inside the last part of `map`, `filter`, `reduce`, which Exim first reads without evaluating. */
  iterations: number;
  depth: number;
  wanted: Wanted | undefined;
  readonly mentions: Set<string>;
}

export function newReader(source: string): Reader {
  return { source, at: 0, fault: undefined, braceInHeader: false, iterations: 0, depth: 0, wanted: undefined, mentions: new Set() };
}

/** Notes that a name was read which may go on behind the end of the string. */
export function wants(reader: Reader, kind: Wanted["kind"], from: number): void {
  if (reader.at >= reader.source.length && reader.fault === undefined) reader.wanted = { kind, from };
}

/** The same for a list from `from` on, whose closing brace did not come. */
export function wantsUnclosed(reader: Reader, from: number, of: string): void {
  if (reader.fault !== undefined) reader.wanted ??= { kind: "list", from, of };
}

/** The first fault counts; `offset` is where the reader stands. */
export function refuse(reader: Reader, message: string, offset = reader.at): void {
  reader.fault ??= { message, offset };
  reader.at = reader.source.length;
}

/** An unknown name; the nearest of those that there are is the hint. */
export function refuseName(
  reader: Reader,
  message: string,
  { name, known, offset }: { readonly name: string; readonly known: Iterable<string>; readonly offset?: number },
): void {
  const before = reader.fault;
  refuse(reader, message, offset);
  const near = before === undefined ? nearest(name, known) : undefined;
  if (near !== undefined && reader.fault !== undefined) reader.fault.hint = `did you mean "${near}"?`;
}

/** For faults that a forgotten colon after a header name may have caused. */
export function refuseBrace(reader: Reader, message: string): void {
  refuse(reader, reader.braceInHeader ? `${message} - could be header name not terminated by colon` : message);
}

/** Runs `read`; a fault inside gets `suffix` (` inside "and{...}" condition`), as Exim nests its messages. */
export function inside<T>(reader: Reader, suffix: string, read: () => T): T {
  const before = reader.fault;
  const result = read();
  if (before === undefined && reader.fault !== undefined) reader.fault.message += suffix;
  return result;
}

export function skipSpace(reader: Reader): void {
  const { source } = reader;
  while (reader.at < source.length && isSpace(source.charCodeAt(reader.at))) reader.at++;
}

export function isSpace(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13);
}

/** Next character, "" at the end. */
export function peek(reader: Reader): string {
  return reader.source[reader.at] ?? "";
}

export function take(reader: Reader, pattern: RegExp): string {
  pattern.lastIndex = reader.at;
  const found = pattern.exec(reader.source);
  if (found === null) return "";
  reader.at += found[0].length;
  return found[0];
}

/** Skips space and takes `c`, if it is there. */
export function accept(reader: Reader, c: string): boolean {
  skipSpace(reader);
  if (peek(reader) !== c) return false;
  reader.at++;
  return true;
}
