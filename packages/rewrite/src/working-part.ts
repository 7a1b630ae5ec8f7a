/**
 * The working part of an item of a header line: what stands in angle brackets, or the item without comments around it.
 * Pure and total; used on items that have been parsed, and harmless on others.
 */
import { trimSpace } from "@mailkit/sdk";
import { encodeWords, fixPhrase, needsEncoding, skipComments } from "@mailkit/message";

export interface Place {
  readonly start: number;
  readonly end: number;
}

/** Where the address stands in an item, which may begin a group (`name: a@b`) or end one (`a@b;`). */
export function placeOf(item: string): Place {
  const from = endOfGroupName(item);
  const open = find(item, from, "<");
  if (open >= 0) {
    const close = find(item, open + 1, ">");
    return { start: open + 1, end: close < 0 ? item.length : close };
  }
  const start = skipComments(item, from);
  const end = find(item, start, ";");
  return { start, end: endWithoutComments(item, start, end < 0 ? item.length : end) };
}

/** The replacement of a rule with `w`: phrase and comment are encoded when they need it (manual, flag `w`). */
export function wholeItem(text: string, address: string, charset: string): string {
  const place = placeOf(text);
  const inBrackets = text[place.start - 1] === "<";
  const before = text.slice(0, inBrackets ? place.start - 1 : place.start);
  const after = text.slice(inBrackets ? place.end + 1 : place.end);
  const middle = inBrackets ? `<${address}>` : address;
  return `${spaced(before, (phrase) => (needsEncoding(phrase) ? encodeWords(phrase, charset) : fixPhrase(phrase)))}${middle}${spaced(
    after,
    (rest) => (needsEncoding(rest) ? encodeWords(rest, charset) : rest),
  )}`;
}

/** Changes what stands between the white space at both ends. */
function spaced(text: string, change: (core: string) => string): string {
  const core = trimSpace(text);
  if (core === "") return text;
  const start = text.indexOf(core);
  return text.slice(0, start) + change(core) + text.slice(start + core.length);
}

/** First place of a character outside quotes and comments, -1 when there is none. */
function find(text: string, from: number, wanted: string): number {
  for (let at = from; at < text.length; at++) {
    const char = text[at];
    if (char === wanted) return at;
    if (char === "\\") at++;
    else if (char === "(") at = skipComments(text, at) - 1;
    else if (char === '"') {
      const end = endOfQuoted(text, at);
      if (end < 0) return -1;
      at = end;
    }
  }
  return -1;
}

/** Offset of the closing quote, -1 when there is none. */
function endOfQuoted(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === '"') return at;
  }
  return -1;
}

/** A colon that is no source route (`@a:b@c`) ends the name of a group. */
function endOfGroupName(item: string): number {
  const start = skipComments(item, 0);
  if (item[start] === "@" || item[start] === "<") return 0;
  const colon = find(item, start, ":");
  if (colon <= start) return 0;
  for (const stop of ["<", "@", "["]) {
    const at = find(item, start, stop);
    if (at >= 0 && at < colon) return 0;
  }
  return colon + 1;
}

/** Where the last word ends before `limit`: comments and white space behind it are left out. */
function endWithoutComments(item: string, start: number, limit: number): number {
  let end = start;
  for (let at = start; at < limit;) {
    const next = skipComments(item, at);
    if (next >= limit) break;
    at = next;
    if (item[at] === '"') {
      const close = endOfQuoted(item, at);
      at = close < 0 ? limit : close + 1;
    } else at += item[at] === "\\" ? 2 : 1;
    end = Math.min(at, limit);
  }
  return end;
}
