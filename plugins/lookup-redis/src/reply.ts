/** What Redis answered, as the text of the lookup: as Exim writes it. */
import { textOf, type LookupResult } from "@mailkit/sdk";

export type Reply = Uint8Array | string | number | bigint | boolean | null | readonly Reply[];

/**
 * A number says whether it is zero ("true", "false"); the items of an array are joined by newlines, and there a number is
 * a number. Nothing is not found, and so is an array without items.
 */
export function resultOf(reply: Reply): LookupResult {
  if (reply === null || (Array.isArray(reply) && reply.length === 0)) return { kind: "notFound" };
  if (typeof reply === "number" || typeof reply === "bigint") return { kind: "found", text: String(Number(reply) !== 0) };
  return { kind: "found", text: textOfItem(reply) };
}

function textOfItem(item: Reply): string {
  if (item === null) return "";
  if (Array.isArray(item)) return item.map(textOfItem).join("\n");
  return item instanceof Uint8Array ? textOf(item) : String(item as string | number | bigint | boolean);
}
