/** `$variables` and `$h_...` that are facts of a message. */
import { CONDITION_VARIABLES } from "@mailkit/expand";
import { clean, joinAddress, splitAddress, tainted, trimSpace, trimSpaceEnd } from "@mailkit/sdk";
import type { HeaderForm, HeaderLine, MessageFacts, Text, VariableSource } from "@mailkit/sdk";

type Getter = (m: MessageFacts) => Text | undefined;

const GETTERS = new Map<string, Getter>([
  ["message_exim_id", (m) => clean(m.id)],
  ["message_id", (m) => clean(m.id)],
  ["sender_address", (m) => (m.sender === undefined ? clean("") : tainted(m.sender))],
  ["sender_address_local_part", (m) => tainted(splitAddress(m.sender ?? "").localPart)],
  ["sender_address_domain", (m) => tainted(splitAddress(m.sender ?? "").domain)],
  ["return_path", (m) => tainted(m.sender ?? "")],
  ["recipients", (m) => tainted(m.recipients.join(", "))],
  ["recipients_list", (m) => tainted(m.recipients.map((r) => r.replaceAll(":", "::")).join(":"))],
  ["recipients_count", (m) => clean(String(m.recipients.length))],
  ["rcpt_count", (m) => clean(String(m.rcptCount))],
  ["rcpt_defer_count", (m) => clean(String(m.rcptDeferCount))],
  ["rcpt_fail_count", (m) => clean(String(m.rcptFailCount))],
  ["received_protocol", (m) => clean(m.receivedProtocol)],
  ["received_time", (m) => clean(String(Math.floor(m.received / 1000)))],
  ["received_for", (m) => (m.recipients.length === 1 ? tainted(m.recipients[0] as string) : clean(""))],
  ["received_count", (m) => clean(String(m.headers?.filter((h) => h.type === "P").length ?? 0))],
  ["message_size", (m) => clean(String(m.size))],
  ["message_body_size", (m) => clean(String(m.bodySize))],
  ["message_linecount", (m) => clean(String(m.bodyLines + headerLineCount(m.headers ?? [])))],
  ["body_linecount", (m) => clean(String(m.bodyLines))],
  ["body_zerocount", (m) => clean(String(m.bodyZeros))],
  ["max_received_linelength", (m) => clean(String(m.maxReceivedLine))],
  ["message_headers_raw", (m) => tainted(visibleHeaders(m).join(""))],
  ["message_smtputf8", (m) => clean(m.smtputf8 ? "yes" : "no")],
  ["authenticated_sender", (m) => tainted(m.authenticatedSender)],
  ["queue_name", (m) => clean(m.queueName)],
  ["reply_address", (m) => tainted(replyAddress(m.headers ?? []))],
]);

export interface MessageSourceOptions {
  readonly now: () => number;
  /** Encoded words of header lines, as `$h_` shows them. */
  readonly decode: (text: string) => string;
  /** Text of the body, as `$message_body` shows it. */
  readonly body: (text: string) => string;
  /** In a delivery that a queue runner started. */
  readonly queueRunning: boolean;
}

export function messageVariables(m: MessageFacts, { now, decode, body, queueRunning }: MessageSourceOptions): VariableSource {
  return (name) => {
    if (name.startsWith("acl_m")) return m.aclMessage.get(name.slice(4));
    const number = /^(s?)n([0-9])$/.exec(name);
    if (number !== null) return clean(String(m.filterNumbers[Number(number[2]) + (number[1] === "s" ? 10 : 0)] ?? 0));
    if (name === "message_age") return clean(m.received === 0 ? "0" : String(Math.max(0, Math.floor((now() - m.received) / 1000))));
    if (name === "message_headers")
      return tainted(
        decode(
          visibleHeaders(m)
            .map((text) => trimSpaceEnd(text))
            .join("\n"),
        ),
      );
    if (name === "message_body") return tainted(body(m.bodyStart));
    if (name === "message_body_end") return tainted(body(m.bodyEnd));
    if (name === CONDITION_VARIABLES.queueRunning) return clean(queueRunning ? "1" : "");
    if (name === CONDITION_VARIABLES.firstDelivery) return clean(m.delivery?.first === true ? "1" : "");
    const extra = m.extra.get(name);
    if (extra !== undefined) return extra;
    return GETTERS.get(name)?.(m);
  };
}

/** Headers that hold addresses: several of them are joined by a comma, others by a newline (manual §"$header_"). */
const ADDRESS_HEADERS = /^(?:resent-)?(?:to|cc|bcc|from|sender|reply-to)$/i;

/** All lines of one header, in the form before charset work: `rh` whole, the others trimmed, `lh` as a list. */
export function messageHeader(m: MessageFacts): (form: HeaderForm, name: string) => Text | undefined {
  return (form, name) => {
    const found = headerValues(m.headers ?? [], name);
    return found.length === 0 ? undefined : tainted(joinHeaders(found, form, ADDRESS_HEADERS.test(name)));
  };
}

function headerValues(headers: readonly HeaderLine[], name: string): string[] {
  const wanted = name.toLowerCase();
  const found: string[] = [];
  for (const { type, text } of headers) {
    if (type === "*" || text.length <= wanted.length) continue;
    const colon = text.indexOf(":");
    if (colon >= 0 && trimSpaceEnd(text.slice(0, colon)).toLowerCase() === wanted) found.push(text.slice(colon + 1));
  }
  return found;
}

function joinHeaders(values: readonly string[], form: HeaderForm, addresses: boolean): string {
  if (form === "rh") return values.join("");
  if (form === "lh") return values.map((v) => v.replace(/\n$/, "").replaceAll(":", "::")).join(":");
  const filled = values.map((v) => trimSpace(v)).filter((v) => v !== "");
  return filled.join(addresses ? ",\n" : "\n");
}

function visibleHeaders(m: MessageFacts): readonly string[] {
  return (m.headers ?? []).filter((h) => h.type !== "*").map((h) => h.text);
}

function headerLineCount(headers: readonly HeaderLine[]): number {
  let count = 0;
  for (const header of headers) if (header.type !== "*") for (const c of header.text) if (c === "\n") count++;
  return count;
}

/** `Reply-To`, else `From`: as it stands, on one line. */
function replyAddress(headers: readonly HeaderLine[]): string {
  const text = (name: string): string => trimSpace(headerValues(headers, name).join("")).replaceAll("\n", " ");
  return text("reply-to") || text("from");
}

export function sameAddress(a: string, b: string): boolean {
  const [x, y] = [splitAddress(a), splitAddress(b)];
  return x.localPart === y.localPart && joinAddress(x).toLowerCase() === joinAddress(y).toLowerCase();
}
