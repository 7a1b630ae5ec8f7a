/** What is wrong with a list and can be seen before anything is matched. */
import type { ListKind, Template } from "@mailkit/sdk";
import type { ListEnvironment } from "./environment.ts";
import { lookupFinder } from "./lookup-item.ts";
import { printItem, type ListItem, type Pattern } from "./syntax.ts";
import { regexMatcher } from "./text-matcher.ts";

export interface ListFault {
  /** In Exim's words. */
  readonly message: string;
  /** The item as written; undefined = the list cannot be expanded. */
  readonly item: string | undefined;
}

export function faultsOf(kind: ListKind, items: readonly ListItem[], template: Template, environment: ListEnvironment): ListFault[] {
  if (template.fault !== undefined) return [{ message: template.fault.message, item: undefined }];
  const faults: ListFault[] = [];
  for (const item of items) {
    const message = faultOf(kind, item.pattern, environment);
    if (message !== undefined) faults.push({ message, item: printItem(item) });
  }
  return faults;
}

function faultOf(kind: ListKind, pattern: Pattern, environment: ListEnvironment): string | undefined {
  switch (pattern.kind) {
    case "regex":
      return regexMatcher(pattern.source, false).fault;
    case "lookup":
    case "netLookup":
    case "byDomain":
      return lookupFinder({ type: pattern.type, argument: pattern.argument, tainted: false }, environment).fault;
    case "mailbox":
    case "domainOnly":
      return faultOf("domain", pattern.domain, environment);
    default:
      return undefined;
  }
}
