/**
 * Addresses of one header line rewritten in their places: phrases, comments and folds stay (manual, flag `w`). A line
 * that has grown is broken behind a changed address, where Exim breaks it.
 */
import { chain, lower, mapInOrder } from "@mailkit/sdk";
import type { HeaderLine, Maybe } from "@mailkit/sdk";
import { makeHeader, nameOfHeader, parseAddressList } from "@mailkit/message";
import type { ListItem } from "@mailkit/message";
import type { HeaderWhere, Qualification } from "./types.ts";
import { placeOf } from "./working-part.ts";

/** Header names whose addresses are rewritten; `Resent-` makes no difference. */
const PLACES: ReadonlyMap<string, HeaderWhere> = new Map([
  ["from", "from"],
  ["sender", "sender"],
  ["reply-to", "reply-to"],
  ["to", "to"],
  ["cc", "cc"],
  ["bcc", "bcc"],
]);

export function placeOfHeader(line: HeaderLine): HeaderWhere | undefined {
  if (line.type === "*") return undefined;
  return PLACES.get(lower(nameOfHeader(line.text)).replace(/^resent-/, ""));
}

/** Rewrites an item, given its address with domain; undefined = it stays. */
export type ItemRewriter = (item: { readonly text: string; readonly address: string }) => Maybe<string | undefined>;

export interface HeaderJob {
  readonly where: HeaderWhere;
  readonly qualify: Qualification;
  readonly rewrite: ItemRewriter;
  readonly fault: (message: string) => void;
}

/** The new line, or undefined when nothing in it changes. */
export function rewriteHeader(line: HeaderLine, job: HeaderJob): Maybe<HeaderLine | undefined> {
  const colon = line.text.indexOf(":") + 1;
  const value = line.text.slice(colon);
  const items = parseAddressList(value, { allowDomainLiterals: true });
  const texts = mapInOrder(items, (item) => rewriteItem(value, item, job));
  return chain(texts, (changed) => {
    if (changed.every((text) => text === undefined)) return undefined;
    return makeHeader(assemble(line.text, colon, items, changed));
  });
}

function rewriteItem(value: string, item: ListItem, job: HeaderJob): Maybe<string | undefined> {
  const { mailbox } = item;
  if (!mailbox.ok) {
    job.fault(mailbox.message);
    return undefined;
  }
  const written = value.slice(item.start, item.end);
  if (mailbox.domain !== "") return job.rewrite({ text: written, address: mailbox.address });
  const isSender = job.where === "from" || job.where === "sender" || job.where === "reply-to";
  const domain = isSender ? job.qualify.sender : job.qualify.recipient;
  if (domain === undefined || domain === "" || mailbox.address === "") return undefined;
  const address = `${mailbox.address}@${domain}`;
  const place = placeOf(written);
  const qualified = written.slice(0, place.start) + address + written.slice(place.end);
  return chain(job.rewrite({ text: qualified, address }), (text) => text ?? qualified);
}

/** A line is broken when more than this has been written since its start or the last break. */
const LONG = 40;

// oxlint-disable-next-line max-params
function assemble(line: string, colon: number, items: readonly ListItem[], changed: readonly (string | undefined)[]): string {
  let text = line.slice(0, colon);
  let since = 0;
  let from = colon;
  items.forEach((item, index) => {
    text += line.slice(from, colon + item.start);
    from = colon + item.end;
    const replacement = changed[index];
    text += replacement ?? line.slice(colon + item.start, from);
    if (replacement === undefined || index === items.length - 1) return;
    const gap = /^,[ \t]*/.exec(line.slice(from))?.[0] ?? "";
    const newline = line[from + gap.length] === "\n";
    if (gap === "" || newline || text.length + gap.length - since <= LONG) return;
    text += gap;
    from += gap.length;
    since = text.length + 1;
    text += "\n\t";
  });
  return text + line.slice(from);
}
