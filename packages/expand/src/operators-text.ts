/** Operators that change how text is written: encodings, digests, escapes. Pure functions on byte strings. */
import { hash } from "node:crypto";
import { expansionError } from "@mailkit/sdk";
import type { Expansion } from "@mailkit/sdk";

const BASE32 = "abcdefghijklmnopqrstuvwxyz234567";
const BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** Upper-case hexadecimal. */
export function digest(algorithm: string, text: string): string {
  return hash(algorithm, Buffer.from(text, "latin1"), "hex").toUpperCase();
}

export function base32(text: string): string | Expansion {
  const number = unsigned64(text);
  if (number === undefined) return expansionError(`argument for base32 operator is "${text}", which is not a decimal number`);
  return toBase(number, BASE32);
}

export function base32d(text: string): string | Expansion {
  if (!/^[a-z2-7]*$/.test(text)) return expansionError(`argument for base32d operator is "${text}", which is not a base 32 number`);
  return fromBase(text, BASE32);
}

/** The last six digits. */
export function base62(text: string): string | Expansion {
  const number = unsigned64(text);
  if (number === undefined) return expansionError(`argument for base62 operator is "${text}", which is not a decimal number`);
  return toBase(number, BASE62).slice(-6).padStart(6, "0");
}

export function base62d(text: string): string | Expansion {
  if (!/^[A-Za-z0-9]*$/.test(text)) return expansionError(`argument for base62d operator is "${text}", which is not a base 62 number`);
  return fromBase(text, BASE62);
}

const UNSIGNED_MAX = 2n ** 64n - 1n;

/** As C reads it: a sign wraps round, larger numbers are the largest. */
function unsigned64(text: string): bigint | undefined {
  const found = /^(?:[ \t\n\v\f\r]*([+-]?)0*([0-9]+))?$/.exec(text);
  if (found === null) return undefined;
  const [, sign, digits = "0"] = found;
  const number = digits.length > 20 || BigInt(digits) > UNSIGNED_MAX ? UNSIGNED_MAX : BigInt(digits);
  return sign === "-" && number !== UNSIGNED_MAX ? BigInt.asUintN(64, -number) : number;
}

function toBase(number: bigint, alphabet: string): string {
  const base = BigInt(alphabet.length);
  let text = "";
  for (let rest = number; rest > 0n; rest /= base) text = (alphabet[Number(rest % base)] as string) + text;
  return text;
}

function fromBase(text: string, alphabet: string): string {
  const base = BigInt(alphabet.length);
  let number = 0n;
  for (const c of text) number = BigInt.asIntN(64, number * base + BigInt(alphabet.indexOf(c)));
  return String(number);
}

/** White space is passed over; padding must be right. */
export function base64d(text: string): string | Expansion {
  const bare = text.replace(/[ \t\n\v\f\r]+/g, "");
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(bare) || bare.length % 4 !== 0) {
    return expansionError(`string "${text}" is not well-formed for "base64d" operator`);
  }
  return Buffer.from(bare, "base64").toString("latin1");
}

export function hex2b64(text: string): string | Expansion {
  if (!/^[0-9A-Fa-f]*$/.test(text)) return expansionError(`"${text}" is not a hex string`);
  if (text.length % 2 === 1) return expansionError(`"${text}" contains an odd number of characters`);
  return Buffer.from(text, "hex").toString("base64");
}

const octal = (c: string): string => `\\${c.charCodeAt(0).toString(8).padStart(3, "0")}`;
const NAMED: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\b": "\\b", "\v": "\\v", "\f": "\\f" };

/** Non-printing characters but tab; octets above 127 when they do not count as printing (`print_topbitchars`). */
export function escapeText(text: string, topBitsPrint: boolean): string {
  return text.replace(topBitsPrint ? /[\x00-\x08\x0a-\x1f\x7f]/g : /[\x00-\x08\x0a-\x1f\x7f-\xff]/g, (c) => NAMED[c] ?? octal(c));
}

