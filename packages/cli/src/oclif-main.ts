/** Commands by oclif: finding them, their help. Mistakes are told as everywhere (`context.ts`). */
import { Config, Errors } from "@oclif/core";
import { EXIM_VERSION, MAILKIT_VERSION } from "@mailkit/runtime";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { CommandContext } from "./command.ts";
import { UsageError } from "./command.ts";
import { reportFailure } from "./context.ts";
import { COMMAND_TABLE } from "./commands/table.ts";
import { findCommand } from "./find-command.ts";
import type { Found } from "./find-command.ts";
import { MailkitHelp } from "./help.ts";
import { wantsHelp } from "./parse-flags.ts";

/** The package's folder, whether this runs from `src` or from the bundle in `dist`. */
function packageRoot(): string {
  return join(dirname(fileURLToPath(import.meta.url)), "..");
}

export function runOclif(context: CommandContext, argv: readonly string[]): Promise<number> {
  return reportFailure(context, async () => {
    const [first] = argv;
    if (first === "--version" || first === "-V" || first === "version") return printVersion(context);
    const helping = first === "help" || wantsHelp(argv);
    const words = helping ? argv.filter((word) => word !== "help" && word !== "--help" && word !== "-h") : argv;
    const found = findCommand(
      COMMAND_TABLE.map((spec) => spec.name),
      words,
    );
    if (found.kind === "unknown") throw unknownCommand(found);
    const config = await Config.load({ root: packageRoot() });
    if (found.kind === "command" && !helping) return runCommand(config, found);
    await new MailkitHelp(config, { maxWidth: 80 }).showHelp(found.kind === "none" ? [] : found.name.split(" "));
    return 0;
  });
}

async function runCommand(config: Config, found: Extract<Found, { kind: "command" }>): Promise<number> {
  try {
    await config.runCommand(found.name.replaceAll(" ", ":"), [...found.rest]);
    return 0;
  } catch (error) {
    if (error instanceof Errors.ExitError) return error.oclif.exit ?? 1;
    throw error;
  }
}

function unknownCommand({ name, near, topic }: Extract<Found, { kind: "unknown" }>): UsageError {
  if (name.startsWith("-")) return new UsageError(`no command beside ${name}`, "mailkit --help");
  if (near !== undefined) return new UsageError(`mailkit has no command ${name}`, `did you mean mailkit ${near}?`);
  return new UsageError(`mailkit has no command ${name}`, `mailkit ${topic === undefined ? "" : `${topic} `}--help`);
}

function printVersion(context: CommandContext): number {
  context.stdout.write(`mailkit ${MAILKIT_VERSION} (compatible with Exim ${EXIM_VERSION}), Node ${process.versions.node}\n`);
  return 0;
}
