/**
 * Redirection data that is no filter, taken apart (manual §"Items in a non-filter redirection list", §"Special items in
 * redirection lists"). Pure and total: what it cannot read is an item of its own. Qualification and inclusion are the
 * caller's.
 */
import { trimSpace } from "@mailkit/sdk";
import { parseMailbox } from "@mailkit/message";

export type Item =
  | { readonly kind: "address"; readonly localPart: string; readonly domain: string; readonly address: string; readonly backslash: boolean }
  | { readonly kind: "pipe"; readonly command: string }
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "include"; readonly path: string }
  | { readonly kind: "blackhole" }
  /** The text is the rest of the line; `item` is what stands before the next comma, for messages. */
  | { readonly kind: "fail" | "defer"; readonly text: string; readonly item: string }
  | { readonly kind: "unknown" }
  | { readonly kind: "error"; readonly message: string; readonly item: string };

/** Items in order. Nothing is read behind `:fail:`, `:defer:` and `:blackhole:`, which speak for the whole list. */
export function* readItems(source: string): Generator<Item> {
  let at = 0;
  for (;;) {
    at = skipToItem(source, at);
    if (at >= source.length) return;
    const special = readSpecial(source, at);
    if (special !== undefined) {
      yield special;
      return;
    }
    const end = endOfItem(source, at);
    const item = readItem(trimSpace(source.slice(at, end)));
    if (item !== undefined) yield item;
    at = end;
  }
}

/** White space, commas, and comments from `#` to the end of the line. */
function skipToItem(source: string, from: number): number {
  let at = from;
  while (at < source.length) {
    const char = source[at] as string;
    if (char === "#") {
      const newline = source.indexOf("\n", at);
      at = newline < 0 ? source.length : newline + 1;
    } else if (char === "," || isSpace(char)) at++;
    else break;
  }
  return at;
}

/** `:fail: text` and `:defer: text`, also behind a quote that encloses the item. */
function readSpecial(source: string, at: number): Item | undefined {
  const start = source[at] === '"' ? at + 1 : at;
  if (source[start] !== ":") return undefined;
  const name = [":fail:", ":defer:", ":blackhole:"].find((word) => source.startsWith(word, start));
  if (name === undefined) return undefined;
  if (name === ":blackhole:") return { kind: "blackhole" };
  const newline = source.indexOf("\n", start);
  const text = trimSpace(source.slice(start + name.length, newline < 0 ? source.length : newline));
  const item = trimSpace(source.slice(start, endOfItem(source, start)));
  return { kind: name === ":fail:" ? "fail" : "defer", text, item };
}

/** The next comma or newline outside quotes and comments. */
function endOfItem(source: string, from: number): number {
  let quoted = false;
  let depth = 0;
  for (let at = from; at < source.length; at++) {
    const char = source[at];
    if (char === "\n") return at;
    if (char === "\\" && (quoted || depth > 0)) at++;
    else if (char === '"' && depth === 0) quoted = !quoted;
    else if (quoted) continue;
    else if (char === "(") depth++;
    else if (char === ")" && depth > 0) depth--;
    else if (char === "," && depth === 0) return at;
  }
  return source.length;
}

function readItem(written: string): Item | undefined {
  const text = dequoted(written);
  if (text === "") return undefined;
  if (text.startsWith(":include:")) return { kind: "include", path: trimSpace(text.slice(":include:".length)) };
  if (text.startsWith(":unknown:")) return { kind: "unknown" };
  // Only a backslash as it was written counts, not one out of quotes.
  if (written.startsWith("\\")) {
    const bare = readAddress(written.slice(1));
    if (bare?.kind === "address" && bare.domain === "") return { ...bare, backslash: true };
  }
  const address = readAddress(text);
  const isAddress = address?.kind === "address" && address.domain !== "";
  if (text.startsWith("|") && !isAddress) return { kind: "pipe", command: text.slice(1) };
  if (text.startsWith("/") && !isAddress) return { kind: "file", path: text };
  return address;
}

function readAddress(text: string): Item | undefined {
  const mailbox = parseMailbox(text, { allowDomainLiterals: true });
  if (mailbox.ok) {
    return { kind: "address", localPart: mailbox.localPart, domain: mailbox.domain, address: mailbox.address, backslash: false };
  }
  return mailbox.empty === true ? undefined : { kind: "error", message: mailbox.message, item: text };
}

/** Quotes that enclose the whole item come off; others belong to the address. */
function dequoted(item: string): string {
  if (!item.startsWith('"') || !item.endsWith('"') || item.length < 2) return item;
  let text = "";
  for (let at = 1; at < item.length - 1; at++) {
    const char = item[at] as string;
    if (char === '"') return item;
    if (char === "\\" && at + 1 < item.length - 1) text += item[++at] as string;
    else text += char;
  }
  return trimSpace(text);
}

function isSpace(char: string): boolean {
  const code = char.charCodeAt(0);
  return code === 32 || (code >= 9 && code <= 13);
}
