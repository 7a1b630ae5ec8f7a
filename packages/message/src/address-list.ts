import type { HeaderLine } from "@mailkit/sdk";
import { printable, trimSpace } from "@mailkit/sdk";
import { endOfQuoted, isSpace, skipComments } from "./address-scan.ts";
import { isDeleted, nameOfHeader } from "./header-lines.ts";
import { type Mailbox, type MailboxRules, parseMailboxAt } from "./mailbox.ts";

/**
 * Lists of addresses as they stand in header lines: commas, groups (`name: a@b, c@d;`), comments, quoted strings,
 * source routes (RFC 5322 §3.4). Commas are found first, then each item is parsed, as Exim does: so what follows the
 * `;` of a group up to the next comma is passed over.
 */
export interface ListItem {
  /** The item as it stands, white space around it off. */
  readonly text: string;
  /** Offsets in the list. */
  readonly start: number;
  readonly end: number;
  readonly mailbox: Mailbox;
}

export interface ListRules extends MailboxRules {
  /** Groups are a syntax of header lines, not of envelopes; default true. */
  readonly allowGroups?: boolean;
}

/** Every item with its address or its fault. Items with nothing in them are left out. */
export function parseAddressList(text: string, rules: ListRules = {}): ListItem[] {
  const items: ListItem[] = [];
  const groups = rules.allowGroups !== false;
  let inGroup = false;
  for (let at = skipSeparators(text, 0); at < text.length;) {
    const end = endOfItem(text, at);
    const item = text.slice(at, end);
    const group = groups && !inGroup ? endOfGroupName(item) : 0;
    if (group > 0) inGroup = true;
    const mailbox = parseMailboxAt(item, group, { ...rules, inGroup });
    if (inGroup && hasGroupEnd(item, group)) inGroup = false;
    if (mailbox.ok || mailbox.empty !== true) items.push({ text: trimSpace(item), start: at, end, mailbox });
    at = skipSeparators(text, end);
  }
  return items;
}

/** The addresses of a list; faults come apart. */
export function extractAddresses(
  text: string,
  rules: ListRules = {},
): { addresses: string[]; faults: { text: string; message: string }[] } {
  const addresses: string[] = [];
  const faults: { text: string; message: string }[] = [];
  for (const { text: item, mailbox } of parseAddressList(text, rules)) {
    if (mailbox.ok) addresses.push(mailbox.address);
    else faults.push({ text: item, message: mailbox.message });
  }
  return { addresses, faults };
}

const SYNTAX_CHECKED = "BCFRST";
const SHOWN = 1024;

/**
 * `verify = header_syntax`: the first fault in a header line that holds addresses, in Exim's words, made printable.
 * `allowUnqualified` is asked with "sender" for From, Reply-To and Sender, with "recipient" for the others.
 */
export function checkHeaderSyntax(
  headers: readonly HeaderLine[],
  allowUnqualified: { readonly sender: boolean; readonly recipient: boolean },
  rules: ListRules = {},
): string | undefined {
  for (const header of headers) {
    if (isDeleted(header) || !SYNTAX_CHECKED.includes(header.type)) continue;
    const name = nameOfHeader(header.text);
    const unqualifiedOk = "FRS".includes(header.type) ? allowUnqualified.sender : allowUnqualified.recipient;
    const colon = header.text.indexOf(":");
    for (const { text, mailbox } of parseAddressList(header.text.slice(colon + 1), rules)) {
      if (mailbox.ok && (mailbox.domain !== "" || unqualifiedOk)) continue;
      const message = mailbox.ok ? "unqualified address not permitted" : mailbox.message;
      const verb = text.length > SHOWN ? "begins" : "is";
      return printable(`${message}: failing address in "${name}:" header ${verb}: ${text.slice(0, SHOWN)}`);
    }
  }
  return undefined;
}

function skipSeparators(text: string, from: number): number {
  let at = from;
  while (at < text.length && (text[at] === "," || isSpace(text.charCodeAt(at)))) at++;
  return at;
}

/** The comma that ends an item, outside quotes, comments, brackets and source routes; or the end. */
function endOfItem(text: string, from: number): number {
  let inRoute = text[from] === "@";
  for (let at = from; at < text.length; at++) {
    switch (text[at]) {
      case ",":
        if (!inRoute) return at;
        break;
      case ":":
        inRoute = false;
        break;
      case "\\":
        at++;
        break;
      case '"': {
        const end = endOfQuoted(text, at);
        at = end < 0 ? text.length : end - 1;
        break;
      }
      case "(":
        at = skipComments(text, at) - 1;
        break;
      case "<": {
        const close = closingBracket(text, at);
        at = close < 0 ? text.length : close;
        break;
      }
      default:
    }
  }
  return text.length;
}

function closingBracket(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at++) {
    if (text[at] === ">") return at;
    if (text[at] === '"') {
      const end = endOfQuoted(text, at);
      if (end < 0) return -1;
      at = end - 1;
    } else if (text[at] === "(") at = skipComments(text, at) - 1;
  }
  return -1;
}

/** Offset behind `name:` when the item begins a group, else 0. */
function endOfGroupName(item: string): number {
  let at = skipComments(item, 0);
  const start = at;
  while (at < item.length && !'<>@,;:[]"('.includes(item[at] as string)) at++;
  while (item[at] === '"' || item[at] === "(") {
    const end = item[at] === '"' ? endOfQuoted(item, at) : skipComments(item, at);
    if (end < 0) return 0;
    at = end;
    while (at < item.length && !'<>@,;:[]"('.includes(item[at] as string)) at++;
  }
  return item[at] === ":" && at > start ? at + 1 : 0;
}

/** Is there the `;` of a group, outside quotes, comments and brackets? */
function hasGroupEnd(item: string, from: number): boolean {
  for (let at = from; at < item.length; at++) {
    const c = item[at];
    if (c === ";") return true;
    if (c === "\\") at++;
    else if (c === '"') {
      const end = endOfQuoted(item, at);
      if (end < 0) return false;
      at = end - 1;
    } else if (c === "(") at = skipComments(item, at) - 1;
  }
  return false;
}
