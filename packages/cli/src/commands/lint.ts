/** `mailkit lint`: what is legal and probably not meant. */
import { CODES, lint as findTraps, renderDiagnostics } from "@mailkit/config";
import type { CommandContext, CommandInput, CommandSpec } from "../command.ts";
import { JSON_FLAG, UsageError } from "../command.ts";
import { openForCommand } from "../open.ts";
import { namedFile } from "./check.ts";

export const lint: CommandSpec = {
  name: "lint",
  summary: "find what is legal and probably not meant",
  description:
    "Open relays, routers that nothing reaches, conditions that are always true, names that nobody uses, tainted text, lists that do not " +
    "say what they seem to say. Faults that check reports come first. Ends with 1 when there is an error or a warning.",
  args: [{ name: "FILE", doc: "configuration file, or Debian's folder (default: as for every command)" }],
  flags: {
    ...JSON_FLAG,
    ignore: { type: "string", multiple: true, placeholder: "CODE", doc: "leave findings with this code out" },
    explain: { type: "string", placeholder: "CODE", doc: "say what a code means, with an example" },
  },
  examples: ["mailkit lint", "mailkit lint /etc/exim4 --ignore MK0712", "mailkit lint --explain MK0731"],
  run,
};

async function run(context: CommandContext, { args, flags }: CommandInput): Promise<number> {
  const asked = flags.text("explain");
  if (asked !== undefined) return explain(context, asked);
  const engine = await openForCommand(context, namedFile(args[0], flags), { tolerant: true });
  try {
    const { config } = engine;
    const ignored = new Set(flags.texts("ignore").map((code) => code.toUpperCase()));
    const found = [...engine.diagnostics, ...findTraps(config)].filter(({ code }) => !ignored.has(code));
    const bad = found.some(({ severity }) => severity !== "note");
    if (flags.flag("json")) context.stdout.write(`${JSON.stringify({ file: config.file, ok: !bad, diagnostics: found })}\n`);
    else context.stdout.write(renderDiagnostics(found, config.sources, { color: context.color, configuration: config }));
    return bad ? 1 : 0;
  } finally {
    await engine.close();
  }
}

function explain(context: CommandContext, asked: string): number {
  const code = asked.toUpperCase();
  const entry = Object.hasOwn(CODES, code) ? CODES[code as keyof typeof CODES] : undefined;
  if (entry === undefined) throw new UsageError(`there is no code ${asked}`, "codes are in docs/diagnostics.md");
  context.stdout.write(`${code}  ${entry.title}\n\n${entry.explanation}\n\n${entry.example.replace(/^/gm, "  ")}\n`);
  return 0;
}
