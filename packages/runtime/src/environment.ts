/** What `${env{...}}` and child programs see: `keep_environment`, then `add_environment` and `timezone` (manual, these options). */
import { isPromise } from "@mailkit/sdk";
import type { LocalPartList, Scope } from "@mailkit/sdk";
import type { Compilers, MainSettings } from "@mailkit/config";

export interface EnvironmentParts {
  readonly main: MainSettings;
  readonly compilers: Compilers;
  readonly scope: Scope;
}

/** `keep_environment` is a list like any other, but it is not expanded, and case counts. */
export function environmentMap(env: NodeJS.ProcessEnv, { main, compilers, scope }: EnvironmentParts): ReadonlyMap<string, string> {
  const kept = new Map<string, string>();
  const written = (main.text("keep_environment") ?? "").replace(/[\\$]/g, "\\$&");
  const keep = compilers.list("localpart", written, main.position("keep_environment")) as LocalPartList;
  for (const [name, value] of Object.entries(env)) {
    const found = value === undefined ? undefined : keep.matchCaseful(name, scope);
    // What cannot be told at once (a lookup that waits) is not kept: less of the environment is the safe side.
    if (found !== undefined && !isPromise(found) && found.kind === "yes") kept.set(name, value as string);
  }
  for (const item of main.items("add_environment")) {
    const equals = item.indexOf("=");
    if (equals > 0) kept.set(item.slice(0, equals), item.slice(equals + 1));
  }
  const zone = main.text("timezone") ?? "";
  kept.delete("TZ");
  if (zone !== "" && zone.toUpperCase() !== "UTC") kept.set("TZ", zone);
  return kept;
}
