/** `mailkit check`: every fault of a configuration at once. */
import { effectiveText } from "../effective.ts";
import type { CommandContext, CommandInput, CommandSpec } from "../command.ts";
import { JSON_FLAG } from "../command.ts";
import { openForCommand } from "../open.ts";
import { renderDiagnostics } from "@mailkit/config";

export const check: CommandSpec = {
  name: "check",
  summary: "report every fault of a configuration",
  description: "Ends with 0 when a server could start with it, with 1 when there is an error.",
  args: [{ name: "FILE", doc: "configuration file (default: as for every command)" }],
  flags: {
    ...JSON_FLAG,
    show: { type: "boolean", doc: "print the effective configuration, macros and includes done" },
  },
  examples: ["mailkit check", "mailkit check /etc/exim4/exim4.conf --json", "mailkit check --show"],
  hot: true,
  exim: "-bV",
  run,
};

async function run(context: CommandContext, { args, flags }: CommandInput): Promise<number> {
  const named = args[0] === undefined ? flags : { ...flags, text: (name: string) => (name === "config" ? args[0] : flags.text(name)) };
  const engine = await openForCommand(context, named, { tolerant: true });
  try {
    const { diagnostics, config } = engine;
    const failed = diagnostics.some((d) => d.severity === "error");
    if (flags.flag("json")) context.stdout.write(`${JSON.stringify({ file: config.file, ok: !failed, diagnostics })}\n`);
    else context.stdout.write(renderDiagnostics(diagnostics, config.sources, { color: context.color, configuration: config }));
    if (flags.flag("show")) context.stdout.write(Buffer.from(effectiveText(engine), "latin1"));
    return failed ? 1 : 0;
  } finally {
    await engine.close();
  }
}
