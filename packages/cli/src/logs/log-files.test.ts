import test from "ava";
import { appendFileSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { linesWith, logLines } from "./log-lines.ts";
import { historyName, logHistory } from "./log-places.ts";

const folder = mkdtempSync(join(tmpdir(), "mailkit-logs-"));
test.after.always(() => rmSync(folder, { recursive: true }));

const names: readonly (readonly [string, string, boolean])[] = [
  ["%slog", "mainlog", true],
  ["%slog", "mainlog.1", true],
  ["%slog", "mainlog.01", true],
  ["%slog", "mainlog.2.gz", true],
  ["%slog", "mainlog-20261124.gz", true],
  ["%slog", "mainlog.old", false],
  ["%slog", "rejectlog", false],
  ["exim_%s.log", "exim_main.log.1", true],
  ["exim_%s.log", "exim_mainxlog", false],
  ["%slog-%D", "mainlog-20261124", true],
  ["%slog-%M", "mainlog-202611.gz", true],
  ["%slog-%D", "mainlog", false],
];

for (const [pattern, name, is] of names)
  test(`${name} is ${is ? "" : "not "}one of ${pattern}`, (t) => t.is(historyName(pattern, "main").test(name), is));

test("rotated files are read oldest first, gzipped ones too, older ones not at all", async (t) => {
  const write = (name: string, octets: Buffer | string, seconds: number): void => {
    writeFileSync(join(folder, name), octets);
    utimesSync(join(folder, name), seconds, seconds);
  };
  write("mainlog", "3 x\n4 y", 4000);
  write("mainlog.1", "2 x\n", 3000);
  write("mainlog.2.gz", gzipSync("1 x\n"), 2000);
  write("mainlog.3.gz", gzipSync("0 x\n"), 1000);
  const files = logHistory(join(folder, "%slog"), "main", 1_500_000);
  const lines: string[] = [];
  for await (const line of logLines(files)) lines.push(line);
  t.deepEqual(lines, ["1 x", "2 x", "3 x", "4 y"]);
  t.deepEqual(await linesWith(files, ["x"]), ["1 x", "2 x", "3 x"]);
  t.deepEqual(logHistory(join(folder, "nothing", "%slog"), "main", 0), []);
});

test("case is minded or not; blocks end anywhere", async (t) => {
  const path = join(folder, "big");
  const line = `${"a".repeat(999)}\n`;
  writeFileSync(path, line.repeat(1100));
  appendFileSync(path, "Fred@Truc.FR\nfred@truc.fr");
  t.deepEqual(await linesWith([path], ["fred@truc.fr"], true), ["Fred@Truc.FR", "fred@truc.fr"]);
  t.deepEqual(await linesWith([path], ["fred@truc.fr"]), ["fred@truc.fr"]);
});
