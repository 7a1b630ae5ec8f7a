/**
 * Words and quoted items of an Exim filter (filter manual §"Format of Exim filter files", §"Data values in filter
 * commands"). Owns the place in the text and the number of the line. Total: the first fault stops all reading.
 */
export interface Cursor {
  readonly text: string;
  at: number;
  line: number;
  /** The first fault; everything that reads gives "" after it. */
  fault: string | undefined;
}

/** Longest word or string, before expansion. */
const MAX_ITEM = 1024;

export function newCursor(text: string): Cursor {
  const cursor: Cursor = { text, at: 0, line: 1, fault: undefined };
  skipSpace(cursor);
  return cursor;
}

export function atEnd(cursor: Cursor): boolean {
  return cursor.at >= cursor.text.length;
}

export function peekChar(cursor: Cursor): string {
  return cursor.text[cursor.at] ?? "";
}

/** The first fault counts; the cursor goes to the end, so that every loop stops. */
export function refuse(cursor: Cursor, message: string): void {
  cursor.fault ??= message;
  cursor.at = cursor.text.length;
}

/** `... near line 7 of filter file` */
export function refuseNear(cursor: Cursor, message: string): void {
  refuse(cursor, `${message} near line ${cursor.line} of filter file`);
}

/** White space and comments. */
export function skipSpace(cursor: Cursor): void {
  const { text } = cursor;
  for (; cursor.at < text.length; cursor.at++) {
    const code = text.charCodeAt(cursor.at);
    if (code === LF) cursor.line++;
    else if (code === HASH) {
      const end = text.indexOf("\n", cursor.at);
      if (end < 0) cursor.at = text.length;
      else cursor.at = end - 1;
    } else if (!isSpace(code)) return;
  }
}

/** Takes the parenthesis `c` and what space follows, if it is there. */
export function takeChar(cursor: Cursor, c: "(" | ")"): boolean {
  if (peekChar(cursor) !== c) return false;
  cursor.at++;
  skipSpace(cursor);
  return true;
}

/** Up to white space; in conditions a parenthesis ends it too. */
export function readWord(cursor: Cursor, inCondition = false): string {
  const { text } = cursor;
  const start = cursor.at;
  let at = start;
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (isSpace(code) || (inCondition && (code === OPEN || code === CLOSE))) break;
  }
  if (at - start >= MAX_ITEM) {
    refuse(cursor, `word is too long in line ${cursor.line} of filter file (max = ${MAX_ITEM} chars)`);
    return "";
  }
  cursor.at = at;
  skipSpace(cursor);
  return text.slice(start, at);
}

/** The next word, left where it stands. */
export function peekWord(cursor: Cursor): string {
  const { text, at } = cursor;
  let end = at;
  while (end < text.length && end - at < MAX_ITEM && !isSpace(text.charCodeAt(end))) end++;
  return text.slice(at, end);
}

/** A word, or a string in double quotes with its escapes done. */
export function readItem(cursor: Cursor, inCondition = false): string {
  if (peekChar(cursor) !== '"') return readWord(cursor, inCondition);
  const { text, line } = cursor;
  const end = endOfString(text, cursor.at + 1);
  if (end < 0) {
    refuse(cursor, `quote missing at end of string in line ${line}`);
    return "";
  }
  const raw = text.slice(cursor.at + 1, end);
  cursor.at = end + 1;
  cursor.line += lineEnds(raw);
  const item = unescape(raw);
  if (item.length >= MAX_ITEM) {
    refuse(cursor, `string is too long in line ${line} of filter file (max = ${MAX_ITEM} chars)`);
    return "";
  }
  skipSpace(cursor);
  return item;
}

/** Offset of the closing quote; -1 when the line ends first and no backslash continues it. */
function endOfString(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) return at;
    if (code === LF) return -1;
    if (code !== BACKSLASH) continue;
    const next = endOfContinuation(text, at + 1);
    at = next > 0 ? next - 1 : at + 1;
  }
  return -1;
}

/** Where the next line goes on, when only white space stands between a backslash and the line end; else 0. */
function endOfContinuation(text: string, from: number): number {
  let at = from;
  while (at < text.length && text.charCodeAt(at) !== LF && isSpace(text.charCodeAt(at))) at++;
  if (text.charCodeAt(at) !== LF) return 0;
  do at++;
  while (at < text.length && isSpace(text.charCodeAt(at)));
  return at;
}

const NAMED: Readonly<Record<string, string>> = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v" };
const ESCAPE = /\\(?:[ \t\r\f\v]*\n\s*|([0-7]{1,3})|x([0-9A-Fa-f]{0,2})|([^]))/g;

/** A NUL ends the string, as it does in Exim. */
function unescape(raw: string): string {
  if (!raw.includes("\\")) return raw.includes("\0") ? raw.slice(0, raw.indexOf("\0")) : raw;
  const text = raw.replace(ESCAPE, (_, octal?: string, hex?: string, other?: string) => {
    if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8) & 255);
    if (hex !== undefined) return String.fromCharCode(hex === "" ? 0 : Number.parseInt(hex, 16));
    return other === undefined ? "" : (NAMED[other] ?? other);
  });
  const nul = text.indexOf("\0");
  return nul < 0 ? text : text.slice(0, nul);
}

function lineEnds(text: string): number {
  let count = 0;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) count++;
  return count;
}

function isSpace(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13);
}

const LF = 10;
const QUOTE = 34;
const HASH = 35;
const OPEN = 40;
const CLOSE = 41;
const BACKSLASH = 92;
