/** `mailkit explain`: the life of a message, from the logs and the queue; of an address, the lives of its last messages. */
import { parseLog, recordToJson } from "@mailkit/logs";
import type { LogRecord } from "@mailkit/logs";
import { isMessageId, timeOfMessageId } from "@mailkit/message";
import { queueAccess } from "@mailkit/runtime";
import { fromUnicode, lower } from "@mailkit/sdk";
import type { CommandContext, CommandInput, CommandSpec } from "../command.ts";
import { CommandFailure, JSON_FLAG, UsageError } from "../command.ts";
import { gatherLives } from "../logs/gather.ts";
import type { GatherFrom } from "../logs/gather.ts";
import { lifeLines } from "../logs/life.ts";
import type { Life } from "../logs/life.ts";
import { linesWith } from "../logs/log-lines.ts";
import { logHistory, logReading } from "../logs/log-places.ts";
import type { LogReading } from "../logs/log-places.ts";
import { openForCommand } from "../open.ts";
import { plainItem } from "../queue-table.ts";
import { paintFor } from "../paint.ts";
import { parseTime } from "@mailkit/config";

export const explain: CommandSpec = {
  name: "explain",
  summary: "tell the life of a message: what happened, why it waits, what to do",
  description:
    "From the logs (rotated and gzipped ones too) and the queue. With an address: its last messages and what was rejected. Ends with 1 when nothing is known.",
  args: [
    {
      name: "ID|ADDRESS",
      doc: "message id, its beginning, or a sender or recipient; several may be given",
      required: true,
      multiple: true,
    },
  ],
  flags: {
    ...JSON_FLAG,
    last: { type: "integer", char: "n", default: "5", placeholder: "N", doc: "for an address: that many of its messages" },
    since: { type: "string", default: "7d", placeholder: "TIME", doc: "for an address: how far back to look" },
  },
  examples: [
    "mailkit explain 1vNQwE-00000001AbC-2XyZ",
    "mailkit explain paul@slow.example",
    "mailkit explain --since 30d --json fred@truc.fr",
  ],
  run,
};

interface Asked extends GatherFrom {
  readonly last: number;
  readonly since: number;
}

async function run(context: CommandContext, { args, flags }: CommandInput): Promise<number> {
  const back = parseTime(flags.text("since") as string);
  if (back === undefined) throw new UsageError(`--since takes a time such as 2d, not "${flags.text("since")}"`);
  const engine = await openForCommand(context, flags);
  try {
    const access = queueAccess(engine);
    const asked: Asked = {
      engine,
      access,
      reading: logReading(engine),
      queue: await access.list(),
      last: flags.number("last") as number,
      since: engine.services.clock.now() - back,
    };
    for (const [index, arg] of args.entries()) {
      const told = arg.includes("@") ? await ofAddress(asked, lower(fromUnicode(arg))) : await ofMessage(asked, arg);
      if (told.lives.length === 0 && told.rejected.length === 0)
        throw new CommandFailure(`nothing is known of ${arg}`, { hint: whereToLook(asked.reading, arg) });
      if (flags.flag("json")) context.stdout.write(toldJson(arg, told));
      else context.stdout.write(`${index > 0 ? "\n" : ""}${toldText(context, told, engine.services.clock.now())}`);
    }
    return 0;
  } finally {
    await engine.close();
  }
}

interface Told {
  readonly lives: readonly Life[];
  readonly rejected: readonly LogRecord[];
}

async function ofMessage(asked: Asked, given: string): Promise<Told> {
  const id = isMessageId(given) ? given : wholeId(asked, given);
  return { lives: await gatherLives(asked, { ids: [id], since: (timeOfMessageId(id) ?? 0) - 1000 }), rejected: [] };
}

/** Beginnings of ids are looked for in the queue. */
function wholeId({ queue }: Asked, beginning: string): string {
  const found = queue.filter(({ id }) => id.startsWith(beginning)).map(({ id }) => id);
  if (found.length === 1) return found[0] as string;
  if (found.length > 1)
    throw new CommandFailure(`${found.length} messages begin with ${beginning}`, {
      details: [found.slice(0, 6).join("  ")],
      hint: "give the whole id",
    });
  throw new CommandFailure(`${beginning} is no message id, and no message of the queue begins with it`, {
    hint: "give an address, or a whole id from the log",
  });
}

async function ofAddress(asked: Asked, address: string): Promise<Told> {
  const { reading, since, last, queue } = asked;
  const files = reading.pattern === undefined ? [] : logHistory(reading.pattern, "main", since);
  const records = [...parseLog(await linesWith(files, [address], true), reading.parse)].filter((record) => record.time >= since);
  const ids = new Set(records.flatMap(({ id }) => id ?? []));
  for (const { id, envelope } of queue)
    if ([envelope.sender, ...envelope.recipients.map((recipient) => recipient.address)].some((one) => lower(one) === address)) ids.add(id);
  const newest = [...ids].sort().slice(-last);
  return {
    lives:
      newest.length === 0
        ? []
        : await gatherLives(asked, { ids: newest, since: Math.min(...newest.map((id) => timeOfMessageId(id) ?? 0)) - 1000 }),
    rejected: records.filter((record) => record.kind === "rejected" && record.id === undefined).slice(-last),
  };
}

function whereToLook({ pattern }: LogReading, arg: string): string {
  if (pattern === undefined) return "the logs go to syslog only (log_file_path); only waiting messages can be explained";
  return arg.includes("@")
    ? `looked in ${pattern.replace("%s", "main")}; --since 30d looks further back`
    : `looked in ${pattern.replace("%s", "main")} and in the queue`;
}

function toldText(context: CommandContext, { lives, rejected }: Told, now: number): string {
  const paint = paintFor(context.color);
  const blocks = lives.map((life) => lifeLines(life, { now, paint }).join("\n"));
  if (rejected.length > 0)
    blocks.push(rejected.map((record) => `${new Date(record.time).toTimeString().slice(0, 8)}  ${record.text}`).join("\n"));
  return `${blocks.join("\n\n")}\n`;
}

function toldJson(asked: string, { lives, rejected }: Told): string {
  const plain = (record: LogRecord): unknown => JSON.parse(recordToJson(record));
  return `${JSON.stringify({
    asked,
    messages: lives.map(({ id, records, caused, item, waits, running }) => ({
      id,
      queue: item === undefined ? null : plainItem(item),
      waits: waits.map(({ nextTry, givesUp, ...rest }) => ({ ...rest, nextTry: isoTime(nextTry), givesUp: isoTime(givesUp) })),
      server: running,
      log: records.map(plain),
      reports: caused.map(plain),
    })),
    rejected: rejected.map(plain),
  })}\n`;
}

function isoTime(milliseconds: number | undefined): string | null {
  return milliseconds === undefined ? null : new Date(milliseconds).toISOString();
}
