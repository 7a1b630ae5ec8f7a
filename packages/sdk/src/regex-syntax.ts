/**
 * The grammar of Perl-compatible regular expressions, as far as it means something on octets: text in, tree out.
 * Knows nothing of how the tree is run (`regex.ts` does that). Total: a fault is a value with its offset, in PCRE's words.
 */
import { CLASS_ESCAPES, EVERYTHING, NOT_NEWLINE, octetSet, readClass, readCode, setOf, VERTICAL } from "./regex-octets.ts";
import type { OctetSet } from "./regex-octets.ts";
import { refuse } from "./regex-reader.ts";
import type { Flags, Reader, RegexFault } from "./regex-reader.ts";

export type RegexNode =
  | { readonly kind: "sequence"; readonly items: readonly RegexNode[] }
  | { readonly kind: "choice"; readonly options: readonly RegexNode[] }
  | { readonly kind: "set"; readonly set: OctetSet }
  | { readonly kind: "assert"; readonly js: string }
  | { readonly kind: "group"; readonly index: number; readonly name: string | undefined; readonly body: RegexNode }
  | { readonly kind: "plain"; readonly body: RegexNode }
  | { readonly kind: "look"; readonly opener: "?=" | "?!" | "?<=" | "?<!"; readonly body: RegexNode }
  | { readonly kind: "atomic"; readonly body: RegexNode }
  | { readonly kind: "repeat"; readonly body: RegexNode; readonly min: number; readonly max: number; readonly mode: "" | "?" | "+" }
  | { readonly kind: "backreference"; readonly to: number | string; readonly caseless: boolean };

export interface RegexTree {
  readonly node: RegexNode;
  readonly groups: number;
  readonly names: ReadonlyMap<string, number>;
}

const DEPTH_LIMIT = 200;
const REPEAT_LIMIT = 65535;

export function parseRegex(source: string, caseless: boolean): RegexTree | RegexFault {
  const reader: Reader = { source, at: 0, groups: 0, names: new Map(), fault: undefined, depth: 0 };
  const node = readChoice(reader, { i: caseless, s: false, m: false, x: false });
  if (reader.fault === undefined && reader.at < source.length) refuse(reader, "unmatched closing parenthesis");
  if (reader.fault !== undefined) return reader.fault;
  return { node, groups: reader.groups, names: reader.names };
}

/** Alternatives up to `)` or the end. Flags set inside hold to the end of the group, through `|` as in PCRE. */
function readChoice(reader: Reader, outer: Flags): RegexNode {
  if (++reader.depth > DEPTH_LIMIT) refuse(reader, "parentheses are too deeply nested");
  const options: RegexNode[] = [];
  let flags = outer;
  for (;;) {
    const items: RegexNode[] = [];
    while (reader.at < reader.source.length && !/[|)]/.test(reader.source[reader.at] as string)) {
      const changed = readFlagSetting(reader, flags);
      if (changed !== undefined) flags = changed;
      else readPiece(reader, flags, items);
    }
    options.push(items.length === 1 ? (items[0] as RegexNode) : { kind: "sequence", items });
    if (reader.source[reader.at] !== "|") break;
    reader.at++;
  }
  reader.depth--;
  return options.length === 1 ? (options[0] as RegexNode) : { kind: "choice", options };
}

const FLAG_SETTING = /\(\?(?:\^?)([imsxn]*)(?:-([imsxn]*))?\)/y;

function readFlagSetting(reader: Reader, flags: Flags): Flags | undefined {
  FLAG_SETTING.lastIndex = reader.at;
  const found = FLAG_SETTING.exec(reader.source);
  if (found === null) return undefined;
  reader.at += found[0].length;
  return withFlags(flags, found[1] ?? "", found[2] ?? "");
}

function withFlags(flags: Flags, on: string, off: string): Flags {
  const pick = (name: "i" | "s" | "m" | "x"): boolean => (off.includes(name) ? false : on.includes(name) || flags[name]);
  return { i: pick("i"), s: pick("s"), m: pick("m"), x: pick("x") };
}

