/**
 * From the text of a list to its items (manual ch. 10). Total: whatever is written is some item, if only a literal that
 * matches nothing. Nothing is expanded, read or looked up here.
 */
import { parseNetwork, splitItems, splitList, trimSpace, trimSpaceStart, type ListKind } from "@mailkit/sdk";
import type { Directive, ListItem, ListSyntax, Pattern } from "./syntax.ts";

const HOST_DIRECTIVES: ReadonlySet<string> = new Set(["include_unknown", "ignore_unknown", "include_defer", "ignore_defer"]);
const MX_ITEM = /^@mx_(any|primary|secondary)(?:\/ignore=(.*))?$/s;
const NET_LOOKUP = /^net(\d*)-([^;]*);(.*)$/s;

/** `separator` is given when it was split off before the expansion; else the text may begin with one. */
export function parseList(kind: ListKind, text: string, separator?: string): ListSyntax {
  const split = separator === undefined ? splitList(text) : { separator, items: splitItems(text, 0, separator) };
  return { separator: split.separator, items: split.items.map((item) => parseItem(kind, item)) };
}

/** The lines of a file that a list names (manual §"File names in lists"). */
export function parseListFile(kind: ListKind, content: string, file: string): readonly ListItem[] {
  const comment = kind === "domain" || kind === "host" ? /#.*$/ : /(?:^|[ \t])#.*$/;
  const items: ListItem[] = [];
  for (const [index, line] of content.split("\n").entries()) {
    const text = trimSpace(line.replace(comment, ""));
    if (text !== "") items.push({ ...parseItem(kind, text, true), at: { file, line: index + 1, column: 1 } });
  }
  return items;
}

export function parseItem(kind: ListKind, written: string, inFile = false): ListItem {
  const negated = written.startsWith("!");
  const text = negated ? trimSpaceStart(written.slice(1)) : written;
  return { negated, text: written, pattern: (inFile ? undefined : topLevelPattern(kind, text, negated)) ?? parsePattern(kind, text) };
}

/** Items that a file cannot hold: names of files, of lists of the same kind, and directives (which cannot be negated). */
function topLevelPattern(kind: ListKind, text: string, negated: boolean): Pattern | undefined {
  if (text.startsWith("/")) return { kind: "file", path: text };
  if (!text.startsWith("+")) return undefined;
  const word = text.slice(1);
  const isDirective = kind === "host" ? HOST_DIRECTIVES.has(word) : word === "caseful" && kind !== "domain";
  return isDirective && !negated ? { kind: "directive", word: word as Directive } : { kind: "named", name: word };
}

function parsePattern(kind: ListKind, text: string): Pattern {
  switch (kind) {
    case "domain":
      return parseDomainPattern(text, false);
    case "localpart":
      return parseTextPattern(text);
    case "host":
      return parseHostPattern(text);
    case "address":
      return parseAddressPattern(text);
  }
}

/** Items that all kinds share: `*suffix`, `^regex`, lookups, literals. */
export function parseTextPattern(text: string): Pattern {
  if (text.startsWith("^")) return { kind: "regex", source: text };
  if (text.startsWith("*")) return { kind: "suffix", suffix: text.slice(1) };
  const semicolon = text.indexOf(";");
  if (semicolon < 0) return { kind: "literal", text };
  return { kind: "lookup", type: text.slice(0, semicolon), argument: text.slice(semicolon + 1) };
}

/** Also the part after `@` of an item of an address list, which may name a domain list. */
function parseDomainPattern(text: string, mayName: boolean): Pattern {
  if (mayName && text.startsWith("!")) return { kind: "not", of: parseDomainPattern(trimSpaceStart(text.slice(1)), true) };
  if (mayName && text.startsWith("+")) return { kind: "named", name: text.slice(1) };
  if (text.startsWith("@")) return parseSelf(text) ?? parseMx(text) ?? parseTextPattern(text);
  return parseTextPattern(text);
}

function parseSelf(text: string): Pattern | undefined {
  if (text === "@") return { kind: "self" };
  return text === "@[]" ? { kind: "selfLiteral" } : undefined;
}

function parseMx(text: string): Pattern | undefined {
  const mx = MX_ITEM.exec(text);
  return mx === null ? undefined : { kind: "mx", which: mx[1] as "any" | "primary" | "secondary", ignore: mx[2] };
}

function parseHostPattern(text: string): Pattern {
  if (text === "") return { kind: "empty" };
  if (text === "*") return { kind: "any" };
  const self = parseSelf(text);
  if (self !== undefined) return self;
  const net = text.startsWith("net") ? NET_LOOKUP.exec(text) : null;
  if (net !== null) return { kind: "netLookup", mask: net[1] as string, type: net[2] as string, argument: net[3] as string };
  const network = parseNetwork(text);
  return network === undefined ? parseTextPattern(text) : { kind: "network", text, network };
}

/** Manual §"Address lists". */
function parseAddressPattern(text: string): Pattern {
  if (text === "") return { kind: "empty" };
  if (text.startsWith("^")) return { kind: "regex", source: text };
  const semicolon = text.indexOf(";");
  if (text.startsWith("@@") && semicolon >= 0) {
    return { kind: "byDomain", type: text.slice(2, semicolon), argument: text.slice(semicolon + 1) };
  }
  const at = separatingAt(text, semicolon);
  if (at >= 0) return { kind: "mailbox", localPart: text.slice(0, at), domain: parseDomainPattern(text.slice(at + 1), true) };
  if (semicolon >= 0) return { kind: "lookup", type: text.slice(0, semicolon), argument: text.slice(semicolon + 1) };
  return { kind: "domainOnly", domain: bareDomain(text) };
}

/** Without `@`, only a literal domain and `*domain` are known (and in a file, a domain list). */
function bareDomain(text: string): Pattern {
  if (text.startsWith("+")) return { kind: "named", name: text.slice(1) };
  return text.startsWith("*") ? { kind: "suffix", suffix: text.slice(1) } : { kind: "literal", text };
}

/**
 * Where local part and domain of an item part, or -1. An `@` after a semicolon belongs to a query, the one of `*@;` to
 * the type of a lookup, and `x@@`, `x@@[]`, `x@@mx_any` have a domain that begins with `@`.
 */
function separatingAt(text: string, semicolon: number): number {
  let at = text.lastIndexOf("@", semicolon < 0 ? text.length : semicolon);
  if (semicolon >= 0 && at === semicolon - 1 && text[at - 1] === "*") at = at < 2 ? -1 : text.lastIndexOf("@", at - 1);
  if (at > 0 && text[at - 1] === "@" && /^@(?:$|\[\]$|mx_)/.test(text.slice(at, at + 4))) at--;
  return at;
}
