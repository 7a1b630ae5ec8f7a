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
  ["daemon_smtp_port", "another name of daemon_smtp_ports"],
  ["drop_cr", "nothing in Exim either"],
  ["message_logs", "there are none: docs/differences.md"],
  ["queue_only_load_latch", "never latched: docs/differences.md"],
]);

/** `acl_smtp_rcpt` is looked up by its place, which those who run ACLs name. */
const PLACE = /^acl_(?:smtp_)?/;
const RUNNERS = /^packages\/(?:smtpd|runtime)\/src\/(?!deps\.ts)/;

test("each main option is used, or said to be missing", (t) => {
  const files = globSync("{packages,plugins}/*/src/**/*.ts", { cwd: ROOT }).filter((file) => !TABLES.test(file));
  const runners = files.filter((file) => RUNNERS.test(file)).map((file) => readFileSync(join(ROOT, file), "utf8"));
  const isRun = (name: string): boolean => PLACE.test(name) && runners.some((text) => text.includes(`"${name.replace(PLACE, "")}"`));
  const words = new Set(files.flatMap((file) => readFileSync(join(ROOT, file), "utf8").match(/\b[a-z][a-z0-9_]+\b/g) ?? []));
  const ignored = Object.entries(MAIN_OPTIONS)
    .filter(([name, { missing }]) => missing === undefined && !words.has(name) && !isRun(name))
    .map(([name]) => name)
    .filter((name) => !APART.has(name));
  t.deepEqual(ignored, []);
});
