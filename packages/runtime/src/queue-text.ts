/** What `exim -bp` prints of each message, in the form that scripts have read for decades (manual §"-bp"). */
import type { QueueItem } from "@mailkit/spool";

export interface QueueTextForm {
  readonly form: string;
  readonly undeliveredOnly: boolean;
}

export interface QueueChoice {
  /** Of the named queue only. */
  readonly queueName: string;
  /** These only; none = all. */
  readonly ids: readonly string[];
}

/** What is wanted of a listing; crosses the control socket. */
export interface ListingWish {
  readonly choice: QueueChoice;
  readonly form: QueueTextForm;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** Id and text, a byte string. */
export type ListedMessage = readonly [id: string, text: string];

const PIECE = 500;

/** Some messages at a time. */
export function* listing(items: Iterable<QueueItem>, { choice, form, now }: ListingWish): Generator<ListedMessage[]> {
  const ids = new Set(choice.ids);
  let piece: ListedMessage[] = [];
  for (const item of items) {
    if ((ids.size > 0 && !ids.has(item.id)) || item.envelope.queueName !== choice.queueName) continue;
    piece.push([item.id, queueText(item, form, now)]);
    if (piece.length < PIECE) continue;
    yield piece;
    piece = [];
  }
  if (piece.length > 0) yield piece;
}

function queueText(item: QueueItem, { form, undeliveredOnly }: QueueTextForm, now: number): string {
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
  const minutes = Math.max(0, Math.floor(milliseconds / 60_000));
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
