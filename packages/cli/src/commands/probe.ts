/** `mailkit probe`: what an SMTP server offers, before and after TLS. */
import { hostname } from "node:os";
import type { CommandContext, CommandInput, CommandSpec } from "../command.ts";
import { JSON_FLAG } from "../command.ts";
import { openDialogue } from "../smtp/dialogue.ts";
import type { SmtpReply } from "../smtp/dialogue.ts";
import { splitServer } from "./send.ts";

export const probe: CommandSpec = {
  name: "probe",
  summary: "ask an SMTP server what it offers, dialogue shown",
  args: [{ name: "HOST", doc: "HOST or HOST:PORT", required: true }],
  flags: {
    ...JSON_FLAG,
    timeout: { type: "integer", default: "30", placeholder: "SECONDS", doc: "longest wait for a reply" },
  },
  examples: ["mailkit probe 127.0.0.1:2525", "mailkit probe mx.example.org --json"],
  run,
};

async function run(context: CommandContext, { args, flags }: CommandInput): Promise<number> {
  const { host, port } = splitServer(args[0] as string);
  const json = flags.flag("json");
  const dialogue = await openDialogue({
    host,
    port,
    tls: false,
    timeout: (flags.number("timeout") as number) * 1000,
    transcript: (direction, line) => json || flags.flag("quiet") || context.stdout.write(`${direction} ${line}\n`),
  });
  try {
    const plain = extensionsOf(await dialogue.say(`EHLO ${hostname()}`));
    let encrypted: string[] | undefined;
    if (plain.includes("STARTTLS") && (await dialogue.say("STARTTLS")).code === 220) {
      await dialogue.startTls();
      encrypted = extensionsOf(await dialogue.say(`EHLO ${hostname()}`));
    }
    await dialogue.say("QUIT").catch(() => {});
    const result = {
      host,
      port,
      greeting: dialogue.greeting.lines.join("\n"),
      extensions: plain,
      ...(encrypted === undefined ? {} : { extensionsUnderTls: encrypted }),
    };
    context.stdout.write(
      json
        ? `${JSON.stringify(result)}\n`
        : `offers ${plain.join(", ") || "nothing"}${encrypted === undefined ? "; no TLS" : `; under TLS ${encrypted.join(", ")}`}\n`,
    );
    return 0;
  } finally {
    await dialogue.close();
  }
}

function extensionsOf(reply: SmtpReply): string[] {
  return reply.code === 250 ? reply.lines.slice(1) : [];
}
