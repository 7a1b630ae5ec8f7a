/** How this program starts itself again: node and the bundle (or the source it runs from). */
import { existsSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export function selfScript(): string {
  return process.argv[1] ?? fileURLToPath(import.meta.url);
}

export function selfCommand(): readonly string[] {
  return [process.execPath, ...process.execArgv, selfScript()];
}

/** The program as a unit or a script would call it: `bin/mailkit` of this package, where it is there. */
export function programPath(): string {
  const bin = join(dirname(fileURLToPath(import.meta.url)), "../bin/mailkit");
  return existsSync(bin) ? realpathSync(bin) : "mailkit";
}
