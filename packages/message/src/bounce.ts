import {
  addressText,
  endOfReport,
  outputHeading,
  type ReportedAddress,
  type ReportedMessage,
  recipientFields,
  remoteFields,
  reportHeaders,
  reportHeadersAfterTo,
  type ReportSettings,
  returnedPart,
  statusPart,
  textPart,
} from "./bounce-parts.ts";

/**
 * Bounces and success notifications: one message for all failures that go to one address
 * (manual §"Customizing bounce messages", RFC 3464). Pure: the body to return, output of pipes and the expanded items of
 * `bounce_message_file` are given. Received:, Message-Id: and Date: are added by whoever submits the result.
 */
export interface BounceInput extends ReportSettings {
  readonly message: ReportedMessage;
  /** Where the bounce goes: the sender, or an `errors_to`. */
  readonly to: string;
  readonly failures: readonly FailedAddress[];
  /** Undefined: `bounce_return_message` is false, or nothing is to be returned. See `bounceReturns`. */
  readonly returned: ReturnedBody | undefined;
  /** `bounce_message_text`. */
  readonly text?: string;
  /** Items of `bounce_message_file`, expanded; an empty or missing one means the default. */
  readonly items?: readonly (string | undefined)[];
}

export interface FailedAddress extends ReportedAddress {
  /** Output of a pipe that goes back to the sender. */
  readonly output?: string;
}

export type ReturnedBody = { readonly kind: "full"; readonly body: string } | { readonly kind: "headers"; readonly limited: boolean };

export interface ReturnSettings {
  /** `bounce_return_message`, `bounce_return_body`, `bounce_return_size_limit`, `bounce_return_linesize_limit`. */
  readonly returnMessage: boolean;
  readonly returnBody: boolean;
  readonly sizeLimit: number;
  readonly lineLimit: number;
}

/** What of the message goes back: asked before the body is read, which may be large. */
export function bounceReturns(
  message: ReportedMessage & { readonly bodySize: number; readonly maxLine: number },
  settings: ReturnSettings,
): "nothing" | "full" | "headers" | "limited" {
  if (!settings.returnMessage) return "nothing";
  if (!settings.returnBody || message.dsn?.ret === "hdrs") return "headers";
  if (settings.lineLimit > 0 && message.maxLine > settings.lineLimit) return "limited";
  if (settings.sizeLimit > 0 && dataFileSize(message) > (Math.floor(settings.sizeLimit / BLOCK) + 1) * BLOCK) return "limited";
  return "full";
}

/** Exim's limit works in blocks, on the -D file, which begins with its own name. */
function dataFileSize(message: { readonly id: string; readonly bodySize: number }): number {
  return message.bodySize + message.id.length + 3;
}
const BLOCK = 8192;

export function composeBounce(input: BounceInput): string {
  const { message, to, boundary } = input;
  const own = message.sender === to;
  return (
    failedRecipients(input.failures) +
    (input.replyTo === undefined ? "" : `Reply-To: ${input.replyTo}\n`) +
    `Auto-Submitted: auto-replied\n` +
    reportHeaders(message, to, input) +
    withNewline(input.items?.[0] || `Subject: Mail delivery failed${own ? ": returning message to sender" : ""}\n`) +
    `\n${textPart(message, boundary)}` +
    withNewline(input.items?.[1] || defaultOpening(message, own, input.text)) +
    `\n${input.failures.map((failure) => addressText(failure)).join("")}\n` +
    pipeOutput(input) +
    statusPart(message, [...input.failures].reverse().map(failedFields), input) +
    returned(input)
  );
}

function failedFields(failure: FailedAddress): string {
  return recipientFields(failure, "failed") + remoteFields(failure);
}

/** At most 50 addresses in one line. */
function failedRecipients(failures: readonly FailedAddress[]): string {
  const names = failures
    .filter((f) => f.hidden !== true)
    .map((f) => (f.kind === undefined || f.kind === "address" ? f.address : f.original));
  let text = "";
  for (let at = 0; at < names.length; at += 50) text += `X-Failed-Recipients: ${names.slice(at, at + 50).join(",\n  ")}\n`;
  return text;
}

function defaultOpening(message: ReportedMessage, own: boolean, extra: string | undefined): string {
  return (
    `This message was created automatically by mail delivery software.\n${withNewline(extra ?? "")}` +
    (own
      ? "A message that you sent could not be delivered to one or more of its\n" +
        "recipients. This is a permanent error. The following address(es) failed:\n"
      : `A message sent by\n\n  <${message.sender}>\n\ncould not be delivered to one or more of its recipients. The following\naddress(es) failed:\n`)
  );
}

function pipeOutput(input: BounceInput): string {
  const talking = input.failures.filter((failure) => failure.output !== undefined && failure.output !== "");
  if (talking.length === 0) return "";
  const heading = input.items?.[2] || `The following text was generated during the delivery attempt${talking.length > 1 ? "s" : ""}:\n`;
  return withNewline(heading) + talking.map((f) => `\n${outputHeading(f)}${withNewline(f.output as string)}`).join("") + "\n";
}

const LIMITED = "X-Exim-DSN-Information: Due to administrative limits only headers are returned\n";

function returned(input: BounceInput): string {
  if (input.returned === undefined) return endOfReport(input.boundary);
  if (input.returned.kind === "full") return returnedPart(input.message, input.returned.body, "", input.boundary);
  return returnedPart(input.message, undefined, input.returned.limited ? LIMITED : "", input.boundary);
}

export interface SuccessInput extends ReportSettings {
  readonly message: ReportedMessage;
  readonly to: string;
  /** How each was passed on: to a host without DSN, or delivered by a local transport. */
  readonly addresses: readonly (ReportedAddress & { readonly relayed: boolean })[];
}

/** RFC 3461 §4.1 NOTIFY=SUCCESS. */
export function composeSuccessNotice(input: SuccessInput): string {
  const { message, boundary } = input;
  return (
    `From: ${input.from}\nAuto-Submitted: auto-generated\nTo: ${input.to}\nSubject: Delivery Status Notification\n` +
    reportHeadersAfterTo(message, input) +
    `\n${textPart(message, boundary)}This message was created automatically by mail delivery software.\n` +
    " ----- The following addresses had successful delivery notifications -----\n" +
    `${input.addresses.map((address) => `<${address.original}> (relayed ${address.relayed ? "to non-DSN-aware mailer" : 'via non "Remote SMTP" router'})\n`).join("")}\n` +
    statusPart(message, input.addresses.map(successFields), input) +
    returnedPart(message, undefined, "", boundary)
  );
}

function successFields(address: ReportedAddress & { readonly relayed: boolean }): string {
  if (!address.relayed) return `${recipientFields(address, "delivered")}Diagnostic-Code: X-Exim; relayed via non SMTP router\n`;
  return recipientFields(address, "relayed") + remoteFields(address, address.smtpReply ?? "250 Ok");
}

/** Cuts a template file at lines of four asterisks; items are not expanded here. */
export function parseTemplateFile(text: string): string[] {
  return text.split(/^\*{4}\n/m).map((item) => item.replace(/\n*\*{4}$/, ""));
}

function withNewline(text: string): string {
  return text.endsWith("\n") ? text : `${text}\n`;
}
