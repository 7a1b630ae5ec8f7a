/** `:include:` (manual §"Special items in redirection lists"): the items of a file take the place of the item. */
import { chain, errnoOf, isFault, strerror } from "@mailkit/sdk";
import type { Maybe } from "@mailkit/sdk";
import { MAX_FILE } from "./source.ts";
import type { Call } from "./source.ts";

/** Files that include files: deeper than this is a loop. */
const MAX_DEPTH = 20;

export interface IncludeRequest {
  readonly path: string;
  readonly depth: number;
  /** The item stood in text that came from outside. */
  readonly tainted: boolean;
}

/** Text of the file, or why not, in Exim's words. */
export function readIncluded({ path, depth, tainted }: IncludeRequest, { own, host }: Call): Maybe<string | { readonly fault: string }> {
  if (own.forbid_include) return fault("included files not permitted");
  if (!path.startsWith("/")) return fault(`included file "${path}" is not an absolute path`);
  if (tainted) return fault(`Tainted name '${path}' for included file not permitted`);
  if (depth > MAX_DEPTH) return fault(`included files nested too deeply at ${path}`);
  const directory = own.include_directory?.replace(/\/+$/, "");
  if (directory !== undefined && (!path.startsWith(`${directory}/`) || path.split("/").includes(".."))) {
    return fault(`included file ${path} is not in directory ${own.include_directory}`);
  }
  return chain(host.files.stat(path), (facts) => {
    if (isFault(facts)) return fault(`failed to open included file ${path}: ${strerror(errnoOf(facts.code))}`);
    if (facts.kind === "directory") return fault(`error while reading included file ${path}: Is a directory`);
    if (facts.size > MAX_FILE) return fault(`included file ${path} is too big (max ${MAX_FILE})`);
    return chain(host.files.read(path), (text) =>
      typeof text === "string" ? text : fault(`failed to open included file ${path}: ${strerror(errnoOf(text.code))}`),
    );
  });
}

function fault(text: string): { readonly fault: string } {
  return { fault: text };
}
