/** No option is parsed and passed over: it is used somewhere, or marked `missing`, which says so at load. */
import test from "ava";
import { MAIN_OPTIONS } from "@mailkit/config";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { firstPartyDrivers } from "./plugins.ts";

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

const texts = globSync("{packages,plugins}/*/src/**/*.ts", { cwd: ROOT })
  .filter((file) => !TABLES.test(file))
  .map((file) => ({ file, text: readFileSync(join(ROOT, file), "utf8") }));

test("each main option is used, or said to be missing", (t) => {
  const runners = texts.filter(({ file }) => RUNNERS.test(file));
  const isRun = (name: string): boolean => PLACE.test(name) && runners.some(({ text }) => text.includes(`"${name.replace(PLACE, "")}"`));
  const ignored = unusedOf(MAIN_OPTIONS, wordsOf(texts)).filter((name) => !APART.has(name) && !isRun(name));
  t.deepEqual(ignored, []);
});

test("each option of a driver is used, or said to be missing", (t) => {
  const { routers, transports, authenticators } = firstPartyDrivers();
  const words = wordsOf(texts.filter(({ file }) => !/\/(?:generic-)?options\.ts$/.test(file)));
  for (const drivers of [routers, transports, authenticators])
    for (const [name, { options }] of drivers) t.deepEqual(unusedOf(options as OptionTable, words), [], name);
});

type OptionTable = Readonly<Record<string, { readonly missing?: unknown }>>;

function wordsOf(files: readonly { readonly text: string }[]): ReadonlySet<string> {
  return new Set(files.flatMap(({ text }) => text.match(/\b[a-z][a-z0-9_]+\b/g) ?? []));
}

function unusedOf(options: OptionTable, words: ReadonlySet<string>): string[] {
  return Object.keys(options).filter((name) => options[name]?.missing === undefined && !words.has(name));
}
