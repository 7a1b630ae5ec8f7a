/** What `${env{...}}` and child programs see: `keep_environment`, then `add_environment` (manual, both options). */
import type { MainSettings } from "@mailkit/config";

export function environmentMap(env: NodeJS.ProcessEnv, main: MainSettings): ReadonlyMap<string, string> {
  const kept = new Map<string, string>();
  const keep = main.items("keep_environment");
  for (const [name, value] of Object.entries(env))
    if (value !== undefined && keep.some((pattern) => matches(pattern, name))) kept.set(name, value);
  for (const item of main.items("add_environment")) {
    const equals = item.indexOf("=");
    if (equals > 0) kept.set(item.slice(0, equals), item.slice(equals + 1));
  }
  return kept;
}

function matches(pattern: string, name: string): boolean {
  if (pattern === "*" || pattern === name) return true;
  if (pattern.startsWith("*")) return name.endsWith(pattern.slice(1));
  if (pattern.startsWith("^")) return new RegExp(pattern.replace(/^\^?\\?N?|\\N$/g, "^")).test(name);
  return false;
}
