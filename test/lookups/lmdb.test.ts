/** The lmdb lookup on files that LMDB's own tools made. */
import test from "ava";
import { rename } from "node:fs/promises";
import { join } from "node:path";
import { lmdb } from "../../plugins/lookup-lmdb/src/index.ts";
import { lookupBench } from "../support/lookup-bench.ts";
import { needs, run } from "../support/programs.ts";
import { temporaryFolder } from "../support/temporary.ts";

/** As mdb_dump writes them. */
function dump(pairs: Iterable<readonly [string, string]>, more = ""): string {
  const lines = [...pairs].flatMap(([key, value]) => [` ${hex(key)}`, ` ${hex(value)}`]);
  return `VERSION=3\nformat=bytevalue\ntype=btree\nmapsize=268435456\n${more}HEADER=END\n${lines.join("\n")}\nDATA=END\n`;
}

const hex = (text: string): string => Buffer.from(text, "latin1").toString("hex");

async function load(file: string, pairs: Iterable<readonly [string, string]>, more = ""): Promise<void> {
  const ran = await run("mdb_load", ["-n", file], { input: dump(pairs, more) });
  if (ran.code !== 0) throw new Error(ran.stderr);
}

const find = async (bench: ReturnType<typeof lookupBench>, file: string, key: string): Promise<string> => {
  const spec = bench.lookups.parse("lmdb");
  if (typeof spec === "string") return spec;
  const where = { file: { text: file, tainted: false }, key: { text: key, tainted: true } };
  const result = await bench.lookups.find(spec, where, bench.scope);
  return result.kind === "found" ? `= ${result.text}` : result.kind === "notFound" ? "not found" : `defer: ${result.message}`;
};

needs(test, "mdb_load")("lmdb: small, large, nothing, several values", async (t) => {
  const folder = temporaryFolder(t, "lmdb");
  const bench = lookupBench(t, [lmdb()], {});
  const file = join(folder, "db");
  const many = Array.from({ length: 20_000 }, (_, i): [string, string] => [`key${i}`, `value ${i} ${"x".repeat(i % 40)}`]);
  await load(file, [
    ["a", "1"],
    ["caf\xe9\0", "\0\xff"],
    ["big", "y".repeat(100_000)],
  ]);
  t.is(await find(bench, file, "a"), "= 1");
  t.is(await find(bench, file, "b"), "not found");
  t.is(await find(bench, file, "A"), "not found");
  t.is(await find(bench, file, "caf\xe9\0"), "= \0\xff");
  t.is(await find(bench, file, "big"), `= ${"y".repeat(100_000)}`);
  t.is(await find(bench, file, "z".repeat(600)), "not found");

  // Written to while it is open, then replaced.
  await load(file, many);
  for (const [key, value] of many) t.is(await find(bench, file, key), `= ${value}`);
  for (const key of ["key", "key00", "key20000", "\0", "zzz"]) t.is(await find(bench, file, key), "not found", key);
  await load(join(folder, "new"), [["a", "2"]]);
  await rename(join(folder, "new"), file);
  t.is(await find(bench, file, "a"), "= 2");

  await load(join(folder, "empty"), []);
  t.is(await find(bench, join(folder, "empty"), "a"), "not found");
  const values = (count: number): [string, string][] => Array.from({ length: count }, (_, i) => ["k", `v${String(i).padStart(5, "0")}`]);
  for (const [name, more, count] of [
    ["few", "dupsort=1\n", 3],
    ["tree", "dupsort=1\n", 3000],
    ["fixed", "dupsort=1\ndupfixed=1\n", 3],
  ] as const) {
    await load(join(folder, name), [["j", "one"], ...values(count)], more);
    t.is(await find(bench, join(folder, name), "k"), "= v00000", name);
    t.is(await find(bench, join(folder, name), "j"), "= one", name);
  }
  const nowhere = join(folder, "nowhere");
  t.is(await find(bench, nowhere, "a"), `defer: failed to open ${nowhere} for lmdb lookup: No such file or directory`);
  t.is(await find(bench, folder, "a"), `defer: failed to open ${folder} for lmdb lookup: Is a directory`);
  t.is(await find(bench, "/etc/passwd", "a"), "defer: failed to open /etc/passwd for lmdb lookup: it is no LMDB file");
});

needs(test, "mdb_load")("lmdb: right answers while somebody writes", async (t) => {
  const folder = temporaryFolder(t, "lmdb");
  const bench = lookupBench(t, [lmdb()], {});
  const file = join(folder, "db");
  const pairs = (round: number) => Array.from({ length: 500 }, (_, i): [string, string] => [`key${i}`, `${i} ${round}`]);
  await load(file, pairs(0));
  let writing = true;
  const writer = (async () => {
    for (let round = 1; round <= 30; round++) await load(file, pairs(round));
    writing = false;
  })();
  let asked = 0;
  while (writing) {
    for (let i = 0; i < 200; i++) {
      const key = (asked++ * 7) % 500;
      const answer = await find(bench, file, `key${key}`);
      if (!answer.startsWith(`= ${key} `)) t.fail(`key${key}: ${answer}`);
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  await writer;
  t.true(asked > 200);
});
