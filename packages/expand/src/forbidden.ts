/** What `forbid_filter_...` locks out in filter files of users (manual §"redirect router"). Texts are Exim's. */
import { expansionError } from "@mailkit/sdk";
import type { ExpansionFailure } from "@mailkit/sdk";
import type { Environment } from "./environment.ts";

const REFUSALS: Readonly<Record<string, string>> = {
  dlfunc: "dynamically-loaded functions are not permitted",
  exists: "File existence tests are not permitted",
  lookup: "lookup expansions are not permitted",
  perl: "Perl calls are not permitted",
  readfile: "file insertions are not permitted",
  readsocket: "socket insertions are not permitted",
  run: "running a command is not permitted",
  stat: "Use of the stat() expansion is not permitted",
};

export function forbidden(what: string, env: Environment): ExpansionFailure | undefined {
  return env.settings.forbidden?.has(what) === true ? expansionError(REFUSALS[what] ?? `${what} is not permitted`) : undefined;
}
