/** json: the key is a list of selectors that lead into the structure of a file (manual §"Single-key lookup types"). */
import { defineLookup, fromUnicode, splitList, unicodeOf, type LookupResult } from "@mailkit/sdk";
import { searchFile } from "./text-file.ts";

const NOT_FOUND: LookupResult = { kind: "notFound" };

export const json = defineLookup({
  name: "json",
  style: "single-key",
  find: ({ file, key }, host) =>
    searchFile(file, "json", host, {
      derive: parseJson,
      search: (parsed) => {
        if ("fault" in parsed) return { kind: "defer", message: `failed to parse JSON in ${file}: ${parsed.fault}` };
        const element = select(parsed.value, splitList(unicodeOf(key)).items);
        return element === undefined ? NOT_FOUND : { kind: "found", text: fromUnicode(textOfElement(element)) };
      },
    }),
});

function parseJson(content: string): { readonly value: unknown } | { readonly fault: string } {
  try {
    return { value: JSON.parse(unicodeOf(content)) };
  } catch (error) {
    return { fault: (error as Error).message };
  }
}

/** A selector of digits picks from an array, any other from an object. */
function select(root: unknown, selectors: readonly string[]): unknown {
  let element = root;
  for (const selector of selectors) {
    if (/^\d+$/.test(selector)) {
      if (!Array.isArray(element)) return undefined;
      element = element[Number(selector)];
    } else {
      if (typeof element !== "object" || element === null || Array.isArray(element) || !Object.hasOwn(element, selector)) return undefined;
      element = (element as Record<string, unknown>)[selector];
    }
  }
  return element;
}

/** Strings lose their quotes; other elements are JSON with a space after `:` and `,`. */
function textOfElement(element: unknown): string {
  return typeof element === "string" ? element : spaced(element);
}

function spaced(element: unknown): string {
  if (Array.isArray(element)) return `[${element.map(spaced).join(", ")}]`;
  if (typeof element !== "object" || element === null) return JSON.stringify(element);
  const pairs = Object.entries(element).map(([name, value]) => `${JSON.stringify(name)}: ${spaced(value)}`);
  return `{${pairs.join(", ")}}`;
}
