/** Filters of users and of the system, and what they may touch in the world: log files of their own. */
import { makeFilterService } from "@mailkit/filters";
import type { LogWrite } from "@mailkit/filters";
import { errnoOf, strerror } from "@mailkit/sdk";
import type { FilterService, Scope } from "@mailkit/sdk";
import type { Rewriter } from "@mailkit/rewrite";
import { closeSync, constants, openSync, writeSync } from "node:fs";

export interface FilterParts {
  readonly rewriter: Pick<Rewriter, "address">;
  readonly scope: () => Scope;
}

export function filterService({ rewriter, scope }: FilterParts): FilterService {
  return makeFilterService({
    writeLog: writeFilterLog,
    rewritten: (address) => rewriter.address(address, "env-to", scope()),
  });
}

/**
 * Appends as the process itself. One that may become anybody writes nothing for users: the folders on the way are theirs,
 * and so are the links in them.
 */
export function writeFilterLog({ path, mode, text }: LogWrite): string | undefined {
  if (process.getuid?.() === 0) return "Operation not permitted";
  try {
    const fd = openSync(path, constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW, mode);
    try {
      writeSync(fd, Buffer.from(text, "latin1"));
    } finally {
      closeSync(fd);
    }
    return undefined;
  } catch (error) {
    return strerror(errnoOf((error as NodeJS.ErrnoException).code ?? "EIO"));
  }
}
