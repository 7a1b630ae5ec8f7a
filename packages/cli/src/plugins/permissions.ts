/** Permissions of a driver's manifest in words. */
import type { PluginManifest } from "@mailkit/sdk";

const WORDS: readonly (readonly [keyof PluginManifest["permissions"], string])[] = [
  ["net", "connects to"],
  ["read", "reads"],
  ["write", "writes"],
  ["run", "runs"],
  ["env", "environment"],
];

export function permissionText(permissions: PluginManifest["permissions"]): string {
  const parts = WORDS.flatMap(([key, word]) => {
    const list = permissions[key];
    return Array.isArray(list) && list.length > 0 ? [`${word} ${list.join(", ")}`] : [];
  });
  return parts.length === 0 ? "asks for nothing" : parts.join("; ");
}
