/** How this program starts itself again: node and the bundle (or the source it runs from). */
import { fileURLToPath } from "node:url";

export function selfScript(): string {
  return process.argv[1] ?? fileURLToPath(import.meta.url);
}

export function selfCommand(): readonly string[] {
  return [process.execPath, ...process.execArgv, selfScript()];
}
