/**
 * Text inside the engine is a byte string: a JavaScript string in which every character is one octet (0 to 255).
 * Mail is octets, Exim counts octets, and V8 keeps such strings in one byte a character. Decoding to Unicode happens
 * at the edges only (the TUI, `--json`), with `unicodeOf`.
 */
export interface Text {
  readonly text: string;
  /** True when any part of it came from outside (SMTP, a header, DNS, a file that users write). */
  readonly tainted: boolean;
}

export const EMPTY: Text = { text: "", tainted: false };

export function clean(text: string): Text {
  return { text, tainted: false };
}

export function tainted(text: string): Text {
  return { text, tainted: true };
}

/** Byte string to octets. */
export function octetsOf(text: string): Buffer {
  return Buffer.from(text, "latin1");
}

/** Octets to byte string. */
export function textOf(octets: Uint8Array): string {
  return Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength).toString("latin1");
}

/** Byte string to Unicode, for people and JSON; octets that are not UTF-8 become U+FFFD. */
export function unicodeOf(text: string): string {
  return /[\x80-\xff]/.test(text) ? Buffer.from(text, "latin1").toString("utf8") : text;
}

/** Unicode (command line, JSON) to byte string in UTF-8. */
export function fromUnicode(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return /[^\x00-\x7f]/.test(text) ? Buffer.from(text, "utf8").toString("latin1") : text;
}

/** A byte string as a path for node:fs, which would otherwise encode octets above 127 twice. */
export function pathOf(text: string): string | Buffer {
  return /[\x80-\xff]/.test(text) ? Buffer.from(text, "latin1") : text;
}

/** Lower case, ASCII letters only (Exim leaves other octets alone). */
export function lower(text: string): string {
  return /[A-Z]/.test(text) ? text.replace(/[A-Z]+/g, (run) => run.toLowerCase()) : text;
}

/** Upper case, ASCII letters only. */
export function upper(text: string): string {
  return /[a-z]/.test(text) ? text.replace(/[a-z]+/g, (run) => run.toUpperCase()) : text;
}

export function equalCaseless(a: string, b: string): boolean {
  return a.length === b.length && (a === b || lower(a) === lower(b));
}

const NAMED_ESCAPES: Record<string, string> = { "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\v": "\\v", "\f": "\\f" };

/** Control characters and octets above 126 as Exim prints them in logs: `\n`, `\t`, `\123` (octal). */
export function printable(text: string): string {
  // oxlint-disable-next-line no-control-regex
  if (!/[\x00-\x1f\x7f-\xff]/.test(text)) return text;
  // oxlint-disable-next-line no-control-regex
  return text.replace(/[\x00-\x1f\x7f-\xff]/g, (c) => NAMED_ESCAPES[c] ?? "\\" + c.charCodeAt(0).toString(8).padStart(3, "0"));
}

/** Addresses in logs: characters in UTF-8 stay as they are (RFC 6531), all else as in `printable`. */
export function printableAddress(text: string): string {
  if (!/[^\x20-\x7e]/.test(text)) return text;
  return text.replace(/[\xc2-\xf4][\x80-\xbf]{1,3}|[^\x20-\x7e]/g, (found) => (isUnicode(found) ? found : printable(found)));
}

function isUnicode(octets: string): boolean {
  return octets.length > 1 && !/[\x80-\x9f\ufffd]/.test(unicodeOf(octets)) && fromUnicode(unicodeOf(octets)) === octets;
}
