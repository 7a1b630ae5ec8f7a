/** Backslash escapes in expanded strings (manual §"Character escape sequences in expanded strings"). */

const NAMED: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", b: "\b", v: "\v", f: "\f" };
const OCTAL = /[0-7]{1,3}/y;
const HEX = /[0-9A-Fa-f]{0,2}/y;

/** The character that the escape at `at` (a backslash) stands for, and the offset behind it. */
export function readEscape(source: string, at: number): { readonly text: string; readonly end: number } {
  const c = source[at + 1];
  if (c === undefined) return { text: "", end: at + 1 };
  const named = NAMED[c];
  if (named !== undefined) return { text: named, end: at + 2 };
  OCTAL.lastIndex = at + 1;
  const octal = OCTAL.exec(source);
  if (octal !== null) return { text: String.fromCharCode(Number.parseInt(octal[0], 8) & 255), end: at + 1 + octal[0].length };
  if (c !== "x") return { text: c, end: at + 2 };
  HEX.lastIndex = at + 2;
  const hex = HEX.exec(source)?.[0] ?? "";
  return { text: String.fromCharCode(Number.parseInt(hex, 16) || 0), end: at + 2 + hex.length };
}

/** A value in double quotes at `at`, with its escapes; without a closing quote it goes to the end. */
export function readQuoted(source: string, at: number): { readonly text: string; readonly end: number } {
  let text = "";
  let i = at + 1;
  while (i < source.length && source[i] !== '"') {
    if (source[i] === "\\") {
      const escape = readEscape(source, i);
      text += escape.text;
      i = escape.end;
    } else text += source[i++];
  }
  return { text, end: Math.min(i + 1, source.length) };
}
