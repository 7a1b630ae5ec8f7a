/** `mailkit session`: an SMTP session from a made-up host, with every ACL decision explained; nothing is stored. */
import { checkHost } from "@mailkit/smtpd";
import { hostCheckDeps } from "@mailkit/runtime";
import type { TraceEvent } from "@mailkit/sdk";
import { unicodeOf } from "@mailkit/sdk";
import { readFile } from "node:fs/promises";
import type { CommandContext, CommandInput, CommandSpec } from "../command.ts";
import { JSON_FLAG } from "../command.ts";
import { openForCommand } from "../open.ts";
import { splitHostPort } from "../exim/session-facts.ts";
import { traceLine } from "../trace-text.ts";

export const session: CommandSpec = {
  name: "session",
  summary: "simulate an SMTP session, every ACL decision explained",
  flags: {
    ...JSON_FLAG,
    from: { type: "string", placeholder: "IP", doc: "address of the client", default: "192.0.2.1" },
    to: { type: "string", placeholder: "IP", doc: "address of this host that it came to", default: "127.0.0.1" },
    script: { type: "string", placeholder: "FILE", doc: "commands of the client, one a line (default: standard input)" },
  },
  examples: [
    "mailkit session --from 203.0.113.9",
    "printf 'EHLO x\\nMAIL FROM:<a@b.c>\\nRCPT TO:<x@y.z>\\n' | mailkit session --from 203.0.113.9",
  ],
  exim: "-bh",
  run,
};

const SHOWN: ReadonlySet<TraceEvent["kind"]> = new Set(["acl.start", "acl.item", "acl.verb"]);

async function run(context: CommandContext, { flags }: CommandInput): Promise<number> {
  const json = flags.flag("json");
  const say = (entry: { kind: string } & Record<string, unknown>, text: string): void =>
    void context.stdout.write(json ? `${JSON.stringify(entry)}\n` : `${text}\n`);
  const trace = {
    on: true,
    emit: (event: TraceEvent): void => {
      if (!SHOWN.has(event.kind)) return;
      const line = traceLine(event);
      if (line !== undefined) say(event as never, unicodeOf(line));
    },
  };
  const engine = await openForCommand(context, flags, { trace });
  try {
    await checkHost(
      hostCheckDeps(engine, (line) => say({ kind: "log", line }, `    ${unicodeOf(line)}`)),
      {
        input: clientLines(context, flags.text("script"), (line) => say({ kind: "client", line }, `> ${unicodeOf(line)}`)),
        write: (text) => {
          for (const line of text.replace(/\r?\n$/, "").split(/\r?\n/))
            if (!/^\*\*\*\*|^$/.test(line)) say({ kind: "server", line }, unicodeOf(line));
        },
        facts: { peer: splitHostPort(flags.text("from") as string), local: { ...splitHostPort(flags.text("to") as string), port: 25 } },
        fullName: "",
        trusted: false,
      },
    );
    return 0;
  } finally {
    await engine.close();
  }
}

/** Lines of the client, shown before they are obeyed; LF alone will do. */
async function* clientLines(context: CommandContext, script: string | undefined, shown: (line: string) => void): AsyncGenerator<Buffer> {
  const source = script === undefined ? context.stdin : [await readFile(script)];
  let rest = "";
  for await (const chunk of source as AsyncIterable<Buffer>) {
    rest += Buffer.from(chunk).toString("latin1");
    for (let end = rest.indexOf("\n"); end >= 0; end = rest.indexOf("\n")) {
      const line = rest.slice(0, end).replace(/\r$/, "");
      rest = rest.slice(end + 1);
      shown(line);
      yield Buffer.from(`${line}\r\n`, "latin1");
    }
  }
}
