import type { HeaderLine } from "@mailkit/sdk";
import { textOf } from "@mailkit/sdk";
import { endOfHeaderLine, makeHeader } from "./header-lines.ts";

/**
 * The header section of a message whose lines end with LF. A line that cannot be a header line ends the section and
 * begins the body, as Exim has it: no line is lost. Never throws.
 */
export interface HeaderLimits {
  /** `header_maxsize`: octets of the whole section. 0 = none. */
  readonly maxSize: number;
  /** `header_line_maxsize`: octets of one line with its folds. 0 = none. */
  readonly maxLine: number;
}

export interface ParsedHeaders {
  readonly kind: "ok";
  readonly headers: HeaderLine[];
  /** Offset in the input where the body begins (behind the empty line, when there is one). */
  readonly bodyStart: number;
  /** The empty line was there. */
  readonly separated: boolean;
}

export interface HeadersTooLong {
  readonly kind: "tooLong";
  readonly what: "section" | "line";
  readonly limit: number;
  /** The lines read before the fault, for the bounce and the rejectlog. */
  readonly headers: HeaderLine[];
  readonly message: string;
}

export const DEFAULT_LIMITS: HeaderLimits = { maxSize: 1024 * 1024, maxLine: 0 };

export function parseHeaders(message: string | Uint8Array, limits: HeaderLimits = DEFAULT_LIMITS): ParsedHeaders | HeadersTooLong {
  const text = typeof message === "string" ? message : textOf(headerOctets(message, limits));
  const headers: HeaderLine[] = [];
  let at = 0;
  while (at < text.length) {
    const empty = emptyLineAt(text, at);
    if (empty > 0) return { kind: "ok", headers, bodyStart: at + empty, separated: true };
    if (!isHeaderStart(text, at)) break;
    const end = endOfHeaderLine(text, at);
    if (limits.maxSize > 0 && end > limits.maxSize) return tooLong("section", limits.maxSize, headers);
    if (limits.maxLine > 0 && end - at > limits.maxLine) return tooLong("line", limits.maxLine, headers);
    headers.push(makeHeader(tidyLine(text.slice(at, end))));
    at = end;
  }
  return { kind: "ok", headers, bodyStart: at, separated: false };
}

/** RFC 5322 §2.2: printable characters but colon; white space before the colon is tolerated (RFC 5322 §4.5). */
export function isHeaderStart(text: string, at: number): boolean {
  let i = at;
  for (; ; i++) {
    const c = text.charCodeAt(i);
    if (!(c > 32 && c < 127 && c !== COLON)) break;
  }
  if (i === at) return false;
  while (text.charCodeAt(i) === SPACE || text.charCodeAt(i) === TAB) i++;
  return text.charCodeAt(i) === COLON;
}

/** A bare CR inside a header line is a line end that must not end the header (manual §"Line endings"). */
function tidyLine(line: string): string {
  if (!line.includes("\r")) return line;
  return line
    .replace(/\r\n/g, "\n")
    .replace(/\r$/, "\n")
    .replace(/\r(?![ \t])/g, "\n ")
    .replace(/\r/g, "\n");
}

/** Length of an empty line at `at`, 0 when there is none. */
function emptyLineAt(text: string, at: number): number {
  const c = text.charCodeAt(at);
  if (c === LF) return 1;
  return c === CR && text.charCodeAt(at + 1) === LF ? 2 : 0;
}

/** Only as many octets become a string as can be header; the body may be large. */
function headerOctets(message: Uint8Array, limits: HeaderLimits): Uint8Array {
  const octets = Buffer.from(message.buffer, message.byteOffset, message.byteLength);
  if (octets[0] === LF) return octets.subarray(0, 1);
  const lf = octets.indexOf("\n\n");
  const crlf = octets.indexOf("\n\r\n");
  const ends = [lf < 0 ? Infinity : lf + 2, crlf < 0 ? Infinity : crlf + 3];
  const end = Math.min(...ends, octets.length, limits.maxSize > 0 ? limits.maxSize + 2 : Infinity);
  return octets.subarray(0, end);
}

function tooLong(what: "section" | "line", limit: number, headers: HeaderLine[]): HeadersTooLong {
  const subject = what === "section" ? "ridiculously long message header" : "overlong message header line";
  return { kind: "tooLong", what, limit, headers, message: `${subject} received (more than ${limit} characters)` };
}

const LF = 10;
const CR = 13;
const TAB = 9;
const SPACE = 32;
const COLON = 58;
