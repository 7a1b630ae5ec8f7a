/**
 * What the items of a list can be (manual ch. 10), and how they are written. Plain data: no matching here.
 */
import { joinList, type ListKind, type Network, type Position } from "@mailkit/sdk";

export type Directive = "caseful" | "include_unknown" | "ignore_unknown" | "include_defer" | "ignore_defer";

export type Pattern =
  /** No host at all, or the null sender. */
  | { readonly kind: "empty" }
  | { readonly kind: "literal"; readonly text: string }
  /** `*suffix`. */
  | { readonly kind: "suffix"; readonly suffix: string }
  /** With its `^`. */
  | { readonly kind: "regex"; readonly source: string }
  /** `*` of a host list: any host, or none. */
  | { readonly kind: "any" }
  /** `@`. */
  | { readonly kind: "self" }
  /** `@[]`. */
  | { readonly kind: "selfLiteral" }
  | { readonly kind: "mx"; readonly which: "any" | "primary" | "secondary"; readonly ignore: string | undefined }
  | { readonly kind: "lookup"; readonly type: string; readonly argument: string }
  /** `net-`, `netNN-`; `mask` is the digits as written. */
  | { readonly kind: "netLookup"; readonly mask: string; readonly type: string; readonly argument: string }
  | { readonly kind: "network"; readonly text: string; readonly network: Network }
  | { readonly kind: "named"; readonly name: string }
  /** `!item` as the domain half of an item of an address list. */
  | { readonly kind: "not"; readonly of: Pattern }
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "directive"; readonly word: Directive }
  /** `@@lookup`: the domain's entry is a list of local parts. */
  | { readonly kind: "byDomain"; readonly type: string; readonly argument: string }
  /** `local@domain`; the local part may start with `*`, the domain is any item of a domain list. */
  | { readonly kind: "mailbox"; readonly localPart: string; readonly domain: Pattern }
  /** An item of an address list without `@`. */
  | { readonly kind: "domainOnly"; readonly domain: Pattern };

export interface ListItem {
  readonly negated: boolean;
  /** As written. */
  readonly text: string;
  readonly pattern: Pattern;
  /** Only for lines of files; items written in a list have the list's position. */
  readonly at?: Position;
}

export interface ListSyntax {
  readonly separator: string;
  readonly items: readonly ListItem[];
}

/** How Exim's messages call a kind of list. */
export const KIND_NAMES: Readonly<Record<ListKind, string>> = {
  domain: "domain",
  host: "host",
  address: "address",
  localpart: "local part",
};

/** A list that parses to the same items again. */
export function printList(list: ListSyntax): string {
  return joinList(list.items.map(printItem), list.separator);
}

export function printItem(item: ListItem): string {
  return (item.negated ? "!" : "") + printPattern(item.pattern);
}

export function printPattern(pattern: Pattern): string {
  switch (pattern.kind) {
    case "empty":
      return "";
    case "literal":
    case "network":
      return pattern.text;
    case "suffix":
      return `*${pattern.suffix}`;
    case "regex":
      return pattern.source;
    case "any":
      return "*";
    case "self":
      return "@";
    case "selfLiteral":
      return "@[]";
    case "mx":
      return `@mx_${pattern.which}${pattern.ignore === undefined ? "" : `/ignore=${pattern.ignore}`}`;
    case "lookup":
      return `${pattern.type};${pattern.argument}`;
    case "netLookup":
      return `net${pattern.mask}-${pattern.type};${pattern.argument}`;
    case "named":
      return `+${pattern.name}`;
    case "not":
      return `!${printPattern(pattern.of)}`;
    case "file":
      return pattern.path;
    case "directive":
      return `+${pattern.word}`;
    case "byDomain":
      return `@@${pattern.type};${pattern.argument}`;
    case "mailbox":
      return `${pattern.localPart}@${printPattern(pattern.domain)}`;
    case "domainOnly":
      return printPattern(pattern.domain);
  }
}
