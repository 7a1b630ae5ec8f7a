/** What arrived where and when, and the judgement: every message that got its 250 is there, whole, and not twice without a reason. Pure but for reading the maildir. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { textOf, type Ledger, type SentMessage } from "./clients.ts";

export interface Delivery {
  readonly recipient: string;
  readonly text: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

export function maildirDeliveries(path: string, recipient: string): Delivery[] {
  const folder = join(path, "new");
  return readdirSync(folder).map((name) => ({
    recipient,
    text: readFileSync(join(folder, name), "latin1"),
    at: statSync(join(folder, name)).mtimeMs,
  }));
}

export interface Judgement {
  /** Acknowledged and not delivered: `number recipient`. */
  readonly lost: readonly string[];
  /** Delivered in part, or not as sent. */
  readonly damaged: readonly string[];
  readonly delivered: number;
  /** Copies too many. */
  readonly duplicates: number;
  /** Those that no strike explains. */
  readonly unexplained: readonly string[];
}

/**
 * The documented window: a delivery is recorded after the mailbox was synced, or after the next server took it. Between
 * the two moments a crash delivers again. On a machine under load that is not more than this.
 */
export const WINDOW = 3000;

export function judge(ledger: Ledger, deliveries: readonly Delivery[], struck: readonly number[]): Judgement {
  const sent = new Map([...ledger.uncertain, ...ledger.acknowledged]);
  const copies = new Map<string, number[]>();
  const damaged: string[] = [];
  for (const { recipient, text, at } of deliveries) {
    const number = Number(/^number (\d+)$/m.exec(text)?.[1] ?? NaN);
    const message = sent.get(number);
    if (message === undefined || !message.recipients.includes(recipient) || !isWhole(text, message)) {
      damaged.push(`${number} ${recipient}: ${JSON.stringify(text.slice(-80))}`);
      continue;
    }
    const key = `${number} ${recipient}`;
    copies.set(key, [...(copies.get(key) ?? []), at]);
  }
  const lost: string[] = [];
  for (const { number, recipients } of ledger.acknowledged.values())
    for (const recipient of recipients) if (!copies.has(`${number} ${recipient}`)) lost.push(`${number} ${recipient}`);
  const again = [...copies].filter(([, times]) => times.length > 1);
  return {
    lost,
    damaged,
    delivered: copies.size,
    duplicates: again.reduce((sum, [, times]) => sum + times.length - 1, 0),
    unexplained: again.flatMap(([key, times]) => (isExplained(times, struck) ? [] : [`${key} at ${times.join(", ")}`])),
  };
}

/** The header gets lines in front; from the subject on it is as sent. */
function isWhole(text: string, message: SentMessage): boolean {
  return text.endsWith(textOf(message));
}

/** Every copy but the last was made shortly before a strike, and the next one after it. */
function isExplained(times: readonly number[], struck: readonly number[]): boolean {
  const sorted = [...times].sort((a, b) => a - b);
  return sorted.slice(0, -1).every((time) => struck.some((strike) => strike > time - WINDOW && strike < time + WINDOW));
}
