/**
 * The grammar of Perl-compatible regular expressions, as far as it means something on octets: text in, tree out.
 * Knows nothing of how the tree is run (`regex.ts` does that). Total: a fault is a value with its offset, in PCRE's words.
 */

/** Which octets a position may hold: 256 flags. */
export type OctetSet = readonly boolean[];

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

export interface RegexFault {
  readonly message: string;
  readonly offset: number;
}

interface Flags {
  readonly i: boolean;
  readonly s: boolean;
  readonly m: boolean;
  readonly x: boolean;
}

interface Reader {
  readonly source: string;
  at: number;
  groups: number;
  readonly names: Map<string, number>;
  fault: RegexFault | undefined;
  depth: number;
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

/** The first fault wins; the reader goes to the end, so that every loop stops. */
function refuse(reader: Reader, message: string, offset = reader.at): void {
  reader.fault ??= { message, offset };
  reader.at = reader.source.length;
}

/** Alternatives up to `)` or the end. Flags set inside hold to the end of the group, through `|` as in PCRE. */
function readChoice(reader: Reader, outer: Flags): RegexNode {
  if (++reader.depth > DEPTH_LIMIT) refuse(reader, "parentheses are too deeply nested");
  const options: RegexNode[] = [];
  let flags = outer;
  do {
    const items: RegexNode[] = [];
    while (reader.at < reader.source.length && !/[|)]/.test(reader.source[reader.at] as string)) {
      const changed = readFlagSetting(reader, flags);
      if (changed !== undefined) flags = changed;
      else readPiece(reader, flags, items);
    }
    options.push(items.length === 1 ? (items[0] as RegexNode) : { kind: "sequence", items });
  } while (reader.source[reader.at] === "|" && ++reader.at > 0);
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
      return readClass(reader, flags);
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

/* ---- single octets and sets ---- */

const set = (test: (code: number) => boolean): OctetSet => Array.from({ length: 256 }, (_, code) => test(code));
const of = (pattern: RegExp): OctetSet => set((code) => pattern.test(String.fromCharCode(code)));
const not = (other: OctetSet): OctetSet => other.map((member) => !member);

const EVERYTHING = set(() => true);
const NOT_NEWLINE = set((code) => code !== 10);
const DIGIT = of(/[0-9]/);
const WORD = of(/[A-Za-z0-9_]/);
const SPACE = of(/[ \t\n\v\f\r]/);
const HORIZONTAL = of(/[\t \xa0]/);
const VERTICAL = of(/[\n\v\f\r\x85]/);

const CLASS_ESCAPES: ReadonlyMap<string, OctetSet> = new Map([
  ["d", DIGIT],
  ["D", not(DIGIT)],
  ["w", WORD],
  ["W", not(WORD)],
  ["s", SPACE],
  ["S", not(SPACE)],
  ["h", HORIZONTAL],
  ["H", not(HORIZONTAL)],
  ["v", VERTICAL],
  ["V", not(VERTICAL)],
]);

const POSIX: ReadonlyMap<string, OctetSet> = new Map([
  ["alpha", of(/[A-Za-z]/)],
  ["digit", DIGIT],
  ["alnum", of(/[A-Za-z0-9]/)],
  ["upper", of(/[A-Z]/)],
  ["lower", of(/[a-z]/)],
  ["space", SPACE],
  ["blank", of(/[ \t]/)],
  ["cntrl", of(/[\x00-\x1f\x7f]/)],
  ["graph", of(/[!-~]/)],
  ["print", of(/[ -~]/)],
  ["punct", of(/[!-/:-@[-`{-~]/)],
  ["xdigit", of(/[0-9A-Fa-f]/)],
  ["word", WORD],
  ["ascii", of(/[\x00-\x7f]/)],
]);

const isLetter = (code: number): boolean => (code >= 65 && code <= 90) || (code >= 97 && code <= 122);

function octet(code: number, flags: Flags): RegexNode {
  const members = Array.from({ length: 256 }, () => false);
  members[code & 255] = true;
  return { kind: "set", set: flags.i ? fold(members) : members };
}

/** ASCII letters only: octets above 127 have no case in the C locale. */
function fold(members: readonly boolean[]): OctetSet {
  return members.map((member, code) => member || (isLetter(code) && members[code ^ 32] === true));
}

function readClass(reader: Reader, flags: Flags): RegexNode {
  const { source } = reader;
  const members: boolean[] = Array.from({ length: 256 }, () => false);
  const add = (other: OctetSet): void => other.forEach((member, code) => member && (members[code] = true));
  reader.at++;
  const negated = source[reader.at] === "^";
  if (negated) reader.at++;
  let first = true;
  let quoted = false;
  while (reader.at < source.length && (first || quoted || source[reader.at] !== "]")) {
    first = false;
    if (source.startsWith(quoted ? "\\E" : "\\Q", reader.at)) {
      quoted = !quoted;
      reader.at += 2;
      first = false;
      continue;
    }
    const low = quoted ? source.charCodeAt(reader.at++) : readMember(reader);
    if (typeof low !== "number") {
      add(low);
      continue;
    }
    const isRange = !quoted && source[reader.at] === "-" && reader.at + 1 < source.length && source[reader.at + 1] !== "]";
    if (!isRange) {
      members[low & 255] = true;
      continue;
    }
    const dash = reader.at++;
    const high = readMember(reader);
    if (typeof high !== "number") {
      members[low & 255] = true;
      members[45] = true;
      add(high);
    } else if (high < low) refuse(reader, "range out of order in character class", dash + 1);
    else for (let code = low; code <= high; code++) members[code & 255] = true;
  }
  if (source[reader.at] === "]") reader.at++;
  else refuse(reader, "missing terminating ] for character class", source.length);
  const folded = flags.i ? fold(members) : members;
  return { kind: "set", set: negated ? not(folded) : folded };
}

const POSIX_NAME = /\[:(\^?)([a-z]+):\]/y;

function readMember(reader: Reader): number | OctetSet {
  const { source } = reader;
  POSIX_NAME.lastIndex = reader.at;
  const posix = POSIX_NAME.exec(source);
  if (posix !== null) {
    const named = POSIX.get(posix[2] as string);
    if (named === undefined) refuse(reader, "unknown POSIX class name");
    else reader.at += posix[0].length;
    return named === undefined ? EVERYTHING : posix[1] === "^" ? not(named) : named;
  }
  const c = source[reader.at++] as string;
  if (c !== "\\") return c.charCodeAt(0);
  const e = source[reader.at++];
  if (e === undefined) return refuse(reader, "\\ at end of pattern"), 0;
  const found = CLASS_ESCAPES.get(e);
  if (found !== undefined) return found;
  if (e === "b") return 8;
  return readCode(reader, e) ?? (refuse(reader, "escape sequence is invalid in character class"), 0);
}

/* ---- escapes ---- */

const CONTROLS: ReadonlyMap<string, number> = new Map([
  ["a", 7],
  ["e", 27],
  ["f", 12],
  ["n", 10],
  ["r", 13],
  ["t", 9],
]);
const HEX = /\{([0-9A-Fa-f]{1,2})\}|([0-9A-Fa-f]{0,2})/y;
const OCTAL = /[0-7]{1,3}/y;
const OCTAL_BRACED = /\{([0-7]{1,3})\}/y;

/** The octet that an escape names; the reader stands after its first character. Undefined = it names none. */
function readCode(reader: Reader, c: string): number | undefined {
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = reader.at;
    const found = pattern.exec(reader.source);
    if (found !== null) reader.at += found[0].length;
    return found;
  };
  const control = CONTROLS.get(c);
  if (control !== undefined) return control;
  if (c === "x") {
    const hex = take(HEX);
    return Number.parseInt(hex?.[1] ?? hex?.[2] ?? "0", 16) || 0;
  }
  if (c === "o") {
    const octal = take(OCTAL_BRACED);
    return octal === null ? undefined : Number.parseInt(octal[1] as string, 8) & 255;
  }
  if (c === "c") {
    const letter = reader.source[reader.at++];
    return letter === undefined ? undefined : (letter.toUpperCase().charCodeAt(0) ^ 64) & 255;
  }
  if (/[0-7]/.test(c)) {
    reader.at--;
    return Number.parseInt(take(OCTAL)?.[0] ?? "0", 8) & 255;
  }
  return /[A-Za-z0-9]/.test(c) ? undefined : c.charCodeAt(0);
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

function anyLineEnd(): RegexNode {
  const one = (code: number): RegexNode => ({ kind: "set", set: set((other) => other === code) });
  return { kind: "choice", options: [{ kind: "sequence", items: [one(13), one(10)] }, { kind: "set", set: VERTICAL }] };
}

function toReference(reader: Reader, name: string, flags: Flags): RegexNode {
  if (!/^-?\d+$/.test(name)) return { kind: "backreference", to: name, caseless: flags.i };
  const number = Number(name);
  return { kind: "backreference", to: number < 0 ? reader.groups + 1 + number : number, caseless: flags.i };
}
