/** `mailkit log`: the three logs, live in a terminal, as text, or as JSON. */
import { recordToJson } from "@mailkit/logs";
import type { LogStream } from "@mailkit/logs";
import { fromUnicode, unicodeOf } from "@mailkit/sdk";
import { setTimeout as delay } from "node:timers/promises";
import type { CommandContext, CommandInput, CommandSpec, Flags } from "../command.ts";
import { CommandFailure, JSON_FLAG } from "../command.ts";
import type { LogEntry } from "../logs/entries.ts";
import { makeFilter } from "../logs/filter.ts";
import type { LogFilter } from "../logs/filter.ts";
import { logReading } from "../logs/log-places.ts";
import { STREAMS, watchLogs } from "../logs/open-logs.ts";
import type { WatchedLogs } from "../logs/open-logs.ts";
import { openForCommand } from "../open.ts";
import { paintFor } from "../paint.ts";
import { shown } from "../words.ts";

export const log: CommandSpec = {
  name: "log",
  summary: "watch the mainlog, rejectlog and paniclog, live",
  description:
    "On a terminal it is a screen: rates, a filter (/), a line chosen with the arrows, the life of its message (Enter). With --follow, --json or --lines, or into a pipe, it prints. Rotation is survived. Lines that two logs share are shown once.",
  args: [{ name: "TEXT", doc: "lines that hold all of these; !TEXT: lines that do not", multiple: true }],
  flags: {
    ...JSON_FLAG,
    follow: { type: "boolean", char: "f", doc: "print, and go on printing what comes" },
    lines: { type: "integer", char: "n", placeholder: "N", doc: "print the last N lines (default 50 when it prints)" },
    id: { type: "string", multiple: true, placeholder: "ID", doc: "lines of this message" },
    address: { type: "string", multiple: true, placeholder: "ADDRESS", doc: "lines that name this address; @DOMAIN for all of a domain" },
    main: { type: "boolean", doc: "the mainlog only" },
    reject: { type: "boolean", doc: "the rejectlog only, with headers of rejected messages" },
    panic: { type: "boolean", doc: "the paniclog only" },
  },
  examples: [
    "mailkit log",
    "mailkit log --follow slow.example",
    "mailkit log -n 200 --address fred@truc.fr --json",
    "mailkit log --reject -n 20",
  ],
  run,
};

async function run(context: CommandContext, { args, flags }: CommandInput): Promise<number> {
  const engine = await openForCommand(context, flags);
  try {
    const reading = logReading(engine);
    if (reading.pattern === undefined)
      throw new CommandFailure("the logs go to syslog only (log_file_path)", {
        hint: "journalctl -t exim -f, or give log_file_path a file",
      });
    const wish = { words: args.map(fromUnicode), ids: flags.texts("id"), addresses: flags.texts("address").map(fromUnicode) };
    const streams = streamsOf(flags);
    const now = (): number => engine.services.clock.now();
    if (isScreen(context, flags)) {
      const { watchScreen } = await import("../tui/screen.ts");
      return await watchScreen({ context, engine, reading, streams, filter: makeFilter(wish) });
    }
    const filtered = args.length + wish.ids.length + wish.addresses.length > 0;
    const wanted = flags.number("lines") ?? 50;
    const logs = watchLogs(reading, streams, { last: filtered && !flags.flag("follow") ? Infinity : wanted, now });
    await printLogs(context, logs, { filter: makeFilter(wish), follow: flags.flag("follow"), json: flags.flag("json"), last: wanted });
    return 0;
  } finally {
    await engine.close();
  }
}

function streamsOf(flags: Flags): readonly LogStream[] {
  const chosen = STREAMS.filter((stream) => flags.flag(stream));
  return chosen.length > 0 ? chosen : STREAMS;
}

function isScreen(context: CommandContext, flags: Flags): boolean {
  const prints = flags.flag("follow") || flags.flag("json") || flags.flag("quiet") || flags.number("lines") !== undefined;
  const terminal = (context.stdout as NodeJS.WriteStream).isTTY === true && (context.stdin as NodeJS.ReadStream).isTTY === true;
  return terminal && !prints && context.env.TERM !== "dumb";
}

interface PrintOptions {
  readonly filter: LogFilter;
  readonly follow: boolean;
  readonly json: boolean;
  readonly last: number;
}

const POLL = 200;

async function printLogs(context: CommandContext, logs: WatchedLogs, { filter, follow, json, last }: PrintOptions): Promise<void> {
  const stop = new AbortController();
  process.once("SIGINT", () => stop.abort());
  context.stdout.on("error", () => stop.abort());
  const print = json ? jsonLine : textLines(context);
  let found = logs.poll().filter(filter);
  if (last < found.length) found = last === 0 ? [] : found.slice(-last);
  try {
    for (;;) {
      if (found.length > 0) context.stdout.write(found.map(print).join(""), "latin1");
      if (!follow || stop.signal.aborted) return;
      await delay(POLL, undefined, { signal: stop.signal }).catch(() => {});
      found = logs.poll().filter(filter);
    }
  } finally {
    logs.close();
  }
}

/** Octets of the log as they are; made harmless where a terminal reads them. */
function textLines(context: CommandContext): (entry: LogEntry) => string {
  const terminal = (context.stdout as NodeJS.WriteStream).isTTY === true;
  const paint = paintFor(context.color);
  return ({ stream, line, record, more }) => {
    const lines = [line, ...more].map((text) => (terminal ? fromUnicode(shown(text)) : text));
    const tone =
      stream === "panic" || record?.kind === "failed" || record?.kind === "rejected"
        ? "bad"
        : record?.kind === "deferred"
          ? "slow"
          : undefined;
    return `${tone === undefined ? lines.join("\n") : paint(lines.join("\n"), tone)}\n`;
  };
}

function jsonLine({ stream, line, record, more }: LogEntry): string {
  if (record === undefined) return `${fromUnicode(JSON.stringify({ log: stream, kind: "note", text: unicodeOf(line) }))}\n`;
  return `${fromUnicode(recordToJson(more.length === 0 ? record : { ...record, more }, stream))}\n`;
}
