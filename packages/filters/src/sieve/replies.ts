/** Messages that Sieve makes: `vacation` (RFC 5230) and `notify` by mail (RFC 5435, RFC 5436). */
import { createHash } from "node:crypto";
import { octetsOf, trimSpace, trimSpaceEnd } from "@mailkit/sdk";
import type { AutoReply } from "@mailkit/sdk";
import { encodeRfc2047 } from "@mailkit/expand";
import type { Notify, Vacation } from "./ast.ts";
import type { Mailto } from "./mailto.ts";

const DAY = 86_400_000;
const UTF8_TEXT = 'MIME-Version: 1.0\nContent-Type: text/plain;\n\tcharset="utf-8"\nContent-Transfer-Encoding: quoted-printable';

export interface VacationFacts {
  /** The envelope sender. */
  readonly to: string;
  readonly ownAddress: string;
  /** Of the message, decoded to UTF-8, on one line. */
  readonly subject: string;
  readonly directory: string | undefined;
}

export function vacationReply(vacation: Vacation, { to, ownAddress, subject, directory }: VacationFacts): AutoReply {
  const title = oneLine(vacation.subject ?? `Auto: ${subject}`);
  const parts = vacation.mime ? splitEntity(vacation.reason) : { headers: UTF8_TEXT, body: quotedPrintable(vacation.reason) };
  return {
    to,
    from: vacation.from ?? ownAddress,
    subject: encodeRfc2047(title, "utf-8"),
    ...(parts.headers === "" ? {} : { headers: parts.headers }),
    text: parts.body,
    ...(directory === undefined ? {} : { once: `${directory}/${nameOfDatabase(vacation)}` }),
    onceRepeat: vacation.days * DAY,
  };
}

/** One database for each handle, or for each set of texts (README.SIEVE, "Rate Limiting Responses"). */
function nameOfDatabase({ handle, subject, from, mime, reason }: Vacation): string {
  const what = handle === undefined ? JSON.stringify([subject, from, mime, reason]) : JSON.stringify(handle);
  return createHash("md5").update(octetsOf(what)).digest("hex").toUpperCase();
}

/** With `:mime` the reason is a MIME entity: its header lines join those of the message. */
function splitEntity(reason: string): { readonly headers: string; readonly body: string } {
  const text = reason.replaceAll("\r\n", "\n");
  const end = text.startsWith("\n") ? 0 : text.indexOf("\n\n");
  if (end < 0) return { headers: trimSpaceEnd(text), body: "" };
  return { headers: text.slice(0, end), body: text.slice(end).replace(/^\n+/, "") };
}

/** A notification, ready to be submitted. */
export interface Notification {
  readonly sender: string;
  readonly recipients: readonly string[];
  /** Header lines, an empty line, the body. */
  readonly text: string;
}

export interface NotifyFacts {
  readonly ownAddress: string;
  /** `sieve_enotify_mailto_owner`. */
  readonly owner: string;
  readonly subject: string;
}

export function notification({ from, message, importance }: Notify, mailto: Mailto, facts: NotifyFacts): Notification {
  const given = mailto.fields.find(([name]) => /^subject$/i.test(name))?.[1];
  const lines = [`From: ${oneLine(from ?? facts.ownAddress)}`];
  if (mailto.recipients.length > 0) lines.push(`To: ${mailto.recipients.join(",\n ")}`);
  lines.push(`Auto-Submitted: auto-notified; ${oneLine(facts.owner)}`);
  for (const [name, value] of mailto.fields) if (!/^subject$/i.test(name)) lines.push(`${name}: ${value}`);
  if (importance !== undefined) lines.push(`Importance: ${["high", "normal", "low"][Number(importance) - 1]}`);
  lines.push(`Subject: ${encodeRfc2047(oneLine(message ?? given ?? facts.subject), "utf-8")}`);
  const body = mailto.body === undefined ? "" : quotedPrintable(mailto.body.replaceAll("\r\n", "\n"));
  if (body !== "") lines.push(UTF8_TEXT);
  const copies = mailto.fields.flatMap(([name, value]) => (/^cc$/i.test(name) ? value.split(",").map((text) => trimSpace(text)) : []));
  return { sender: facts.ownAddress, recipients: [...mailto.recipients, ...copies], text: `${lines.join("\n")}\n\n${body}` };
}

function oneLine(text: string): string {
  return trimSpace(text.replace(/[ \t]*[\r\n]+[ \t\r\n]*/g, " "));
}

const LINE = 76;

/** RFC 2045 §6.7. */
export function quotedPrintable(text: string): string {
  return text
    .split("\n")
    .map((line) =>
      softBreaks(line.replace(/[^\t -<>-~]|[\t ]$/g, (c) => `=${c.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`)),
    )
    .join("\n");
}

function softBreaks(line: string): string {
  let rest = line;
  let result = "";
  while (rest.length > LINE) {
    const cut = rest.slice(0, LINE - 1).replace(/=[0-9A-F]?$/, "").length;
    result += `${rest.slice(0, cut)}=\n`;
    rest = rest.slice(cut);
  }
  return result + rest;
}