/** One atom with its quantifiers, or something that stands for nothing (a comment, space under `x`, `\Q` text). */
function readPiece(reader: Reader, flags: Flags, items: RegexNode[]): void {
  const { source } = reader;
  if (flags.x && skipExtended(reader)) return;
  if (source.startsWith("(?#", reader.at)) {
    const end = source.indexOf(")", reader.at);
    if (end < 0) return refuse(reader, "missing ) after (?# comment", source.length);
    reader.at = end + 1;
    return;
  }
  if (source.startsWith("\\Q", reader.at)) return readQuoted(reader, flags, items);
  if (source.startsWith("\\E", reader.at)) {
    reader.at += 2;
    return;
  }
  const atom = readAtom(reader, flags);
  if (atom !== undefined) items.push(readQuantifiers(reader, flags, atom));
}

function skipExtended(reader: Reader): boolean {
  const c = reader.source[reader.at] as string;
  if (/\s/.test(c)) {
    reader.at++;
    return true;
  }
  if (c !== "#") return false;
  const end = reader.source.indexOf("\n", reader.at);
  reader.at = end < 0 ? reader.source.length : end + 1;
  return true;
}

function readQuoted(reader: Reader, flags: Flags, items: RegexNode[]): void {
  const end = reader.source.indexOf("\\E", reader.at);
  const text = reader.source.slice(reader.at + 2, end < 0 ? undefined : end);
  reader.at = end < 0 ? reader.source.length : end + 2;
  for (const c of text) items.push(octet(c.charCodeAt(0), flags));
  const last = items.pop();
  if (last !== undefined) items.push(text === "" ? last : readQuantifiers(reader, flags, last));
}

const QUANTIFIER = /(?:([*+?])|\{(\d{1,5})(,(\d{0,5}))?\})([?+]?)/y;

function readQuantifiers(reader: Reader, flags: Flags, atom: RegexNode): RegexNode {
  let node = atom;
  for (;;) {
    while (flags.x && reader.at < reader.source.length && skipExtended(reader));
    QUANTIFIER.lastIndex = reader.at;
    const found = QUANTIFIER.exec(reader.source);
    if (found === null) return node;
    const [whole, sign, low, range, high, mode] = found;
    const min = sign === undefined ? Number(low) : sign === "+" ? 1 : 0;
    const max = sign === undefined ? (range === undefined ? min : high === "" ? Infinity : Number(high)) : sign === "?" ? 1 : Infinity;
    if (min > REPEAT_LIMIT || (max !== Infinity && max > REPEAT_LIMIT)) refuse(reader, "number too big in {} quantifier");
    if (max < min) refuse(reader, "numbers out of order in {} quantifier", reader.at + whole.length);
    if (reader.fault !== undefined) return node;
    reader.at += whole.length;
    node = { kind: "repeat", body: node, min, max, mode: mode as "" | "?" | "+" };
  }
}

function readAtom(reader: Reader, flags: Flags): RegexNode | undefined {
  const c = reader.source[reader.at] as string;
  switch (c) {
    case "(":
      return readGroup(reader, flags);
    case "[":
      return { kind: "set", set: readClass(reader, flags) };
    case "\\":
      return readEscape(reader, flags);
    case ".":
      reader.at++;
      return { kind: "set", set: flags.s ? EVERYTHING : NOT_NEWLINE };
    case "^":
      reader.at++;
      return { kind: "assert", js: flags.m ? "(?:^|(?<=\\n)(?!$))" : "^" };
    case "$":
      reader.at++;
      return { kind: "assert", js: flags.m ? "(?=\\n|$)" : "(?=\\n?$)" };
    case "*":
    case "+":
    case "?":
      refuse(reader, "quantifier does not follow a repeatable item");
      return undefined;
    default:
      reader.at++;
      return octet(c.charCodeAt(0), flags);
  }
}

const GROUP_OPENER =
  /\((?:\?(?:(:)|(=)|(!)|(<=)|(<!)|(>)|(?:P?<([A-Za-z_]\w{0,31})>|'([A-Za-z_]\w{0,31})')|P=([A-Za-z_]\w*)\)|(\^?[imsxn]*(?:-[imsxn]*)?):))?/y;

