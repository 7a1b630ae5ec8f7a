/** `${hex: 24 24}` and `${unicode: 40}` in strings (RFC 5228 §2.4.2.4). What is not well formed stays as it is. */
import { trimSpace } from "@mailkit/sdk";
const ENCODED = /\$\{(hex|unicode):[ \t\r\n]*((?:[0-9a-f]+(?:[ \t\r\n]+|(?=\})))+)\}/gi;

export function decodeCharacters(text: string): string | { readonly fault: string } {
  if (!text.includes("${")) return text;
  let fault: string | undefined;
  const result = text.replace(ENCODED, (whole, kind: string, list: string) => {
    const numbers = trimSpace(list).split(/[ \t\r\n]+/);
    if (kind.toLowerCase() === "hex") {
      return numbers.every((digits) => digits.length <= 2)
        ? numbers.map((digits) => String.fromCharCode(Number.parseInt(digits, 16))).join("")
        : whole;
    }
    const points = numbers.map((digits) => (digits.length > 16 ? Infinity : Number.parseInt(digits, 16)));
    if (points.some((point) => point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff))) {
      fault = "unicode character out of range";
      return whole;
    }
    return Buffer.from(String.fromCodePoint(...points.slice(0, 4096)), "utf8").toString("latin1");
  });
  return fault === undefined ? result : { fault };
}
