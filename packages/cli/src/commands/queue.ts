/** `mailkit queue ...`: the messages that wait, beside a running daemon or without one. */
import type { QueueItem } from "@mailkit/spool";
import { queueAccess } from "@mailkit/runtime";
import type { Engine, QueueAccess, QueueAction } from "@mailkit/runtime";
import { unicodeOf } from "@mailkit/sdk";
import { printHeaders } from "@mailkit/message";
import type { CommandContext, CommandInput, CommandSpec, FlagSpec, Flags } from "../command.ts";
import { CommandFailure, JSON_FLAG, UsageError } from "../command.ts";
import { deliveryHelpers } from "../helpers.ts";
import { openForCommand } from "../open.ts";
import { plainItem, queueTable } from "../queue-table.ts";
import { filterOf, FILTERS, isFiltered, queueListCommands } from "./queue-list.ts";

export const DRY: Readonly<Record<string, FlagSpec>> = { "dry-run": { type: "boolean", doc: "say what would be done, do nothing" } };
export const IDS = [{ name: "ID", doc: "message id, or its beginning when only one has it; none = by filters", multiple: true }] as const;

export type Run = (context: CommandContext, access: QueueAccess, given: Given) => Promise<number>;
export interface Given {
  readonly engine: Engine;
  readonly flags: Flags;
  readonly args: readonly string[];
}

export function queueCommand(
  name: string,
  summary: string,
  run: Run,
  more: Partial<CommandSpec> & { readonly examples: readonly string[] },
): CommandSpec {
  return { name: `queue ${name}`, summary, hot: true, ...more, run: (context, input) => withQueue(context, input, run) };
}

async function withQueue(context: CommandContext, { args, flags }: CommandInput, run: Run): Promise<number> {
  const engine = await openForCommand(context, flags);
  try {
    const helpers = deliveryHelpers(engine);
    return await run(context, queueAccess(engine, helpers === undefined ? {} : { helpers }), { engine, flags, args });
  } finally {
    await engine.close();
  }
}

export const queueCommands: readonly CommandSpec[] = [
  ...queueListCommands(async (context, flags) => {
    const engine = await openForCommand(context, flags);
    await engine.close();
    return engine.settings.text("spool_directory") as string;
  }),
  queueCommand("show", "show one message: envelope, state, header, body", show, {
    args: [{ name: "ID", doc: "message id", required: true }],
    flags: { ...JSON_FLAG, body: { type: "boolean", doc: "the body too" } },
    examples: ["mailkit queue show 1vNQwE-00000001AbC-2XyZ --body"],
    exim: "-Mvh -Mvb",
  }),
  queueCommand("run", "try waiting messages now, minding retry times", runAll, {
    flags: {
      force: { type: "boolean", doc: "ignore retry times" },
      frozen: { type: "boolean", doc: "thaw frozen ones" },
      domain: { type: "string", placeholder: "TEXT", doc: "messages with an open recipient that contains TEXT" },
      queue: { type: "string", placeholder: "NAME", doc: "named queue" },
    },
    examples: ["mailkit queue run", "mailkit queue run --force --domain slow.example"],
    exim: "-q -qf -qff -R",
  }),
  changing("retry", "try chosen messages now, whatever their retry times", { kind: "deliver", force: true }, "-M"),
  changing("freeze", "freeze messages: no delivery until they are thawed", { kind: "freeze" }, "-Mf"),
  changing("thaw", "thaw frozen messages", { kind: "thaw" }, "-Mt"),
  changing("remove", "remove messages, nobody is told", { kind: "remove" }, "-Mrm"),
  changing("bounce", "give messages up: their senders are told", { kind: "giveUp" }, "-Mg"),
];

function changing(name: string, summary: string, action: QueueAction, exim: string): CommandSpec {
  return queueCommand(name, summary, (context, access, given) => change(context, access, given, { name, action }), {
    args: IDS,
    flags: { ...FILTERS, ...DRY, ...JSON_FLAG },
    examples: [`mailkit queue ${name} 1vNQwE-00000001AbC-2XyZ`, `mailkit queue ${name} --sender fred@truc.fr --dry-run`],
    exim,
  });
}

async function show(context: CommandContext, access: QueueAccess, { flags, args }: Given): Promise<number> {
  const [item] = await choose(access, args, () => true);
  const message = item === undefined ? undefined : await access.get(item.id);
  if (item === undefined || message === undefined) throw new CommandFailure(`no message ${args[0]} in the queue`);
  if (flags.flag("json")) {
    context.stdout.write(`${JSON.stringify({ ...(plainItem(item) as object), headers: message.headers.map((h) => unicodeOf(h.text)) })}\n`);
    return 0;
  }
  context.stdout.write(queueTable([item], 1, Date.now()));
  context.stdout.write(Buffer.from(`\n${printHeaders(message.headers)}\n`, "latin1"));
  if (flags.flag("body")) context.stdout.write(await message.body.read());
  for (const line of await access.log(item.id)) context.stdout.write(Buffer.from(`${line}\n`, "latin1"));
  return 0;
}

async function runAll(context: CommandContext, access: QueueAccess, { flags }: Given): Promise<number> {
  const domain = flags.text("domain");
  const tried = await access.run({
    force: flags.flag("force"),
    thaw: flags.flag("frozen"),
    queueName: flags.text("queue") ?? "",
    ...(domain === undefined ? {} : { recipient: { text: domain, regex: false } }),
  });
  if (!flags.flag("quiet")) context.stdout.write(`${tried} messages tried\n`);
  return 0;
}

async function change(
  context: CommandContext,
  access: QueueAccess,
  { engine, flags, args }: Given,
  what: { name: string; action: QueueAction },
): Promise<number> {
  if (args.length === 0 && !isFiltered(flags))
    throw new UsageError(
      `mailkit queue ${what.name} needs message ids or a filter`,
      `mailkit queue ${what.name} --sender fred@truc.fr --dry-run`,
    );
  const items = await choose(access, args, filterOf(flags, engine.services.clock.now()));
  let failed = 0;
  for (const item of items) {
    if (flags.flag("dry-run")) {
      context.stdout.write(`would ${what.name} ${item.id}  ${unicodeOf(item.envelope.sender) || "<>"}\n`);
      continue;
    }
    const result = await access.act(item.id, what.action, engine.machine.caller.login);
    const text = result.kind === "done" ? (result.note ?? result.end ?? "done") : result.message;
    if (result.kind !== "done") failed++;
    if (flags.flag("json")) context.stdout.write(`${JSON.stringify({ id: item.id, ...result })}\n`);
    else if (!flags.flag("quiet")) context.stdout.write(`${item.id}  ${text}\n`);
  }
  if (items.length === 0 && !flags.flag("quiet")) context.stdout.write("no message matches\n");
  return failed > 0 ? 1 : 0;
}

/** By ids (or their beginnings), else by the filter. */
export async function choose(
  access: QueueAccess,
  ids: readonly string[],
  filter: (item: QueueItem) => boolean,
): Promise<readonly QueueItem[]> {
  const all = await access.list();
  if (ids.length === 0) return all.filter(filter);
  return ids.map((id) => {
    const found = all.filter((item) => item.id === id || item.id.startsWith(id));
    if (found.length === 0) throw new CommandFailure(`no message ${id} in the queue`, { hint: "mailkit queue list" });
    if (found.length > 1) {
      throw new CommandFailure(`${found.length} messages begin with ${id}`, {
        details: found.slice(0, 10).map((item) => item.id),
        hint: "give the whole id, or select: --sender fred@truc.fr --dry-run",
      });
    }
    return found[0] as QueueItem;
  });
}
