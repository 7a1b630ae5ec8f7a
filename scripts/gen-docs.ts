/**
 * The pages of docs/ that are made from tables: diagnostics, options, commands. With `--check` nothing is written, and a
 * page that is not what it would be fails.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { commandsPage } from "./docs/commands.ts";
import { diagnosticsPage } from "./docs/diagnostics.ts";
import { optionsPage } from "./docs/options.ts";

const PAGES: Readonly<Record<string, () => string>> = {
  "diagnostics.md": diagnosticsPage,
  "options.md": optionsPage,
  "commands.md": commandsPage,
};
const folder = join(import.meta.dirname, "..", "docs");
const check = process.argv.includes("--check");
let stale = 0;
for (const [name, page] of Object.entries(PAGES)) {
  const path = join(folder, name);
  const text = page();
  if (existsSync(path) && readFileSync(path, "utf8") === text) continue;
  stale++;
  if (check) console.log(`docs/${name} is not up to date: run node_modules/.bin/node scripts/gen-docs.ts`);
  else {
    writeFileSync(path, text);
    console.log(`docs/${name} written`);
  }
}
process.exitCode = check && stale > 0 ? 1 : 0;
