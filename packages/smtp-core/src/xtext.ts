/** xtext of RFC 3461 §4: `+XX` for what is not printable, `+` and `=`. */

export function encodeXtext(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return text.replace(/[^!-*,-<>-~]/g, (c) => "+" + c.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0"));
}

/** Undefined = not xtext. */
export function decodeXtext(text: string): string | undefined {
  if (!/^(?:[!-*,-<>-~]|\+[0-9A-F]{2})*$/.test(text)) return undefined;
  return text.replace(/\+(..)/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
