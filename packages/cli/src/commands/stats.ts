/** `mailkit stats`: figures of the mainlog. */
import { parseLog } from "@mailkit/logs";
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { CommandContext, CommandInput, CommandSpec } from "../command.ts";
import { CommandFailure, JSON_FLAG, UsageError } from "../command.ts";
import { parseTime } from "@mailkit/config";
import { linesOf } from "../lines.ts";
import { logLines } from "../logs/log-lines.ts";
import { logHistory, logReading } from "../logs/log-places.ts";
import { newStats } from "../logs/stats.ts";
import { statsText } from "../logs/stats-text.ts";
import { openForCommand } from "../open.ts";

export const stats: CommandSpec = {
  name: "stats",
  summary: "count what the mainlog tells: totals, hours, delays, top lists",
  args: [
    {
      name: "FILE",
      doc: "log files, gzipped ones too, - for standard input (default: the mainlog and what rotation left of it)",
      multiple: true,
    },
  ],
  flags: {
    ...JSON_FLAG,
    since: { type: "string", placeholder: "TIME", doc: "how far back (default: 24h for the server's own logs, all of given files)" },
    top: { type: "integer", char: "t", default: "10", placeholder: "N", doc: "length of the top lists; 0 for none" },
  },
  examples: ["mailkit stats", "mailkit stats --since 7d --top 20", "mailkit stats /var/log/exim4/mainlog.2.gz --json"],
  run,
};

async function run(context: CommandContext, { args, flags }: CommandInput): Promise<number> {
  const since = flags.text("since") ?? (args.length === 0 ? "24h" : undefined);
  const back = since === undefined ? Infinity : parseTime(since);
  if (back === undefined) throw new UsageError(`--since takes a time such as 24h or 7d, not "${since}"`);
  const engine = await openForCommand(context, flags);
  try {
    const reading = logReading(engine);
    const now = engine.services.clock.now();
    const after = now - back;
    if (args.length === 0 && reading.pattern === undefined)
      throw new CommandFailure("the logs go to syslog only (log_file_path)", { hint: "name files: mailkit stats FILE" });
    const given = args.filter((name) => name !== "-").map((name) => resolve(context.cwd, name));
    for (const path of given) if (!existsSync(path)) throw new CommandFailure(`${path}: no such file`);
    const files = args.length === 0 ? logHistory(reading.pattern as string, "main", after) : given;
    const counted = newStats();
    const lines = args.includes("-") ? linesOf(context.stdin) : logLines(files);
    for await (const record of records(lines, reading.parse)) if (record.time >= after) counted.add(record);
    const figures = counted.figures(flags.number("top") as number);
    context.stdout.write(flags.flag("json") ? `${JSON.stringify(plain(figures))}\n` : statsText(figures, now));
    return 0;
  } finally {
    await engine.close();
  }
}

/** Lines one by one: a log may be larger than memory. */
async function* records(
  lines: AsyncIterable<string>,
  parse: Parameters<typeof parseLog>[1],
): AsyncGenerator<ReturnType<typeof parseLog> extends Generator<infer R> ? R : never> {
  for await (const line of lines) yield* parseLog([line], parse);
}

function plain(figures: ReturnType<ReturnType<typeof newStats>["figures"]>): unknown {
  const iso = (time: number | undefined): string | null => (time === undefined ? null : new Date(time).toISOString());
  return {
    ...figures,
    from: iso(figures.from),
    to: iso(figures.to),
    hours: figures.hours.map((hour) => ({ ...hour, hour: iso(hour.hour) })),
    delays: figures.delays.map(({ upTo, count }) => ({ upToSeconds: upTo === Infinity ? null : upTo / 1000, count })),
  };
}
