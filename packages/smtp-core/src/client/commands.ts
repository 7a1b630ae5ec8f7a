/** The commands of the client as text (without CRLF), and what EHLO's answer offers. RFC 5321 §4.1, RFC 1869. */
import { trimSpace } from "@mailkit/sdk";
import type { ClientExtensions, ClientRecipient, ClientTransaction, ReceivedReply } from "./types.ts";
import { encodeXtext } from "../xtext.ts";

export interface MailChoices {
  readonly extensions: ClientExtensions;
  readonly prdr: boolean;
}

export function mailCommand(envelope: ClientTransaction, { extensions, prdr }: MailChoices): string {
  let text = `MAIL FROM:<${envelope.sender}>`;
  if (extensions.keywords.has("SIZE") && envelope.size !== undefined) text += ` SIZE=${envelope.size}`;
  if (prdr) text += " PRDR";
  if (extensions.eightBit && envelope.eightBit === true) text += " BODY=8BITMIME";
  if (extensions.smtputf8 && envelope.smtputf8 === true) text += " SMTPUTF8";
  if (extensions.dsn && envelope.dsn !== undefined) {
    if (envelope.dsn.ret !== undefined) text += ` RET=${envelope.dsn.ret.toUpperCase()}`;
    if (envelope.dsn.envid !== undefined) text += ` ENVID=${envelope.dsn.envid}`;
  }
  if (envelope.authenticatedSender !== undefined) {
    text += ` AUTH=${envelope.authenticatedSender === "" ? "<>" : encodeXtext(envelope.authenticatedSender)}`;
  }
  return text;
}

export function rcptCommand(recipient: ClientRecipient, dsn: boolean): string {
  let text = `RCPT TO:<${recipient.address}>`;
  if (dsn && recipient.dsn !== undefined) {
    const { notify, orcpt } = recipient.dsn;
    if (notify !== undefined && notify.length > 0) text += ` NOTIFY=${notify.join(",").toUpperCase()}`;
    if (orcpt !== undefined) text += ` ORCPT=${orcpt}`;
  }
  if (recipient.parameters !== undefined) text += ` ${recipient.parameters}`;
  return text;
}

export function readExtensions(reply: ReceivedReply): ClientExtensions {
  const keywords = new Map<string, string>();
  for (const line of reply.lines.slice(1)) {
    const cut = trimSpace(line).search(/[ =]/);
    const text = trimSpace(line);
    const name = (cut < 0 ? text : text.slice(0, cut)).toUpperCase();
    if (name !== "" && !keywords.has(name)) keywords.set(name, cut < 0 ? "" : trimSpace(text.slice(cut + 1)));
  }
  const limits = new Map((keywords.get("LIMITS") ?? "").split(" ").map((item) => cutLimit(item.toUpperCase())));
  return {
    keywords,
    size: wholeNumber(keywords.get("SIZE")),
    auth: (keywords.get("AUTH") ?? "").toUpperCase().split(" ").filter(Boolean),
    pipelining: keywords.has("PIPELINING"),
    chunking: keywords.has("CHUNKING"),
    starttls: keywords.has("STARTTLS"),
    eightBit: keywords.has("8BITMIME"),
    smtputf8: keywords.has("SMTPUTF8"),
    dsn: keywords.has("DSN"),
    prdr: keywords.has("PRDR"),
    mailMax: wholeNumber(limits.get("MAILMAX")),
    rcptMax: wholeNumber(limits.get("RCPTMAX")),
  };
}

function cutLimit(item: string): [string, string] {
  const at = item.indexOf("=");
  return at < 0 ? [item, ""] : [item.slice(0, at), item.slice(at + 1)];
}

function wholeNumber(text: string | undefined): number {
  return text !== undefined && /^[0-9]{1,15}$/.test(text) ? Number(text) : 0;
}
