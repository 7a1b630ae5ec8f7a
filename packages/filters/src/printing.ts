/** Text of filters as Exim shows it: control characters as escapes, tabs as they are (Exim's -bf output). */
const NAMED: Readonly<Record<string, string>> = { "\b": "\\b", "\n": "\\n", "\v": "\\v", "\f": "\\f", "\r": "\\r" };
// oxlint-disable-next-line no-control-regex
const HIDDEN = /[\x00-\x08\x0a-\x1f\x7f-\xff]/g;
// oxlint-disable-next-line no-control-regex
const CONTROLS = /[\x00-\x08\x0a-\x1f\x7f]/g;

/** `topBits`: octets above 127 are shown as they are (`print_topbitchars`). */
export function printing(text: string, topBits = false): string {
  return text.replace(topBits ? CONTROLS : HIDDEN, (c) => NAMED[c] ?? `\\${c.charCodeAt(0).toString(8).padStart(3, "0")}`);
}
