/** Octets and sets of them in regular expressions: classes, POSIX names, escapes that name one octet. */
import { refuse } from "./regex-reader.ts";
import type { Flags, Reader } from "./regex-reader.ts";

/** Which octets a position may hold: 256 flags. */
export type OctetSet = readonly boolean[];

export const setOf = (test: (code: number) => boolean): OctetSet => Array.from({ length: 256 }, (_, code) => test(code));
const of = (pattern: RegExp): OctetSet => setOf((code) => pattern.test(String.fromCharCode(code)));
const not = (other: OctetSet): OctetSet => other.map((member) => !member);

export const EVERYTHING = setOf(() => true);
export const NOT_NEWLINE = setOf((code) => code !== 10);
const DIGIT = of(/[0-9]/);
const WORD = of(/[A-Za-z0-9_]/);
const SPACE = of(/[ \t\n\v\f\r]/);
const HORIZONTAL = of(/[\t \xa0]/);
export const VERTICAL = of(/[\n\v\f\r\x85]/);

export const CLASS_ESCAPES: ReadonlyMap<string, OctetSet> = new Map([
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

export function octetSet(code: number, flags: Flags): OctetSet {
  const members = Array.from({ length: 256 }, () => false);
  members[code & 255] = true;
  return flags.i ? fold(members) : members;
}

/** ASCII letters only: octets above 127 have no case in the C locale. */
function fold(members: readonly boolean[]): OctetSet {
  return members.map((member, code) => member || (isLetter(code) && members[code ^ 32] === true));
}

export function readClass(reader: Reader, flags: Flags): OctetSet {
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
  return negated ? not(folded) : folded;
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
  if (e === undefined) return (refuse(reader, "\\ at end of pattern"), 0);
  const found = CLASS_ESCAPES.get(e);
  if (found !== undefined) return found;
  if (e === "b") return 8;
  return readCode(reader, e) ?? (refuse(reader, "escape sequence is invalid in character class"), 0);
}

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
export function readCode(reader: Reader, c: string): number | undefined {
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
