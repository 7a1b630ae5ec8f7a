/**
 * Bounces and delay warnings of one attempt: what goes to whom, as text for `submit`. Composes with
 * `@mailkit/message`; sends nothing. Manual §"Customizing bounce and warning messages".
 */
import type { NewLocalMessage, Scope, StoredMessage, SyntaxReport, Template } from "@mailkit/sdk";
import {
  bounceReturns,
  composeBounce,
  composeDelayWarning,
  composeSuccessNotice,
  delayText,
  extractAddresses,
  referencesOf,
} from "@mailkit/message";
import type { FailedAddress, ReportedAddress, ReportedMessage, ReturnedBody } from "@mailkit/message";
import { fullReason, reasonForSender } from "./reasons.ts";
import { templateItems } from "./report-templates.ts";
import type { BounceGroup, Failure } from "./settle.ts";
import type { AddressNode, DeliveryContext, RoutedAddress, Verdict } from "./types.ts";

export interface ReportSettings {
  readonly primaryHostname: string;
  readonly dsnFrom: Template | undefined;
  readonly errorsReplyTo: string | undefined;
  readonly returnMessage: boolean;
  readonly returnBody: boolean;
  readonly sizeLimit: number;
  readonly lineLimit: number;
  readonly bounceMessageText: string | undefined;
  readonly bounceMessageFile: Template | undefined;
  readonly warnMessageFile: Template | undefined;
  /** Copies of bounces: `errors_copy`, already matched. */
  readonly copyTo: (recipient: string, scope: Scope) => Promise<string | undefined>;
}

export interface ReportServices {
  readonly settings: ReportSettings;
  readonly scope: Scope;
  /** For boundaries. */
  readonly boundary: () => string;
  /** A template file that is of no use: for the mainlog and the paniclog. */
  readonly trouble: (line: string) => void;
}

export async function bounceMessage(group: BounceGroup, context: DeliveryContext, services: ReportServices): Promise<NewLocalMessage> {
  const { settings, scope } = services;
  const text = composeBounce({
    message: reported(context.message),
    to: group.to,
    failures: group.failures.map(failedAddress),
    returned: await returnedBody(context.message, settings),
    items: await templateItems("error", services, [["bounce_recipient", group.to]]),
    ...(settings.bounceMessageText === undefined ? {} : { text: settings.bounceMessageText }),
    ...(await common(services)),
  });
  const copy = await settings.copyTo(group.to, scope);
  return { sender: "", recipients: copy === undefined ? [group.to] : [group.to, copy], text };
}

export async function warningMessage(
  to: string,
  delayed: readonly Extract<Verdict, { kind: "deferred" }>[],
  context: DeliveryContext,
  services: ReportServices,
): Promise<NewLocalMessage> {
  const text = composeDelayWarning({
    message: reported(context.message),
    to,
    delayed: delayed.toReversed().map(delayedAddress),
    delay: context.now - context.envelope.received,
    items: await templateItems("warning", services, [
      ["warn_message_recipients", delayed.map((v) => v.address.display).join(", ")],
      ["warn_message_delay", delayText(context.now - context.envelope.received)],
    ]),
    ...(await common(services)),
  });
  return { sender: "", recipients: [to], text };
}

/** Recipients that asked to hear of success and were delivered where nobody else will say so. */
export async function successMessage(
  context: DeliveryContext,
  delivered: readonly Extract<Verdict, { kind: "delivered" }>[],
  services: ReportServices,
): Promise<NewLocalMessage | undefined> {
  const asked = delivered.filter((v) => v.address.dsn?.notify?.includes("success") === true && v.fact.dsnPassedOn !== true);
  if (asked.length === 0 || context.envelope.sender === "") return undefined;
  const text = composeSuccessNotice({
    message: reported(context.message),
    to: context.envelope.sender,
    addresses: asked.map((v) => ({ ...reportedAddress(v.address), relayed: v.fact.host !== undefined })),
    ...(await common(services)),
  });
  return { sender: "", recipients: [context.envelope.sender], text };
}

/** `syntax_errors_to`: mistakes in redirection data, to whom they are told. */
export async function syntaxMessage(
  report: SyntaxReport,
  { message }: DeliveryContext,
  services: ReportServices,
): Promise<NewLocalMessage> {
  const { from } = await common(services);
  const head =
    `Auto-Submitted: auto-replied\nFrom: ${from}\nTo: ${report.to}\n${referencesOf(reported(message))}` +
    "Subject: error(s) in forwarding or filtering\n\n";
  const opening = report.text === "" ? "" : `${report.text.replace(/\n*$/, "")}\n\n`;
  const errors = report.errors.map((error) => `  ${error}\n\n`).join("");
  const end = report.valid ? "Other addresses were processed normally.\n" : "No valid addresses were generated.\n";
  const text = `${head}${opening}The ${report.router} router encountered the following error(s):\n\n${errors}${end}`;
  return { sender: "", recipients: extractAddresses(report.to).addresses, text };
}

