/** A tree back to its source. */
import type { Parts } from "./ast.ts";

/** `print(parse(x).parts)` is x, faults included. */
export function print(parts: Parts): string {
  return parts.nodes.map((node) => node.raw).join("");
}
