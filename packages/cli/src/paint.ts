/** Colour for terminals; words alone carry the meaning. */
import type { Paint } from "./logs/life.ts";

const CODES: Readonly<Record<Paint, string>> = { head: "1", good: "32", bad: "31", slow: "33", dim: "2" };

export function paintFor(color: boolean): (text: string, what: Paint) => string {
  return (text, what) => (color ? `\u001b[${CODES[what]}m${text}\u001b[0m` : text);
}
