/** Which driver packages may run, kept in the plugin folder itself (`allowed`, one name a line): who may write there decides. */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const FILE = "allowed";

export function allowedIn(folder: string): readonly string[] {
  const path = join(folder, FILE);
  if (!existsSync(path)) return [];
  return readFileSync(path, "utf8")
    .split("\n")
    .map((line) => line.replace(/#.*/, "").trim())
    .filter((line) => line !== "");
}

export function setAllowed(folder: string, name: string, allowed: boolean): void {
  const names = new Set(allowedIn(folder));
  if (allowed) names.add(name);
  else names.delete(name);
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  const path = join(folder, FILE);
  writeFileSync(
    `${path}.new`,
    [...names]
      .sort()
      .map((one) => `${one}\n`)
      .join(""),
    { mode: 0o644 },
  );
  renameSync(`${path}.new`, path);
}
