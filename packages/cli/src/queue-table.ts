/** The queue as a table for people, and as plain data. */
import type { QueueItem } from "@mailkit/spool";
import { unicodeOf } from "@mailkit/sdk";

export function queueTable(items: readonly QueueItem[], total: number, now: number): string {
  if (items.length === 0) return total === 0 ? "the queue is empty\n" : `0 of ${total} messages\n`;
  const rows = items.map((item) => [
    item.id,
    ageText(now - item.envelope.received),
    sizeText(item.bodySize),
    unicodeOf(item.envelope.sender) || "<>",
    waitText(item),
  ]);
  const head = ["ID", "AGE", "SIZE", "FROM", "WAITING FOR"];
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => (row[column] as string).length)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] as number)))
      .join("  ")
      .trimEnd();
  return `${[head, ...rows].map(line).join("\n")}\n${items.length} of ${total} messages\n`;
}

function waitText({ envelope, state }: QueueItem): string {
  const open = envelope.recipients.filter((recipient) => !state.done.has(recipient.address));
  const many = open.length > 1 ? `${open.length} of ${envelope.recipients.length}: ` : "";
  if (state.frozen !== undefined) return `${many}frozen${state.frozen.why === "" ? "" : `: ${unicodeOf(state.frozen.why)}`}`;
  const [first] = state.waiting;
  if (first === undefined) return `${many}${unicodeOf(open[0]?.address ?? "")}  ${state.first ? "first attempt" : "next queue run"}`;
  const [address, reason] = first;
  const next = reason.nextTry === undefined ? "" : `, next ${clock(reason.nextTry)}`;
  return `${many}${unicodeOf(address)}  ${unicodeOf(reason.message).split("\n")[0]}${next}`;
}

function clock(milliseconds: number): string {
  return new Date(milliseconds).toTimeString().slice(0, 5);
}

function ageText(milliseconds: number): string {
  const minutes = Math.max(0, Math.floor(milliseconds / 60_000));
  if (minutes < 60) return `${minutes}m`;
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)}h${String(minutes % 60).padStart(2, "0")}`;
  return `${Math.floor(minutes / 1440)}d${String(Math.floor((minutes % 1440) / 60)).padStart(2, "0")}`;
}

function sizeText(octets: number): string {
  if (octets < 1024) return String(octets);
  if (octets < 1024 * 1024) return `${(octets / 1024).toFixed(1)}K`;
  return `${(octets / 1048576).toFixed(1)}M`;
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
