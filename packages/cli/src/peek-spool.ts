/** Where the spool is, when the main part of the configuration says so plainly; else the engine has to be asked. */
import { peekMain } from "@mailkit/config";
import { locateConfig } from "@mailkit/runtime";
import { fromUnicode } from "@mailkit/sdk";
import { readFileSync } from "node:fs";
import type { CommandContext } from "./command.ts";

export interface PeekedSpool {
  readonly directory: string;
  /** Users who are no administrators may list the queue (`queue_list_requires_admin` is false). */
  readonly anybodyLists: boolean;
}

export interface Peek {
  readonly config: string | undefined;
  /** `NAME=VALUE`. */
  readonly defines: readonly string[];
  /** For the exim face. */
  readonly system: boolean;
}

const DEFAULT_SPOOL = "/var/spool/mailkit";

export function peekSpool(context: CommandContext, { config, defines, system }: Peek): PeekedSpool | undefined {
  const found = locateConfig(config, context.env, context.cwd, { system });
  if (found.kind !== "file" || defines.some((text) => !/^[A-Z]\w*(?:=|$)/.test(text))) return undefined;
  const main = peekMain({
    file: found.path,
    readFile,
    defines: defines.map((text) => {
      const [name = "", ...value] = text.split("=");
      return [name, fromUnicode(value.join("="))] as const;
    }),
    names: ["spool_directory", "queue_list_requires_admin"],
  });
  if (main === undefined) return undefined;
  const admin = main.get("queue_list_requires_admin") ?? "true";
  return { directory: main.get("spool_directory") ?? DEFAULT_SPOOL, anybodyLists: admin === "false" || admin === "no" };
}

function readFile(path: string): string | { code: string; message: string } {
  try {
    return readFileSync(path, "latin1");
  } catch (error) {
    return { code: (error as NodeJS.ErrnoException).code ?? "EIO", message: (error as Error).message };
  }
}
