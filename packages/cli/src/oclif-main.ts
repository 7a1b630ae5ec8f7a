/** Commands by oclif: help, completions, errors of usage. */
import { Config, Errors, run } from "@oclif/core";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The package's folder, whether this runs from `src` or from the bundle in `dist`. */
function packageRoot(): string {
  return join(dirname(fileURLToPath(import.meta.url)), "..");
}

export async function runOclif(argv: readonly string[]): Promise<number> {
  try {
    const config = await Config.load({ root: packageRoot() });
    await run(argv.length === 0 ? ["--help"] : [...argv], config);
    return 0;
  } catch (error) {
    const exit = (error as { oclif?: { exit?: number } }).oclif?.exit;
    if (exit === 0) return 0;
    const { message } = error as Error;
    if (!/^EEXIT/.test(message) && message !== "")
      process.stderr.write(`error: ${message.replace(/\nSee more help with --help$/, "")}\n  hint: mailkit --help\n`);
    return error instanceof Errors.CLIError || exit !== undefined ? (exit ?? 2) : 1;
  }
}
