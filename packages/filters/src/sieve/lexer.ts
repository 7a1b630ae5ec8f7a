/** Tokens of Sieve (RFC 5228 §8.1) over a text with LF line ends. Total: the first fault stops all reading. */
import type { SieveFault } from "./ast.ts";
import { decodeCharacters } from "./encoded-characters.ts";

export interface Lexer {
  readonly text: string;
  at: number;
  line: number;
  fault: SieveFault | undefined;
  /** `require "encoded-character"` was seen. */
  encodedCharacters: boolean;
}

export function newLexer(text: string): Lexer {
  const lexer: Lexer = { text, at: 0, line: 1, fault: undefined, encodedCharacters: false };
  skipSpace(lexer);
  return lexer;
}

export function refuse(lexer: Lexer, message: string): void {
  lexer.fault ??= { message, line: lexer.line };
  lexer.at = lexer.text.length;
}

export function atEnd(lexer: Lexer): boolean {
  return lexer.at >= lexer.text.length;
}

/** White space and both kinds of comments. A comment up to the line end needs one (RFC 5228 §8.1). */
export function skipSpace(lexer: Lexer): void {
  const { text } = lexer;
  while (lexer.at < text.length) {
    const c = text[lexer.at];
    if (c === "\n") lexer.line++;
    if (c === "#") {
      if (!skipPast(lexer, "\n", lexer.at)) return;
    } else if (c === "/" && text[lexer.at + 1] === "*") {
      if (!skipPast(lexer, "*/", lexer.at + 2)) return;
    } else if (c === " " || c === "\t" || c === "\n" || c === "\r") lexer.at++;
    else return;
  }
}

function skipPast(lexer: Lexer, end: string, from: number): boolean {
  const at = lexer.text.indexOf(end, from);
  const stop = at < 0 ? lexer.text.length : at + end.length;
  advance(lexer, stop);
  if (at < 0) refuse(lexer, "missing end of comment");
  return at >= 0;
}

/** Goes to `end` and counts the lines in between. */
function advance(lexer: Lexer, end: number): void {
  for (let at = lexer.text.indexOf("\n", lexer.at); at >= 0 && at < end; at = lexer.text.indexOf("\n", at + 1)) lexer.line++;
  lexer.at = end;
}

/** Takes a word of any case, whole, with a colon in front for tags; space after it goes. */
export function takeWord(lexer: Lexer, word: string): boolean {
  const { text, at } = lexer;
  const end = at + word.length;
  if (text.slice(at, end).toLowerCase() !== word || /[A-Za-z0-9_]/.test(text[end] ?? "")) return false;
  lexer.at = end;
  skipSpace(lexer);
  return lexer.fault === undefined;
}

export function takeSign(lexer: Lexer, sign: string): boolean {
  if (lexer.text[lexer.at] !== sign) return false;
  lexer.at++;
  skipSpace(lexer);
  return true;
}

const NUMBER = /([0-9]+)([KMGkmg]?)/y;
const UNITS: Readonly<Record<string, number>> = { "": 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3 };

/** Digits, perhaps with K, M or G, which are powers of 1024. */
export function takeNumber(lexer: Lexer): number | undefined {
  NUMBER.lastIndex = lexer.at;
  const found = NUMBER.exec(lexer.text);
  if (found === null) return undefined;
  lexer.at += found[0].length;
  skipSpace(lexer);
  return Number(found[1]) * (UNITS[(found[2] as string).toUpperCase()] as number);
}

/** A quoted or multi-line string; undefined when none stands here. */
export function takeString(lexer: Lexer): string | undefined {
  const { text } = lexer;
  if (text[lexer.at] === '"') return finish(lexer, takeQuoted(lexer));
  if (/^text:$/i.test(text.slice(lexer.at, lexer.at + 5))) return finish(lexer, takeMultiLine(lexer));
  return undefined;
}

/** One string, or several in brackets. */
export function takeStrings(lexer: Lexer): readonly string[] | undefined {
  if (lexer.text[lexer.at] !== "[") {
    const one = takeString(lexer);
    return one === undefined ? undefined : [one];
  }
  takeSign(lexer, "[");
  const strings: string[] = [];
  if (takeSign(lexer, "]")) return strings;
  do {
    const next = takeString(lexer);
    if (next === undefined) {
      refuse(lexer, "missing string list");
      return undefined;
    }
    strings.push(next);
  } while (takeSign(lexer, ","));
  if (takeSign(lexer, "]")) return strings;
  refuse(lexer, "missing string list");
  return undefined;
}

function finish(lexer: Lexer, text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  skipSpace(lexer);
  if (!lexer.encodedCharacters) return text;
  const decoded = decodeCharacters(text);
  if (typeof decoded === "string") return decoded;
  refuse(lexer, decoded.fault);
  return undefined;
}

/** `\0` is a NUL (README.SIEVE); before anything else a backslash takes away its meaning. */
function takeQuoted(lexer: Lexer): string | undefined {
  const { text } = lexer;
  const start = lexer.at + 1;
  let end = start;
  while (end < text.length && text[end] !== '"') end += text[end] === "\\" ? 2 : 1;
  if (end >= text.length) {
    advance(lexer, text.length);
    refuse(lexer, "missing end of string");
    return undefined;
  }
  const raw = text.slice(start, end);
  advance(lexer, end + 1);
  return raw.includes("\\") ? raw.replace(/\\([^])/g, (_, c: string) => (c === "0" ? "\0" : c)) : raw;
}

/** `text:`, lines, a line with a dot alone; a dot that begins a line is doubled. */
function takeMultiLine(lexer: Lexer): string | undefined {
  const { text } = lexer;
  const open = /^text:[ \t]*(?:#[^\n]*)?\r?\n/i.exec(text.slice(lexer.at, lexer.at + 1024));
  if (open === null) {
    refuse(lexer, "syntax error");
    return undefined;
  }
  const start = lexer.at + open[0].length;
  const end = text.startsWith(".\n", start) ? start - 1 : text.indexOf("\n.\n", start);
  if (end < 0) {
    advance(lexer, text.length);
    refuse(lexer, "missing end of multi line string");
    return undefined;
  }
  advance(lexer, end + 3);
  return text.slice(start, Math.max(start, end + 1)).replace(/^\./gm, "");
}
