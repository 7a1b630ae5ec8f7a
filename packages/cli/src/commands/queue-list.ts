/** `mailkit queue list` and `queue count`: they need to know where the spool is, and nothing else of the engine. */
import { itemsOf, readQueue, type QueueItem, type QueueScan } from "@mailkit/spool";
import { splitAddress } from "@mailkit/sdk";
import type { CommandContext, CommandSpec, FlagSpec, Flags } from "../command.ts";
import { JSON_FLAG, UsageError } from "../command.ts";
import { parseTime } from "@mailkit/config";
import { plainItem, queueTable } from "../queue-table.ts";

export const FILTERS: Readonly<Record<string, FlagSpec>> = {
  sender: { type: "string", placeholder: "TEXT", doc: "sender contains TEXT; <> = bounces" },
  recipient: { type: "string", placeholder: "TEXT", doc: "an open recipient contains TEXT" },
  domain: { type: "string", placeholder: "DOMAIN", doc: "an open recipient is in DOMAIN" },
  frozen: { type: "boolean", doc: "frozen messages only" },
  older: { type: "string", placeholder: "TIME", doc: "older than TIME, such as 2d" },
  younger: { type: "string", placeholder: "TIME", doc: "younger than TIME" },
  queue: { type: "string", placeholder: "NAME", doc: "named queue" },
};

export type SpoolOf = (context: CommandContext, flags: Flags) => string | Promise<string>;

export function queueListCommands(spoolOf: SpoolOf): readonly CommandSpec[] {
  const scansOf = async (context: CommandContext, flags: Flags): Promise<QueueScan[]> => readQueue(await spoolOf(context, flags));
  return [
    {
      name: "queue list",
      summary: "list waiting messages and what they wait for",
      hot: true,
      flags: { ...FILTERS, ...JSON_FLAG },
      examples: ["mailkit queue list", "mailkit queue list --domain slow.example --older 2h", "mailkit queue list --frozen --json"],
      exim: "-bp",
      run: async (context, { flags }) => list(context, flags, await scansOf(context, flags)),
    },
    {
      name: "queue count",
      summary: "count waiting messages",
      hot: true,
      flags: FILTERS,
      examples: ["mailkit queue count", "mailkit queue count --frozen"],
      exim: "-bpc",
      run: async (context, { flags }) => count(context, flags, await scansOf(context, flags)),
    },
  ];
}

function list(context: CommandContext, flags: Flags, scans: readonly QueueScan[]): number {
  const now = Date.now();
  const total = scans.reduce((sum, scan) => sum + scan.count, 0);
  const chosen = chosenOf(scans, flags, now);
  if (flags.flag("json")) context.stdout.write(`${JSON.stringify([...chosen].map(plainItem))}\n`);
  else context.stdout.write(queueTable(chosen, total, now));
  return 0;
}

function count(context: CommandContext, flags: Flags, scans: readonly QueueScan[]): number {
  const number = isFiltered(flags) ? [...chosenOf(scans, flags, Date.now())].length : scans.reduce((sum, scan) => sum + scan.count, 0);
  context.stdout.write(`${number}\n`);
  return 0;
}

function* chosenOf(scans: readonly QueueScan[], flags: Flags, now: number): Generator<QueueItem> {
  const isChosen = filterOf(flags, now);
  for (const item of itemsOf(scans)) if (isChosen(item)) yield item;
}

export function isFiltered(flags: Flags): boolean {
  return Object.keys(FILTERS).some((name) => flags.flag(name) || flags.text(name) !== undefined);
}

export function filterOf(flags: Flags, now: number): (item: QueueItem) => boolean {
  const sender = flags.text("sender")?.toLowerCase();
  const recipient = flags.text("recipient")?.toLowerCase();
  const domain = flags.text("domain")?.toLowerCase();
  const older = timeFlag(flags, "older");
  const younger = timeFlag(flags, "younger");
  const queue = flags.text("queue");
  return ({ envelope, state }) => {
    const open = envelope.recipients.filter((r) => !state.done.has(r.address)).map((r) => r.address.toLowerCase());
    const age = now - envelope.received;
    return (
      (sender === undefined || (sender === "<>" ? envelope.sender === "" : envelope.sender.toLowerCase().includes(sender))) &&
      (recipient === undefined || open.some((address) => address.includes(recipient))) &&
      (domain === undefined || open.some((address) => splitAddress(address).domain === domain)) &&
      (!flags.flag("frozen") || state.frozen !== undefined) &&
      (older === undefined || age > older) &&
      (younger === undefined || age < younger) &&
      (queue === undefined || envelope.queueName === queue)
    );
  };
}

function timeFlag(flags: Flags, name: string): number | undefined {
  const text = flags.text(name);
  if (text === undefined) return undefined;
  const time = parseTime(text);
  if (time === undefined) throw new UsageError(`--${name} takes a time such as 2d or 4h30m, not "${text}"`);
  return time;
}
