import { octetsOf } from "@mailkit/sdk";

/** RFC 2047 encoded words, in byte strings. */
const MAX_WORD = 75;

/** `${rfc2047:...}`: as it is when it needs nothing, else Q-encoded words of at most 75 characters. */
export function encodeWords(text: string, charset: string): string {
  if (!/[^\x20-\x7e]|=\?|[()<>[\]:;@\\,."]/.test(text)) return text;
  const open = `=?${charset}?Q?`;
  const words: string[] = [];
  let word = open;
  for (const unit of unitsOf(text, charset)) {
    let encoded = "";
    for (const c of unit) encoded += encodeCharacter(c);
    if (word.length + encoded.length + 2 > MAX_WORD && word.length > open.length) {
      words.push(`${word}?=`);
      word = open;
    }
    word += encoded;
  }
  words.push(`${word}?=`);
  return words.join(" ");
}

/** Does a display name need encoding? (Controls or octets above 126.) */
export function needsEncoding(text: string): boolean {
  return /[^\x20-\x7e]/.test(text);
}

function encodeCharacter(c: string): string {
  if (c === " ") return "_";
  return /[A-Za-z0-9!*+\-/]/.test(c) ? c : `=${c.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`;
}

/** Octets that must not be parted: whole characters of UTF-8 (RFC 2047 §5). */
function unitsOf(text: string, charset: string): Iterable<string> {
  return /^utf-?8$/i.test(charset) ? (text.match(/[\xc0-\xff][\x80-\xbf]*|[^]/g) ?? []) : text;
}

const ENCODED_WORD = /=\?([^?\s]{1,40})(?:\*[^?\s]*)?\?([QqBb])\?([^?]*)\?=/g;

/** Decodes encoded words to the octets they stand for, with their charset translated to UTF-8; others stay as they are. */
export function decodeWords(text: string): string {
  if (!text.includes("=?")) return text;
  const joined = text.replace(/(\?=)[ \t\n]+(?==\?[^?\s]{1,40}\?[QqBb]\?)/g, "$1");
  return joined.replace(ENCODED_WORD, (whole, charset: string, kind: string, data: string) => {
    const octets = kind === "Q" || kind === "q" ? decodeQ(data) : Buffer.from(data, "base64");
    return toUtf8(octets, charset) ?? whole;
  });
}

function decodeQ(data: string): Buffer {
  return octetsOf(data.replace(/_/g, " ").replace(/=([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16))));
}

function toUtf8(octets: Buffer, charset: string): string | undefined {
  if (/^(utf-?8|us-ascii)$/i.test(charset)) return octets.toString("latin1");
  try {
    return Buffer.from(new TextDecoder(charset).decode(octets), "utf8").toString("latin1");
  } catch {
    return undefined;
  }
}
