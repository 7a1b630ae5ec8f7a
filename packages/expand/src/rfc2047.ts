/** Encoded words of header lines (RFC 2047) on byte strings, as Exim reads and writes them. Pure and total. */
import type { ExpansionSettings } from "@mailkit/sdk";
import { translate } from "./charsets.ts";

export interface DecodeOptions {
  /** Charset of the result; undefined = the octets as they are, whatever the words say (`$bh_`). */
  readonly charset: string | undefined;
  /** Words of more than 75 characters are no words (`check_rfc2047_length`). */
  readonly checkLength: boolean;
}

const WORD = /=\?([^?\s=]{1,60})\?([QqBb])\?([^?\s]*)\?=/y;
const WORD_LIMIT = 75;

/** White space between two words goes; what looks like a word and is none stays as it stands. */
export function decodeRfc2047(text: string, options: DecodeOptions): string {
  let at = text.indexOf("=?");
  if (at < 0) return text;
  let result = "";
  let done = 0;
  let afterWord = false;
  while (at >= 0) {
    WORD.lastIndex = at;
    const found = WORD.exec(text);
    const decoded = found === null ? undefined : decodeWord(found, options);
    if (found === null || decoded === undefined) {
      at = text.indexOf("=?", at + 2);
      continue;
    }
    const between = text.slice(done, at);
    if (!afterWord || !/^[ \t\r\n]*$/.test(between)) result += between;
    result += decoded;
    done = at + found[0].length;
    afterWord = true;
    at = text.indexOf("=?", done);
  }
  return result + text.slice(done);
}

function decodeWord([whole, charset = "", kind = "", data = ""]: RegExpExecArray, options: DecodeOptions): string | undefined {
  if (options.checkLength && whole.length > WORD_LIMIT) return undefined;
  const octets = /[Qq]/.test(kind) ? decodeQ(data) : decodeB(data);
  if (octets === undefined) return undefined;
  const safe = octets.replaceAll("\0", "?");
  // A language may follow the charset: RFC 2231 §5.
  return options.charset === undefined ? safe : (translate(safe, charset.split("*")[0] as string, options.charset) ?? safe);
}

function decodeQ(data: string): string | undefined {
  if (/=(?![0-9A-Fa-f]{2})/.test(data)) return undefined;
  return data.replaceAll("_", " ").replace(/=(..)/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

function decodeB(data: string): string | undefined {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(data)) return undefined;
  return Buffer.from(data, "base64").toString("latin1");
}

/** For `$h_` (`translated`) and `$bh_`. */
export function decodeHeader(text: string, translated: boolean, settings: ExpansionSettings): string {
  if (!text.includes("=?")) return text;
  const charset = translated ? (settings.headersCharset ?? "UTF-8") : undefined;
  return decodeRfc2047(text, { charset, checkLength: settings.checkRfc2047Length !== false });
}

const PLAIN = /^[ !#$%&'*+\-/0-9A-Z^a-z`{|}~]*$/;

/** Characters of a word after which a new one is begun. Exim does not count the head of the first word. */
const BREAK = 67;

/**
 * As it is when it has nothing to hide, else Q-encoded words, broken where Exim breaks them: its first word may be
 * longer than RFC 2047 §2 allows. `encodeWords` of `@mailkit/message` keeps to the limit.
 */
export function encodeRfc2047(text: string, charset: string): string {
  if (PLAIN.test(text) && !text.includes("=?")) return text;
  const open = `=?${charset}?Q?`;
  let result = open;
  let length = 0;
  let halfPair = false;
  for (const unit of unitsOf(text, charset)) {
    if (length > BREAK && !halfPair) {
      result += `?= ${open}`;
      length = open.length;
    }
    for (const c of unit) {
      const encoded = encodeOctet(c);
      // Octets that are written in hexadecimal stay together in twos: they may be one character.
      halfPair = encoded.length > 1 && !halfPair;
      result += encoded;
      length += encoded.length;
    }
    if (unit.length > 1) halfPair = false;
  }
  return `${result}?=`;
}

/** A character of UTF-8 must not be parted (RFC 2047 §5). */
function unitsOf(text: string, charset: string): Iterable<string> {
  return /^utf-?8$/i.test(charset) ? (text.match(/[\xc0-\xff][\x80-\xbf]*|[^]/g) ?? []) : text;
}

function encodeOctet(c: string): string {
  if (c === " ") return "_";
  return /[!-~]/.test(c) && !'?=()<>@,;:\\".[]_'.includes(c) ? c : `=${c.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`;
}
