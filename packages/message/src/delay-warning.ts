import {
  addressText,
  recipientFields,
  type ReportedAddress,
  type ReportedMessage,
  reportHeaders,
  type ReportSettings,
  returnedPart,
  statusPart,
  textPart,
} from "./bounce-parts.ts";
import { findHeader, valueOfHeader } from "./header-lines.ts";

/** Warnings that a message is delayed (manual §"Customizing warning messages"). Pure. */
export interface DelayWarningInput extends ReportSettings {
  readonly message: ReportedMessage;
  readonly to: string;
  readonly delayed: readonly ReportedAddress[];
  /** How long the message has waited, in milliseconds. */
  readonly delay: number;
  /** Items of `warn_message_file`, expanded; an empty or missing one means the default. */
  readonly items?: readonly (string | undefined)[];
}

export function composeDelayWarning(input: DelayWarningInput): string {
  const { message, boundary } = input;
  return (
    (input.replyTo === undefined ? "" : `Reply-To: ${input.replyTo}\n`) +
    `Auto-Submitted: auto-replied\n` +
    reportHeaders(message, input.to, input) +
    withNewline(input.items?.[0] || `Subject: Warning: message ${message.id} delayed ${delayText(input.delay)}\n`) +
    `\n${textPart(message, boundary)}` +
    withNewline(input.items?.[1] || defaultOpening(input)) +
    `\n${input.delayed.map((address) => addressText(address, "Delay reason: ")).join("")}\n` +
    withNewline(input.items?.[2] || DEFAULT_END) +
    "\n" +
    statusPart(
      message,
      input.delayed.map((address) => recipientFields(address, "delayed")),
      input,
    ) +
    returnedPart(message, undefined, "", boundary)
  );
}

/** `$warn_message_delay`: whole minutes up to two hours, whole hours above. */
export function delayText(milliseconds: number): string {
  const minutes = Math.floor(milliseconds / 60_000);
  if (minutes < 120) return `${minutes} minutes`;
  return `${Math.floor(minutes / 60)} hours`;
}

function defaultOpening(input: DelayWarningInput): string {
  const { message } = input;
  const whose = message.sender === input.to ? "that you sent has" : `sent by\n\n  <${message.sender}>\n\nhas`;
  const subject = findHeader(message.headers, "Subject");
  const date = findHeader(message.headers, "Date");
  return (
    "This message was created automatically by mail delivery software.\n" +
    `A message ${whose} not yet been delivered to one or more of its\n` +
    `recipients after more than ${delayText(input.delay)} on the queue on ${input.primaryHostname}.\n\n` +
    `The message identifier is:     ${message.id}\n` +
    (subject === undefined ? "" : `The subject of the message is: ${valueOfHeader(subject.text)}\n`) +
    (date === undefined ? "" : `The date of the message is:    ${valueOfHeader(date.text)}\n`) +
    `\nThe address${input.delayed.length === 1 ? "" : "es"} to which the message has not yet been delivered ${input.delayed.length === 1 ? "is" : "are"}:\n`
  );
}

const DEFAULT_END = `No action is required on your part. Delivery attempts will continue for
some time, and this warning may be repeated at intervals if the message
remains undelivered. Eventually the mail delivery software will give up,
and when that happens, the message will be returned to you.
`;

function withNewline(text: string): string {
  return text.endsWith("\n") ? text : `${text}\n`;
}
