/**
 * Small readers over a logical line: names, strings with or without quotes, lists. Each knows the offset of what it
 * read, so that a fault inside a value can be shown in the file. Pure.
 */
import { trimSpaceEnd } from "@mailkit/sdk";
import type { Position } from "@mailkit/sdk";
import type { LogicalLine } from "../source/reader.ts";

/** A value as read from a line, and where each of its characters stands. */
export interface Located {
  readonly text: string;
  readonly at: Position;
  /** Position of the character at `offset` of `text`. */
  readonly locate: (offset: number) => Position;
  /** Characters of the file behind `length` characters from `offset`. */
  readonly width: (offset: number, length: number) => number;
}

/** A value that no file holds (a default, an option of the command line). */
export function unlocated(text: string, at: Position): Located {
  return { text, at, locate: () => at, width: (_, length) => length };
}

export function skipSpace(text: string, from: number): number {
  let i = from;
  while (i < text.length && isSpace(text.charCodeAt(i))) i++;
  return i;
}

export function isSpace(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13);
}

/** The end of a word of letters, digits and underscores that begins at `from` with a letter; `from` when there is none. */
export function nameEnd(text: string, from: number): number {
  if (!/[A-Za-z]/.test(text[from] ?? "")) return from;
  let i = from + 1;
  while (i < text.length && /[A-Za-z0-9_]/.test(text[i] as string)) i++;
  return i;
}

export type StringRead =
  | { readonly kind: "value"; readonly value: Located }
  | { readonly kind: "fault"; readonly why: "unterminated" | "extra"; readonly offset: number };

/** A string value that begins at `from` (white space skipped) and takes the rest of the line (manual §"String values"). */
export function readString(line: LogicalLine, from: number): StringRead {
  const start = skipSpace(line.text, from);
  if (line.text[start] !== '"') return { kind: "value", value: slice(line, start, line.text.length) };
  const quoted = readQuoted(line, start);
  if (quoted === undefined) return { kind: "fault", why: "unterminated", offset: start };
  const rest = skipSpace(line.text, quoted.end);
  if (rest < line.text.length) return { kind: "fault", why: "extra", offset: rest };
  return { kind: "value", value: quoted.value };
}

/** The characters from `start` to `end` as they stand. */
export function slice(line: LogicalLine, start: number, end: number): Located {
  return {
    text: line.text.slice(start, end),
    at: line.map.at(start),
    locate: (offset) => line.map.at(start + offset),
    width: (offset, length) => line.map.width(start + offset, length),
  };
}

/** One word: up to white space, or a quoted string (retry and rewrite rules). Undefined at the end of the line. */
export function readWord(line: LogicalLine, from: number): { readonly value: Located; readonly end: number } | undefined {
  const start = skipSpace(line.text, from);
  if (start >= line.text.length) return undefined;
  if (line.text[start] === '"') {
    const quoted = readQuoted(line, start);
    return quoted ?? { value: slice(line, start, line.text.length), end: line.text.length };
  }
  let end = start;
  while (end < line.text.length && !isSpace(line.text.charCodeAt(end))) end++;
  return { value: slice(line, start, end), end };
}

/** All words of a value (see `readWord`): `a "b c" d`. A quoted string ends its word. */
export function splitWords(text: string): readonly string[] {
  const at: Position = { file: "", line: 0, column: 0 };
  const map = { at: () => at, width: (_: number, length: number) => length };
  const line: LogicalLine = { text, map, end: at };
  const words: string[] = [];
  for (let word = readWord(line, 0); word !== undefined; word = readWord(line, word.end)) words.push(word.value.text);
  return words;
}

/** A quoted string whose opening quote is at `start`; undefined when it does not end. */
export function readQuoted(line: LogicalLine, start: number): { readonly value: Located; readonly end: number } | undefined {
  const source = line.text;
  let text = "";
  const offsets: number[] = [];
  let i = start + 1;
  while (i < source.length && source[i] !== '"') {
    offsets.push(i);
    if (source[i] !== "\\") {
      text += source[i++];
      continue;
    }
    const escape = readEscape(source, i);
    text += escape.text;
    i = escape.end;
  }
  if (i >= source.length) return undefined;
  offsets.push(i);
  const offsetOf = (offset: number): number => offsets[Math.min(offset, offsets.length - 1)] as number;
  return {
    end: i + 1,
    value: {
      text,
      at: line.map.at(start),
      locate: (offset) => line.map.at(offsetOf(offset)),
      width: (offset, length) => line.map.width(offsetOf(offset), offsetOf(offset + length) - offsetOf(offset)),
    },
  };
}

/** `\n`, `\101`, `\x41`, or the character itself. */
function readEscape(source: string, at: number): { readonly text: string; readonly end: number } {
  const next = source[at + 1];
  if (next === undefined) return { text: "", end: at + 1 };
  const named = { n: "\n", r: "\r", t: "\t" }[next];
  if (named !== undefined) return { text: named, end: at + 2 };
  const octal = /^[0-7]{1,3}/.exec(source.slice(at + 1, at + 4))?.[0];
  if (octal !== undefined) return { text: String.fromCharCode(Number.parseInt(octal, 8) & 255), end: at + 1 + octal.length };
  const hex = next === "x" ? /^[0-9A-Fa-f]{1,2}/.exec(source.slice(at + 2, at + 4))?.[0] : undefined;
  if (hex !== undefined) return { text: String.fromCharCode(Number.parseInt(hex, 16)), end: at + 2 + hex.length };
  return { text: next, end: at + 2 };
}

export interface ListItem {
  readonly text: string;
  /** Offset of its first character in the list. */
  readonly offset: number;
}

/**
 * The items of a list that is not expanded (manual §"List construction"): a separator in front (`<;`), doubled ones stand
 * for themselves but for control characters, white space around items dropped, an empty last item dropped.
 */
export function splitList(source: string): readonly ListItem[] {
  let i = skipSpace(source, 0);
  let separator = ":";
  const chosen = source[i] === "<" ? source[i + 1] : undefined;
  if (chosen !== undefined && isSeparator(chosen)) {
    separator = chosen;
    i += 2;
  }
  const control = separator < " " || separator === "\x7f";
  const items: ListItem[] = [];
  for (;;) {
    while (i < source.length && isSpace(source.charCodeAt(i)) && source[i] !== separator) i++;
    if (i >= source.length) return items;
    const offset = i;
    let text = "";
    while (i < source.length) {
      const c = source[i] as string;
      if (c !== separator) text += c;
      else if (!control && source[i + 1] === separator) text += source[i++];
      else break;
      i++;
    }
    items.push({ text: trimSpaceEnd(text), offset });
    if (i >= source.length) return items;
    i++;
  }
}

function isSeparator(c: string): boolean {
  return /[!-/:-@[-`{-~\x00-\x1f\x7f]/.test(c);
}

/** A pattern as a list of that one item: colons in it are no separators (retry and rewriting rules). */
export function oneItem(pattern: string): string {
  return pattern.includes(":") ? `<\x01${pattern}` : pattern;
}
