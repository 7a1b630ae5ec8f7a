/** `mailkit check`: every fault of a configuration at once. */
import { effectiveData, effectiveText } from "../effective.ts";
import type { CommandContext, CommandInput, CommandSpec, Flags } from "../command.ts";
import { JSON_FLAG } from "../command.ts";
import { openForCommand } from "../open.ts";
import { renderDiagnostics } from "@mailkit/config";

export const check: CommandSpec = {
  name: "check",
  summary: "report every fault of a configuration",
  description:
    "Ends with 0 when a server could start with it, with 1 when there is an error. A folder is read as Debian's /etc/exim4 is: " +
    "update-exim4.conf.conf with conf.d or the template, without their generator.",
  args: [{ name: "FILE", doc: "configuration file, or Debian's folder (default: as for every command)" }],
  flags: {
    ...JSON_FLAG,
    show: { type: "boolean", doc: "print each line that counts, macros and includes done, with its place" },
  },
  examples: ["mailkit check", "mailkit check /etc/exim4/exim4.conf --json", "mailkit check /etc/exim4 --show"],
  hot: true,
  exim: "-bV",
  run,
};

async function run(context: CommandContext, { args, flags }: CommandInput): Promise<number> {
  const engine = await openForCommand(context, namedFile(args[0], flags), { tolerant: true });
  try {
    const { diagnostics, config } = engine;
    const failed = diagnostics.some((d) => d.severity === "error");
    const shows = flags.flag("show");
    if (flags.flag("json")) {
      const effective = shows ? { effective: effectiveData(engine) } : {};
      context.stdout.write(`${JSON.stringify({ file: config.file, ok: !failed, diagnostics, ...effective })}\n`);
      return failed ? 1 : 0;
    }
    if (shows) context.stdout.write(effectiveText(engine));
    const report = renderDiagnostics(diagnostics, config.sources, { color: context.color, configuration: config });
    // What was asked for goes to standard output alone.
    (shows ? context.stderr : context.stdout).write(report);
    return failed ? 1 : 0;
  } finally {
    await engine.close();
  }
}

/** A file that is named as an argument stands for `-C`. */
export function namedFile(file: string | undefined, flags: Flags): Flags {
  return file === undefined ? flags : { ...flags, text: (name) => (name === "config" ? file : flags.text(name)) };
}
