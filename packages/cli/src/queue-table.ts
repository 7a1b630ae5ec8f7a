/** The queue as a table for people, and as plain data. */
import type { QueueItem } from "@mailkit/spool";
import { unicodeOf } from "@mailkit/sdk";
import { briefReason, clockTime, shortAge, shortSize } from "./words.ts";

export function queueTable(items: Iterable<QueueItem>, total: number, now: number): string {
  const rows: string[][] = [];
  for (const item of items) {
    const { envelope, bodySize } = item;
    rows.push([item.id, shortAge(now - envelope.received), shortSize(bodySize), unicodeOf(envelope.sender) || "<>", waitText(item, now)]);
  }
  if (rows.length === 0) return total === 0 ? "the queue is empty\n" : `0 of ${total} messages\n`;
  const head = ["ID", "AGE", "SIZE", "FROM", "WAITING FOR"];
  const widths = head.map((title, column) => rows.reduce((most, row) => Math.max(most, (row[column] as string).length), title.length));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] as number)))
      .join("  ")
      .trimEnd();
  return `${[head, ...rows].map(line).join("\n")}\n${rows.length} of ${total} messages\n`;
}

function waitText({ envelope, state }: QueueItem, now: number): string {
  const open = envelope.recipients.filter((recipient) => !state.done.has(recipient.address));
  const many = open.length > 1 ? `${open.length} of ${envelope.recipients.length}: ` : "";
  if (state.frozen !== undefined) return `${many}frozen${state.frozen.why === "" ? "" : `: ${unicodeOf(state.frozen.why)}`}`;
  const [first] = state.waiting;
  if (first === undefined) return `${many}${unicodeOf(open[0]?.address ?? "")}  ${state.first ? "first attempt" : "next queue run"}`;
  const [address, reason] = first;
  const next = reason.nextTry === undefined ? "" : `, next ${clockTime(reason.nextTry, now)}`;
  return `${many}${unicodeOf(address)}  ${briefReason(reason.message)}${next}`;
}

/** For `--json`. */
export function plainItem(item: QueueItem): unknown {
  const { envelope, state } = item;
  return {
    id: item.id,
    sender: unicodeOf(envelope.sender),
    received: new Date(envelope.received).toISOString(),
    size: item.bodySize,
    queue: envelope.queueName,
    frozen: state.frozen ?? null,
    recipients: envelope.recipients.map(({ address }) => {
      const reason = state.waiting.get(address);
      return {
        address: unicodeOf(address),
        done: state.done.has(address),
        ...(reason === undefined ? {} : { waiting: { ...reason, message: unicodeOf(reason.message) } }),
      };
    }),
  };
}