export interface Freezing {
  /** `freeze_tell`: addresses with commas. */
  readonly to: string;
  /** As in the log behind "Frozen". */
  readonly why: string;
  readonly waiting: readonly Extract<Verdict, { kind: "deferred" }>[];
}

export async function freezeMessage(
  { to, why, waiting }: Freezing,
  { message, envelope }: DeliveryContext,
  services: ReportServices,
): Promise<NewLocalMessage> {
  const { from } = await common(services);
  const reason = why === "" ? "" : ` ${why.replace(": ", ".\n").replaceAll("\\n", " \n")}`;
  const list = waiting.toReversed().map((verdict) => `  ${waitingAddress(verdict, why)}\n`);
  const text =
    `Auto-Submitted: auto-replied\nFrom: ${from}\nTo: ${to}\n${referencesOf(reported(message))}Subject: Message frozen\n\n` +
    `Message ${envelope.id} has been frozen${reason}.\nThe sender is <${envelope.sender}>.\n\n` +
    `The following address(es) have yet to be delivered:\n${list.join("")}`;
  return { sender: "", recipients: extractAddresses(to).addresses, text };
}

/** What the whole message waits for is not said again. */
function waitingAddress({ address, fact }: Extract<Verdict, { kind: "deferred" }>, why: string): string {
  let top = address;
  while (top.parent !== undefined) top = top.parent;
  const from = top.display === address.display ? "" : ` <${top.display}>`;
  const reason = fullReason(fact);
  return `${address.display}${from}${reason === "" || reason === why ? "" : `: ${reason}`}`;
}

async function common(services: ReportServices): Promise<{ from: string; primaryHostname: string; boundary: string; replyTo?: string }> {
  const { settings, scope } = services;
  const from = settings.dsnFrom === undefined ? undefined : await settings.dsnFrom.evaluate(scope);
  return {
    from: from?.kind === "value" && from.text !== "" ? from.text : `Mail Delivery System <Mailer-Daemon@${settings.primaryHostname}>`,
    primaryHostname: settings.primaryHostname,
    boundary: services.boundary(),
    ...(settings.errorsReplyTo === undefined ? {} : { replyTo: settings.errorsReplyTo }),
  };
}

function reported(message: StoredMessage): ReportedMessage {
  const { envelope } = message;
  return { id: envelope.id, sender: envelope.sender, headers: message.headers, smtputf8: envelope.smtputf8, dsn: envelope.dsn };
}

async function returnedBody(message: StoredMessage, settings: ReportSettings): Promise<ReturnedBody | undefined> {
  const { envelope } = message;
  const how = bounceReturns({ ...reported(message), bodySize: envelope.bodySize, maxLine: envelope.maxReceivedLine }, settings);
  if (how === "nothing") return undefined;
  if (how === "full") return { kind: "full", body: (await message.body.read()).toString("latin1") };
  return { kind: "headers", limited: how === "limited" };
}

function failedAddress(failure: Failure): FailedAddress {
  const { fact } = failure;
  const message = reasonForSender(failure);
  return {
    ...reportedAddress(failure.address),
    ...(failure.hidden === true ? { hidden: true } : {}),
    ...(message === undefined ? {} : { message }),
    ...(fact.host === undefined ? {} : { host: fact.host }),
    ...(fact.smtp === undefined ? {} : { smtpReply: fact.smtp.reply }),
    ...(fact.output === undefined ? {} : { output: fact.output }),
  };
}

function delayedAddress(verdict: Extract<Verdict, { kind: "deferred" }>): ReportedAddress {
  const { host } = verdict.fact;
  const reason = reasonForSender(verdict);
  const at = host === undefined ? "" : `H=${host.name} [${host.address}]: `;
  return {
    ...reportedAddress(verdict.address),
    ...(verdict.hidden === true ? { hidden: true } : {}),
    ...(reason === undefined ? {} : { message: at + reason }),
  };
}

function reportedAddress(address: AddressNode): ReportedAddress {
  let top = address;
  while (top.parent !== undefined) top = top.parent;
  const kind = (address as RoutedAddress).generated?.kind ?? address.special;
  return {
    address: address.display,
    original: top.display,
    ...(kind === undefined ? {} : { kind }),
    ...(address.parent === undefined ? {} : { parent: top.display }),
    ...(top.dsn?.orcpt === undefined ? {} : { orcpt: top.dsn.orcpt }),
  };
}