export function escape8bit(text: string): string {
  return text.replace(/[\\\x7f-\xff]/g, octal);
}

export function hexquote(text: string): string {
  return text.replace(/[^!-~]/g, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, "0")}`);
}

export function rxquote(text: string): string {
  return text.replace(/[^A-Za-z0-9]/g, "\\$&");
}

/** UTF-8 to ISO-8859-1; what does not fit is an underscore. The first octet of a sequence alone says how long it is. */
export function fromUtf8(text: string): string {
  if (!/[\xc0-\xff]/.test(text)) return text;
  let result = "";
  for (let i = 0; i < text.length; i++) {
    const lead = text.charCodeAt(i);
    const more = lead < 0xc0 ? 0 : Math.min(Math.clz32(~(lead << 24)) - 1, 5);
    let code = more === 0 ? lead : lead & (0x3f >> more);
    for (let left = more; left > 0; left--) code = (code << 6) | (text.charCodeAt(++i) & 0x3f);
    result += code < 0 || code > 255 ? "_" : String.fromCharCode(code);
  }
  return result;
}

/** Each sequence that is not UTF-8 becomes a question mark. */
export function utf8clean(text: string): string {
  if (!/[\x80-\xff]/.test(text)) return text;
  let result = "";
  for (let i = 0; i < text.length;) {
    const lead = text.charCodeAt(i);
    const length = lead < 0x80 ? 1 : lead < 0xc2 || lead > 0xf7 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    let end = i + 1;
    while (end < i + length && (text.charCodeAt(end) & 0xc0) === 0x80) end++;
    const whole = length > 0 && end === i + length;
    result += whole && isCharacter(text, i, length) ? text.slice(i, end) : "?";
    i = end;
  }
  return result;
}

/** No surrogate, not overlong, not above U+10FFFF. RFC 3629 §4. */
function isCharacter(text: string, at: number, length: number): boolean {
  if (length < 3) return true;
  const [lead, second] = [text.charCodeAt(at), text.charCodeAt(at + 1)];
  if (lead === 0xe0) return second >= 0xa0;
  if (lead === 0xed) return second < 0xa0;
  if (lead === 0xf0) return second >= 0x90;
  return lead < 0xf4 || (lead === 0xf4 && second < 0x90);
}

/** RFC 3461 §4: `+HH` stands for an octet. */
export function xtextd(text: string): string {
  return text.replace(/\+([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

const COLUMNS = 80;
const LINE_LIMIT = 998;

/** `${headerwrap_COLUMNS_LIMIT:`: folds before white space; a line without any is cut at the limit. */
export function headerwrap(text: string, suffix: string | undefined): string | Expansion {
  const found = /^(?:([0-9]{1,6})(?:_([0-9]{1,6}))?)?$/.exec(suffix ?? "");
  if (found === null) return expansionError(`non-digit after underscore in "headerwrap_${suffix}"`);
  const columns = Number(found[1] ?? COLUMNS) || COLUMNS;
  const limit = Math.max(Number(found[2] ?? LINE_LIMIT) || LINE_LIMIT, columns);
  return text
    .split("\n")
    .map((line) => foldLine(line, columns, limit))
    .join("\n");
}

function foldLine(line: string, columns: number, limit: number): string {
  const folded: string[] = [];
  let rest = line;
  while (rest.length > columns) {
    const space = Math.max(rest.lastIndexOf(" ", columns), rest.lastIndexOf("\t", columns));
    const next = space > 0 ? space : rest.slice(1).search(/[ \t]/) + 1;
    const cut = next > 0 && next <= limit ? next : Math.min(limit, rest.length);
    if (cut >= rest.length) break;
    folded.push(rest.slice(0, cut));
    rest = /^[ \t]/.test(rest.slice(cut)) ? `\t${rest.slice(cut).replace(/^[ \t]+/, "")}` : `\t${rest.slice(cut)}`;
  }
  return [...folded, rest].join("\n");
}