function readGroup(reader: Reader, flags: Flags): RegexNode | undefined {
  const start = reader.at;
  GROUP_OPENER.lastIndex = start;
  const found = GROUP_OPENER.exec(reader.source) as RegExpExecArray;
  const next = reader.source[start + found[0].length];
  if (found[0] === "(" && (next === "?" || next === "*")) {
    refuse(reader, unsupportedGroup(reader.source, start), start + 2);
    return undefined;
  }
  reader.at += found[0].length;
  const [, , ahead, notAhead, behind, notBehind, atomic, name1, name2, back, inline] = found;
  if (back !== undefined) return { kind: "backreference", to: back, caseless: flags.i };
  const look = ahead ? "?=" : notAhead ? "?!" : behind ? "?<=" : notBehind ? "?<!" : undefined;
  const name = name1 ?? name2;
  const capturing = found[0] === "(" || name !== undefined;
  const index = capturing ? ++reader.groups : 0;
  if (name !== undefined) {
    if (reader.names.has(name)) refuse(reader, "two named subpatterns have the same name (PCRE2_DUPNAMES not set)");
    reader.names.set(name, index);
  }
  const [on = "", off = ""] = (inline ?? "").split("-");
  const body = readChoice(reader, withFlags(flags, on, off));
  if (reader.source[reader.at] === ")") reader.at++;
  else refuse(reader, "missing closing parenthesis", reader.source.length);
  if (capturing) return { kind: "group", index, name, body };
  if (look !== undefined) return { kind: "look", opener: look, body };
  return atomic === undefined ? { kind: "plain", body } : { kind: "atomic", body };
}

function unsupportedGroup(source: string, at: number): string {
  const rest = source.slice(at, at + 6);
  const what =
    rest[1] === "*"
      ? "verbs (*...)"
      : /^\(\?(R|\d|[+-]\d|&|P>)/.test(rest)
        ? "recursion"
        : rest.startsWith("(?(")
          ? "conditional groups"
          : rest.startsWith("(?|")
            ? "branch reset groups"
            : undefined;
  return what === undefined ? "unrecognized character after (? or (?-" : `${what} are not supported here`;
}

function octet(code: number, flags: Flags): RegexNode {
  return { kind: "set", set: octetSet(code, flags) };
}

const ASSERTIONS: ReadonlyMap<string, string> = new Map([
  ["b", "\\b"],
  ["B", "\\B"],
  ["A", "^"],
  ["z", "$"],
  ["Z", "(?=\\n?$)"],
]);
const REFERENCE = /(?:g(?:\{(-?\d+|[A-Za-z_]\w*)\}|(-?\d+))|k(?:\{([A-Za-z_]\w*)\}|<([A-Za-z_]\w*)>|'([A-Za-z_]\w*)'))/y;
const NUMBER = /[1-9]\d{0,2}/y;

function readEscape(reader: Reader, flags: Flags): RegexNode | undefined {
  const start = reader.at++;
  const { source } = reader;
  const c = source[reader.at];
  if (c === undefined) return void refuse(reader, "\\ at end of pattern");
  REFERENCE.lastIndex = reader.at;
  const reference = REFERENCE.exec(source);
  if (reference !== null) {
    reader.at += reference[0].length;
    return toReference(reader, reference.slice(1).find((part) => part !== undefined) as string, flags);
  }
  NUMBER.lastIndex = reader.at;
  const number = NUMBER.exec(source);
  if (number !== null && (Number(number[0]) < 10 || Number(number[0]) <= reader.groups)) {
    reader.at += number[0].length;
    return toReference(reader, number[0], flags);
  }
  reader.at++;
  const found = CLASS_ESCAPES.get(c);
  if (found !== undefined) return { kind: "set", set: found };
  const js = ASSERTIONS.get(c);
  if (js !== undefined) return { kind: "assert", js };
  if (c === "N") return { kind: "set", set: NOT_NEWLINE };
  if (c === "C") return { kind: "set", set: EVERYTHING };
  if (c === "R") return { kind: "atomic", body: anyLineEnd() };
  if ("pPXGK".includes(c)) return void refuse(reader, `\\${c} is not supported here`, start + 2);
  const code = readCode(reader, c);
  if (code === undefined) return void refuse(reader, "unrecognized character follows \\", start + 1);
  return octet(code, flags);
}

const CR: RegexNode = { kind: "set", set: setOf((code) => code === 13) };
const LF: RegexNode = { kind: "set", set: setOf((code) => code === 10) };

function anyLineEnd(): RegexNode {
  return {
    kind: "choice",
    options: [
      { kind: "sequence", items: [CR, LF] },
      { kind: "set", set: VERTICAL },
    ],
  };
}

function toReference(reader: Reader, name: string, flags: Flags): RegexNode {
  if (!/^-?\d+$/.test(name)) return { kind: "backreference", to: name, caseless: flags.i };
  const number = Number(name);
  return { kind: "backreference", to: number < 0 ? reader.groups + 1 + number : number, caseless: flags.i };
}
