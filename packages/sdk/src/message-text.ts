/**
 * A message as a local transport writes it: prefix, headers, body, suffix, with the changes that mailbox formats and
 * batched SMTP ask for (manual §"check_string", §"use_crlf", §"Outgoing batched SMTP"). Pure; shared by the drivers that
 * write files and pipes, so that a stranger's driver escapes the same way.
 */
import type { OutgoingMessage, TransportRecipient } from "./transport.ts";
import { octetsOf } from "./text.ts";

export interface MessageForm {
  /** Written verbatim before and after the message. */
  readonly prefix?: string;
  readonly suffix?: string;
  /** At the start of a line, `checkString` is replaced by `escapeString`; both must be set. */
  readonly checkString?: string;
  readonly escapeString?: string;
  readonly crlf?: boolean;
  /** Batched SMTP: envelope as commands before the message, `.` after it; dots are stuffed. */
  readonly bsmtp?: boolean;
}

/** Up to this size a message is made in one buffer. */
const ONE_PIECE = 256 * 1024;

/** The octets of the message in pieces; a small message is one piece, so that it can be written at once. */
export async function* messageOctets(
  message: OutgoingMessage,
  form: MessageForm,
  recipients: readonly TransportRecipient[],
): AsyncGenerator<Buffer> {
  const escape = makeEscaper(form);
  const opening = octetsOf((form.prefix ?? "") + (form.bsmtp === true ? bsmtpEnvelope(message, recipients, form.crlf === true) : ""));
  const headers = message.parts === "body" ? EMPTY : octetsOf(`${message.headers}\n`);
  const closing = (atLineStart: boolean): Buffer =>
    octetsOf((form.bsmtp === true ? bsmtpEnd(form.crlf === true, atLineStart) : "") + (form.suffix ?? ""));
  if (message.parts === "headers" || message.body.size <= ONE_PIECE) {
    const body = message.parts === "headers" ? EMPTY : await wholeBody(message);
    const text = escape(body.length === 0 ? headers : headers.length === 0 ? body : Buffer.concat([headers, body]), true);
    yield Buffer.concat([opening, text, closing(endsLine(text))]);
    return;
  }
  let last: Buffer = Buffer.concat([opening, escape(headers, false)]);
  yield last;
  for await (const chunk of message.body.chunks()) {
    const text = escape(chunk, false);
    if (text.length === 0) continue;
    yield text;
    last = text;
  }
  const rest = escape(EMPTY, true);
  yield Buffer.concat([rest, closing(endsLine(rest.length > 0 ? rest : last))]);
}

/** How many octets `messageOctets` gives, when that is known without reading the body. */
export function messageSize(message: OutgoingMessage, form: MessageForm): number | undefined {
  if (form.crlf === true || form.bsmtp === true || checks(form)) return undefined;
  const headers = message.parts === "body" ? 0 : message.headers.length + 1;
  const body = message.parts === "headers" ? 0 : message.body.size;
  return (form.prefix?.length ?? 0) + headers + body + (form.suffix?.length ?? 0);
}

const EMPTY: Buffer = Buffer.alloc(0);
const LF = 10;

async function wholeBody(message: OutgoingMessage): Promise<Buffer> {
  return message.body.bytes ?? message.body.read();
}

function endsLine(octets: Buffer): boolean {
  return octets.length === 0 || octets[octets.length - 1] === LF;
}

function checks(form: MessageForm): boolean {
  return form.checkString !== undefined && form.checkString !== "" && form.escapeString !== undefined;
}

/** Goes over pieces of text in order; keeps back what might be the start of `checkString` until the next piece comes. */
function makeEscaper(form: MessageForm): (octets: Buffer, last: boolean) => Buffer {
  const check = form.bsmtp === true ? "." : checks(form) ? (form.checkString as string) : "";
  const escaped = form.bsmtp === true ? ".." : (form.escapeString ?? "");
  const crlf = form.crlf === true;
  if (check === "" && !crlf) return (octets) => octets;
  const replace = lineStartReplacer(check, escaped);
  let atLineStart = true;
  let held = "";
  return (octets, last) => {
    if (!last && octets.length === 0) return EMPTY;
    const text = replace((atLineStart ? "\n" : "") + held + octets.toString("latin1"));
    const until = last ? text.length : text.length - heldBack(text, check);
    const ready = text.slice(0, until);
    const out = atLineStart ? ready.slice(1) : ready;
    // A line end that is kept back is written with what follows it; the one in front is only thought of.
    held = atLineStart && until === 0 ? text.slice(1) : text.slice(until);
    if (until > 0) atLineStart = ready.endsWith("\n") && !held.startsWith("\n");
    return octetsOf(crlf ? out.replaceAll("\n", "\r\n") : out);
  };
}

function lineStartReplacer(check: string, escaped: string): (text: string) => string {
  if (check === "") return (text) => text;
  if (!check.endsWith("\n") || !escaped.endsWith("\n")) return (text) => text.replaceAll("\n" + check, "\n" + escaped);
  // The final line end of a match may be the one that the next match begins with.
  const pattern = new RegExp("\n" + check.slice(0, -1).replace(/[\\^$.*+?()[\]{}|]/g, "\\$&") + "(?=\n)", "g");
  const replacement = "\n" + escaped.slice(0, -1);
  return (text) => text.replace(pattern, () => replacement);
}

/** Length of the tail that, with more text, could become a line end and `check`. */
function heldBack(text: string, check: string): number {
  if (check === "") return 0;
  const from = text.lastIndexOf("\n");
  const tail = text.length - from - 1;
  return from >= 0 && tail < check.length && check.startsWith(text.slice(from + 1)) ? tail + 1 : 0;
}

/** Manual §"Outgoing batched SMTP". */
function bsmtpEnvelope(message: OutgoingMessage, recipients: readonly TransportRecipient[], crlf: boolean): string {
  const end = crlf ? "\r\n" : "\n";
  let text = `MAIL FROM:<${message.sender}>${end}`;
  for (const recipient of recipients) text += `RCPT TO:<${recipient.address}>${end}`;
  return text + `DATA${end}`;
}

function bsmtpEnd(crlf: boolean, atLineStart: boolean): string {
  const end = crlf ? "\r\n" : "\n";
  return `${atLineStart ? "" : end}.${end}`;
}
