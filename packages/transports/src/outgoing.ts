/** The message as this transport shall send it, and its recipients: header edits, return path, limits, affixes. */
import { joinAddress, splitAddress, type OutgoingMessage, type Scope, type TransportRecipient } from "@mailkit/sdk";
import { makeHeaders } from "./headers.ts";
import { defer, done, type Step } from "./step.ts";
import type { AttemptRecipient, AttemptRequest, GenericValues } from "./types.ts";

export async function makeOutgoing(
  request: AttemptRequest,
  generic: GenericValues,
  at: { scope: Scope; returnPath: string },
): Promise<Step<OutgoingMessage>> {
  const { envelope, body } = request.message;
  const headers = await makeHeaders(request, generic, at);
  if (!headers.ok) return headers;
  return done({
    id: envelope.id,
    headers: headers.value,
    body,
    sender: at.returnPath,
    eightBit: envelope.eightBit ?? false,
    smtputf8: envelope.smtputf8 ?? false,
    ...(envelope.dsn === undefined ? {} : { dsn: envelope.dsn }),
    ...(envelope.origin.authenticatedSender === undefined ? {} : { authenticatedSender: envelope.origin.authenticatedSender }),
    parts: generic.body_only ? "body" : generic.headers_only ? "headers" : "all",
    received: envelope.received,
    // The longest of all lines, of which those of the header may be others now.
    ...(envelope.maxReceivedLine > 0 ? { longestBodyLine: envelope.maxReceivedLine } : {}),
  });
}

/** `return_path`: a forced failure keeps the old one (manual §"return_path"). */
export async function findReturnPath(request: AttemptRequest, generic: GenericValues, scope: Scope): Promise<Step<string>> {
  const template = generic.return_path;
  if (template === undefined) return done(request.returnPath);
  const result = await template.evaluate(scope);
  if (result.kind === "forcedFailure") return done(request.returnPath);
  if (result.kind === "value") return done(result.text === "<>" ? "" : result.text);
  return defer(`Failed to expand return path "${template.source}" in ${request.instance.name} transport: ${result.message}`, -27);
}

/** The size limit counts the message as it came in, as Exim does. */
export async function checkSize(request: AttemptRequest, generic: GenericValues, scope: Scope): Promise<Step<void>> {
  const template = generic.message_size_limit;
  if (template === undefined || template.constant === "0") return done(undefined);
  const name = request.instance.name;
  const result = await template.evaluate(scope);
  if (result.kind !== "value") return defer(`failed to expand message_size_limit in ${name} transport: ${result.message}`, -1);
  const limit = sizeOf(result.text);
  if (limit === undefined) return defer(`invalid message_size_limit in ${name} transport: invalid integer "${result.text}"`, -1);
  if (limit === 0 || messageSize(request) <= limit) return done(undefined);
  return { ok: false, fact: { kind: "failed", message: `message is too big (transport limit = ${result.text})` } };
}

function messageSize(request: AttemptRequest): number {
  const { headers, body } = request.message;
  return headers.reduce((sum, line) => sum + (line.type === "*" ? 0 : line.text.length), 0) + 1 + body.size;
}

export function sizeOf(text: string): number | undefined {
  const match = /^\s*(\d+)\s*([KMG]?)\s*$/i.exec(text);
  if (match === null) return undefined;
  return Number(match[1]) * ({ "": 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3 }[(match[2] as string).toUpperCase()] as number);
}

export function toRecipient(recipient: AttemptRecipient, includeAffixes: boolean): TransportRecipient {
  const { facts } = recipient;
  const whole = splitAddress(recipient.address);
  return {
    address: includeAffixes ? recipient.address : joinAddress({ localPart: withoutAffixes(whole.localPart, facts), domain: whole.domain }),
    localPart: facts.localPart,
    domain: facts.domain,
    prefix: facts.prefix,
    suffix: facts.suffix,
    original: recipient.original,
    ...(recipient.dsn === undefined ? {} : { dsn: recipient.dsn }),
  };
}

function withoutAffixes(localPart: string, { prefix, suffix }: { readonly prefix: string; readonly suffix: string }): string {
  if (prefix.length + suffix.length === 0 || prefix.length + suffix.length > localPart.length) return localPart;
  return localPart.slice(prefix.length, localPart.length - suffix.length);
}
