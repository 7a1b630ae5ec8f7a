/** No main option is parsed and passed over: it is used somewhere, or marked `missing`, which says so at load. */
import test from "ava";
import { MAIN_OPTIONS } from "@mailkit/config";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "../../..");
/** Only name, type or print options. */
const TABLES = /\.test\.ts$|config\/src\/(?:main-options|show|rules|testing)|\/testing\//;

/** Whose names are put together, and those that mean nothing. */
const APART: ReadonlyMap<string, string> = new Map([
  ["acl_", "looked up by the name of the place"],
  ["daemon_smtp_port", "another name of daemon_smtp_ports"],
  ["drop_cr", "nothing in Exim either"],
  ["message_logs", "there are none: docs/differences.md"],
  ["queue_only_load_latch", "never latched: docs/differences.md"],
]);

test("each main option is used, or said to be missing", (t) => {
  const files = globSync("{packages,plugins}/*/src/**/*.ts", { cwd: ROOT }).filter((file) => !TABLES.test(file));
  const words = new Set(files.flatMap((file) => readFileSync(join(ROOT, file), "utf8").match(/\b[a-z][a-z0-9_]+\b/g) ?? []));
  const ignored = Object.entries(MAIN_OPTIONS)
    .filter(([name, { missing }]) => missing === undefined && !words.has(name))
    .map(([name]) => name)
    .filter((name) => !APART.has(name) && !APART.has(name.slice(0, 4)));
  t.deepEqual(ignored, []);
});
