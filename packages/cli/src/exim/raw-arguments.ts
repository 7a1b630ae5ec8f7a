/** Words of the command line as octets: Node decodes them as UTF-8, and what is none is lost. */
import { fromUnicode } from "@mailkit/sdk";
import { readFileSync } from "node:fs";

/** `argv` are the last words of this process's command line. */
export function rawArguments(argv: readonly string[], commandLine: () => string | undefined = ownCommandLine): string[] {
  const given = argv.map(fromUnicode);
  if (!argv.some((word) => word.includes("\ufffd"))) return given;
  const words = commandLine()?.replace(/\0$/, "").split("\0");
  return words === undefined || words.length < argv.length ? given : words.slice(words.length - argv.length);
}

/** proc(5); other systems have none. */
function ownCommandLine(): string | undefined {
  try {
    return readFileSync("/proc/self/cmdline", "latin1");
  } catch {
    return undefined;
  }
}
