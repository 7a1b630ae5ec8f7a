/** Items of lists that say something else than they seem to (manual §"Negated items in lists", §"List construction", §"Domain lists"). */
import type { Reporter } from "../reporter.ts";
import { itemsOf, listTexts, type ListText, type WrittenItem } from "./list-texts.ts";
import { singleColons } from "./lists.ts";
import type { Pattern } from "@mailkit/lists";
import type { Trap } from "./trap.ts";

/** After a negated last item everything else is in the list, so plain items before it decide nothing. */
export const endsNegated: Trap = (configuration, report) => {
  for (const list of listTexts(configuration)) {
    const items = itemsOf(list);
    const last = items.at(-1);
    if (last === undefined || !last.negated || !isOne(last.pattern)) continue;
    if (!items.some(({ negated, pattern }) => !negated && isOne(pattern))) continue;
    tell("MK0716", `${list.what} takes everything but what is negated, because its last item is negated`, list, last, report, {
      hint: "put negated items in front of the others",
    });
  }
};

/** Behind `*` nothing decides any more. */
export const afterEverything: Trap = (configuration, report) => {
  for (const list of listTexts(configuration)) {
    const items = itemsOf(list);
    const all = items.findIndex(({ pattern }) => isEverything(pattern));
    const next = all < 0 ? undefined : items[all + 1];
    if (next === undefined) continue;
    tell("MK0717", `${list.what}: ${next.text === "" ? "an empty item" : next.text} is never reached`, list, next, report, {
      hint: `${items[all]?.text} takes everything before it`,
    });
  }
};

/** `a::b` is one item with a colon in it, which no name has. */
export const joinedItems: Trap = (configuration, report) => {
  for (const list of listTexts(configuration)) {
    if (list.kind === "host" && singleColons(list.text) !== undefined) continue;
    for (const item of itemsOf(list)) {
      const name = nameOf(item.pattern);
      if (name === undefined || !/[^:]:[^:]/.test(name) || name.includes('"')) continue;
      tell("MK0718", `${list.what}: "${item.text}" is one item, because its separator is doubled`, list, item, report, {
        hint: "write a single separator between two items",
      });
    }
  }
};

/** `*example.org` takes notexample.org too. */
export const openPatterns: Trap = (configuration, report) => {
  for (const list of listTexts(configuration)) {
    if (list.kind === "localpart") continue;
    for (const item of itemsOf(list)) {
      const domain = domainOf(item.pattern);
      if (domain.kind !== "suffix" || !/^[a-z0-9][a-z0-9-]*\.[a-z0-9.-]+$/i.test(domain.suffix)) continue;
      tell("MK0719", `${list.what}: *${domain.suffix} takes every name that ends so, such as x${domain.suffix}`, list, item, report, {
        hint: `write ${domain.suffix} : *.${domain.suffix}`,
      });
    }
  }
};

/** Single-key lookups of whole addresses are never partial. */
export const partialAddresses: Trap = (configuration, report) => {
  for (const list of listTexts(configuration)) {
    if (list.kind !== "address") continue;
    for (const item of itemsOf(list)) {
      if (item.pattern.kind !== "lookup" || !item.pattern.type.startsWith("partial")) continue;
      tell("MK0720", `${list.what}: partial matching does nothing in an address list`, list, item, report, {
        hint: `write *@${item.text.replace(/^!\s*/, "")} to look the domain up`,
      });
    }
  }
};

// oxlint-disable-next-line max-params -- what is told, and where
function tell(
  code: "MK0716" | "MK0717" | "MK0718" | "MK0719" | "MK0720",
  message: string,
  list: ListText,
  item: WrittenItem,
  report: Reporter,
  { hint }: { readonly hint: string },
): void {
  report.add(code, message, { at: list.locate(item.offset), length: Math.max(1, item.text.length), hint });
}

function domainOf(pattern: Pattern): Pattern {
  return pattern.kind === "mailbox" || pattern.kind === "domainOnly" ? domainOf(pattern.domain) : pattern;
}

/** Takes a single name, address or host. */
function isOne(pattern: Pattern): boolean {
  if (pattern.kind === "mailbox") return !/^[*^]/.test(pattern.localPart) && isOne(pattern.domain);
  if (pattern.kind === "domainOnly") return false;
  return pattern.kind === "literal" || (pattern.kind === "network" && !pattern.text.includes("/"));
}

function isEverything(pattern: Pattern): boolean {
  if (pattern.kind === "mailbox") return pattern.localPart === "*" && isEverything(pattern.domain);
  if (pattern.kind === "domainOnly") return isEverything(pattern.domain);
  return pattern.kind === "any" || (pattern.kind === "suffix" && pattern.suffix === "");
}

function nameOf(pattern: Pattern): string | undefined {
  switch (pattern.kind) {
    case "literal":
      return pattern.text;
    case "suffix":
      return pattern.suffix;
    case "mailbox":
      return `${pattern.localPart}@${nameOf(pattern.domain) ?? ""}`;
    case "domainOnly":
      return nameOf(pattern.domain);
    default:
      return undefined;
  }
}
