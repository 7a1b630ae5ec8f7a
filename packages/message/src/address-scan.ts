/**
 * The lexical part of addresses: white space and comments, words, domains (RFC 5322 §3.4, RFC 5321 §4.1.2), with what
 * Exim tolerates besides. Works on byte strings by offset, never backtracks, never recurses.
 */
export interface Scanned {
  /** Text without comments and white space. */
  readonly text: string;
  readonly end: number;
}

/** Behind white space and comments (nested, with quoted pairs); an unclosed comment reaches to the end. */
export function skipComments(text: string, from: number): number {
  let at = from;
  let depth = 0;
  for (; at < text.length; at++) {
    const c = text.charCodeAt(at);
    if (depth > 0) {
      if (c === BACKSLASH) at++;
      else if (c === OPEN) depth++;
      else if (c === CLOSE) depth--;
    } else if (c === OPEN) depth = 1;
    else if (!isSpace(c)) return at;
  }
  return text.length;
}

/**
 * Words and dots: `a.b`, `"x y".z`, with empty components tolerated (manual §"Dots in local parts"). Undefined
 * `scanned.text` = "" when there is none. "unmatched" = a quoted string without end.
 */
export function scanLocalPart(text: string, from: number): Scanned | "unmatched" {
  let at = from;
  let result = "";
  for (;;) {
    while (text.charCodeAt(at) === DOT) {
      result += ".";
      at = skipComments(text, at + 1);
    }
    const end = text.charCodeAt(at) === QUOTE ? endOfQuoted(text, at) : endOfAtom(text, at);
    if (end < 0) return "unmatched";
    if (end === at) return { text: result, end: at };
    result += text.slice(at, end);
    at = skipComments(text, end);
    if (text.charCodeAt(at) !== DOT) return { text: result, end: at };
  }
}

/** Offset behind the closing quote, -1 when there is none. */
export function endOfQuoted(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at++) {
    const c = text.charCodeAt(at);
    if (c === BACKSLASH) at++;
    else if (c === QUOTE) return at + 1;
  }
  return -1;
}

/** An atom without dots; a backslash takes the next character along, and at the end of the text it is one. */
export function endOfAtom(text: string, from: number): number {
  let at = from;
  for (; at < text.length; at++) {
    const c = text.charCodeAt(at);
    if (c === BACKSLASH) at += at + 1 < text.length ? 1 : 0;
    else if (c === DOT || isSpecial(c)) break;
  }
  return at;
}

export type DomainFault = "domain missing or malformed" | "malformed domain literal" | "domain literals not allowed";

export interface DomainRules {
  readonly allowDomainLiterals?: boolean;
  readonly stripTrailingDot?: boolean;
  /** Octets above 127 are letters (SMTPUTF8). */
  readonly utf8?: boolean;
}

export function scanDomain(text: string, from: number, rules: DomainRules): Scanned | DomainFault {
  if (text.charCodeAt(from) === OPEN_SQUARE) return scanLiteral(text, from, rules);
  let at = from;
  let domain = "";
  for (;;) {
    const end = endOfLabel(text, at, rules.utf8 === true);
    if (end === at) {
      return rules.stripTrailingDot === true && domain !== "" ? { text: domain.slice(0, -1), end: at } : "domain missing or malformed";
    }
    domain += text.slice(at, end);
    at = skipComments(text, end);
    if (text.charCodeAt(at) !== DOT) return { text: domain, end: at };
    domain += ".";
    at = skipComments(text, at + 1);
  }
}

function scanLiteral(text: string, from: number, rules: DomainRules): Scanned | DomainFault {
  if (rules.allowDomainLiterals === false) return "domain literals not allowed";
  for (let at = from + 1; at < text.length; at++) {
    const c = text.charCodeAt(at);
    if (c === CLOSE_SQUARE) return { text: text.slice(from, at + 1), end: skipComments(text, at + 1) };
    if (c === OPEN_SQUARE || c < 33 || c > 126) break;
    if (c === BACKSLASH) at++;
  }
  return "malformed domain literal";
}

/** Begins with a letter or digit, goes on with these and hyphens. */
function endOfLabel(text: string, from: number, utf8: boolean): number {
  let at = from;
  for (; at < text.length; at++) {
    const c = text.charCodeAt(at);
    if (!isAlnum(c) && !(utf8 && c > 127) && !(c === HYPHEN && at > from)) break;
  }
  return at;
}

export function isSpace(c: number): boolean {
  return c === 32 || (c >= 9 && c <= 13);
}

function isAlnum(c: number): boolean {
  return (c >= 48 && c <= 57) || (c >= 65 && c <= 90) || (c >= 97 && c <= 122);
}

/** `( ) < > @ , ; : " [ ]`, space, controls. */
function isSpecial(c: number): boolean {
  if (c <= 32 || c === 127) return true;
  return c < 128 && SPECIAL[c] === 1;
}

const SPECIAL = new Uint8Array(128);
for (const c of '()<>@,;:"[]') SPECIAL[c.charCodeAt(0)] = 1;

const BACKSLASH = 92;
const OPEN = 40;
const CLOSE = 41;
const QUOTE = 34;
const DOT = 46;
const HYPHEN = 45;
const OPEN_SQUARE = 91;
const CLOSE_SQUARE = 93;
