/** What `exim -bp` prints, in the form that scripts have read for decades (manual §"-bp"). */
import type { QueueItem } from "@mailkit/spool";
import type { EximArguments } from "./argument-types.ts";

export interface QueueTextForm {
  readonly form: string;
  readonly undeliveredOnly: boolean;
}

const PIECE = 64 * 1024;

export interface QueueChoice {
  /** Of the named queue only. */
  readonly queueName: string;
  /** These only; none = all. */
  readonly ids: ReadonlySet<string>;
}

export function choiceOf(args: Pick<EximArguments, "queueName" | "queueRun" | "rest">): QueueChoice {
  return { queueName: args.queueName ?? args.queueRun?.queueName ?? "", ids: new Set(args.rest) };
}

/** Byte strings, some messages in each. */
// oxlint-disable-next-line max-params
export function* queueListing(items: Iterable<QueueItem>, choice: QueueChoice, form: QueueTextForm, now: number): Generator<string> {
  let text = "";
  for (const item of items) {
    if (choice.ids.size > 0 && !choice.ids.has(item.id)) continue;
    if (item.envelope.queueName !== choice.queueName) continue;
    text += queueText(item, form, now);
    if (text.length < PIECE) continue;
    yield text;
    text = "";
  }
  if (text !== "") yield text;
}

export function queueText(item: QueueItem, { form, undeliveredOnly }: QueueTextForm, now: number): string {
  if (form === "idsOnly") return `${item.id}\n`;
  const { envelope, state } = item;
  const frozen = state.frozen === undefined ? "" : " *** frozen ***";
  let text = `${ageText(now - envelope.received)} ${sizeText(envelope.size ?? item.bodySize)} ${item.id} <${envelope.sender}>${setBy(envelope)}${frozen}\n`;
  for (const { address } of envelope.recipients) {
    const done = state.done.has(address);
    if (!(undeliveredOnly && done)) text += `        ${done ? "D" : " "} ${address}\n`;
  }
  return `${text}\n`;
}

/** Who chose the sender without being trusted to. */
function setBy({ extra, origin }: QueueItem["envelope"]): string {
  return extra?.["sender_set_untrusted"] === undefined ? "" : ` (${origin.login})`;
}

function ageText(milliseconds: number): string {
  const minutes = Math.floor(milliseconds / 60_000);
  if (minutes <= 90) return `${String(minutes).padStart(2)}m`;
  const hours = Math.floor((minutes + 30) / 60);
  if (hours <= 72) return `${String(hours).padStart(2)}h`;
  return `${String(Math.floor((hours + 12) / 24)).padStart(2)}d`;
}

/** Five characters: 999, 2.3K, 45K, 1.2M. */
function sizeText(octets: number): string {
  if (octets < 1024) return String(octets).padStart(5);
  if (octets < 10 * 1024) return `${(octets / 1024).toFixed(1)}K`.padStart(5);
  if (octets < 1024 * 1024) return `${Math.round(octets / 1024)}K`.padStart(5);
  return octets < 10 * 1024 * 1024 ? `${(octets / 1048576).toFixed(1)}M`.padStart(5) : `${Math.round(octets / 1048576)}M`.padStart(5);
}
