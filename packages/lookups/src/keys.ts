/** Which keys a single-key lookup tries, in order (manual §"Partial matching…", §"Default values…"). Pure. */
import type { LookupSpec } from "@mailkit/sdk";

export interface TriedKey {
  readonly key: string;
  /** `$1` and `$2` when this key is found: what was wild, what was fixed. */
  readonly captures?: readonly string[];
}

export function keysOf(spec: LookupSpec, key: string): readonly TriedKey[] {
  const keys: TriedKey[] = spec.partial === undefined ? [{ key }] : partialKeys(key, spec.partial.minimum, spec.partial.affix);
  const captures = [key, ""];
  if (spec.starDefault === "*@") {
    const at = key.lastIndexOf("@");
    if (at > 0 || (at === 0 && key !== "@")) keys.push({ key: `*${key.slice(at)}`, captures: [key.slice(0, at), ""] });
  }
  if (spec.starDefault !== "none") keys.push({ key: "*", captures });
  return keys;
}

function partialKeys(key: string, minimum: number, affix: string): TriedKey[] {
  const keys: TriedKey[] = [{ key, captures: ["", key] }];
  if (affix !== "") keys.push({ key: affix + key, captures: ["", key] });
  const components = key.split(".");
  for (let dropped = 1; components.length - dropped >= Math.max(minimum, 1); dropped++) {
    const fixed = components.slice(dropped).join(".");
    keys.push({ key: affix + fixed, captures: [components.slice(0, dropped).join("."), fixed] });
  }
  const last = minimum === 0 ? lastKey(affix) : undefined;
  if (last !== undefined) keys.push({ key: last, captures: [key, ""] });
  return keys;
}

/** `partial0` ends with the affix alone, without its final dot. */
function lastKey(affix: string): string | undefined {
  if (affix === "") return undefined;
  return affix.length > 1 && affix.endsWith(".") ? affix.slice(0, -1) : affix;
}
