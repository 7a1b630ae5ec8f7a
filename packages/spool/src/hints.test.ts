import test from "ava";
import { fork } from "node:child_process";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openHints, type OpenHints } from "./hints.ts";
import { scratch } from "./testing/fixtures.ts";

function hintsIn(directory: string, troubles: string[] = []): OpenHints {
  let now = 1000;
  return openHints({ directory, now: () => now++, trouble: (message) => troubles.push(message) });
}

test("put, get, delete, each database for itself", (t) => {
  const hints = hintsIn(scratch(t));
  hints.put("retry", "T:mx.example", { n: 1 });
  hints.put("retry", "T:mx.example", { n: 2 });
  t.deepEqual(hints.get("retry", "T:mx.example"), { key: "T:mx.example", value: { n: 2 }, updated: 1001 });
  t.is(hints.get("wait", "T:mx.example"), undefined);
  hints.delete("retry", "T:mx.example");
  t.is(hints.get("retry", "T:mx.example"), undefined);
  hints.close();
});

test("keys from outside are only keys", (t) => {
  const hints = hintsIn(scratch(t));
  const nasty = `x'); DROP TABLE retry; --"\0\u00e9`;
  hints.put("ratelimit", nasty, 1);
  hints.put("ratelimit", "__proto__", 2);
  t.is(hints.get("ratelimit", nasty)?.value, 1);
  t.is(hints.get("ratelimit", "__proto__")?.value, 2);
  t.is(hints.get("ratelimit", "toString"), undefined);
  t.is(hints.count("retry"), 0);
  hints.close();
});

test("scan: by prefix, in order, over pages, while it is changed", (t) => {
  const hints = hintsIn(scratch(t));
  for (let n = 0; n < 1200; n++) hints.put("retry", `R:${String(n).padStart(5, "0")}`, n);
  hints.put("retry", "S:1", -1);
  hints.put("retry", "Q:1", -1);
  let seen = 0;
  for (const { key, value } of hints.scan<number>("retry", "R:")) {
    t.is(value, seen++);
    hints.delete("retry", key);
  }
  t.is(seen, 1200);
  t.is([...hints.scan("retry")].length, 2);
  hints.close();
});

test("update is one step; undefined removes; a throw changes nothing", (t) => {
  const hints = hintsIn(scratch(t));
  hints.update<number>("ratelimit", "k", (old) => (old?.value ?? 0) + 1);
  hints.update<number>("ratelimit", "k", (old) => (old?.value ?? 0) + 1);
  t.is(hints.get("ratelimit", "k")?.value, 2);
  t.throws(() =>
    hints.update("ratelimit", "k", () => {
      throw new Error("no");
    }),
  );
  t.is(hints.get("ratelimit", "k")?.value, 2);
  hints.update("ratelimit", "k", () => undefined);
  t.is(hints.get("ratelimit", "k"), undefined);
  hints.close();
});

test("expire by age", (t) => {
  const hints = hintsIn(scratch(t));
  for (let n = 0; n < 10; n++) hints.put("seen", `k${n}`, n);
  t.is(hints.expire("seen", 1005), 5);
  t.is(hints.count("seen"), 5);
  hints.close();
});

test("a broken file goes aside and a new one is begun", (t) => {
  const directory = scratch(t);
  const troubles: string[] = [];
  writeFileSync(join(directory, "hints.sqlite"), "this is no database, it is a text, and a long one ".repeat(100));
  const hints = hintsIn(directory, troubles);
  hints.put("retry", "k", 1);
  t.is(hints.get("retry", "k")?.value, 1);
  t.is(troubles.length, 1);
  t.regex(troubles[0] as string, /moved to .*hints\.sqlite\.corrupt-/);
  t.is(readdirSync(directory).filter((name) => name.includes("corrupt")).length, 1);
  hints.close();
});

test("two processes count on one key and lose nothing", async (t) => {
  const directory = scratch(t);
  const hints = hintsIn(directory);
  const child = fork(join(import.meta.dirname, "testing", "counter-process.ts"), [directory, "300"]);
  const ended = new Promise<number | null>((resolve) => child.on("exit", resolve));
  await new Promise((resolve) => child.once("message", resolve));
  for (let n = 0; n < 300; n++) hints.update<number>("ratelimit", "shared", (old) => (old?.value ?? 0) + 1);
  t.is(await ended, 0);
  t.is(hints.get("ratelimit", "shared")?.value, 600);
  hints.close();
});

test("what another process writes is seen after a tenth of a second, what this one writes at once", (t) => {
  const directory = scratch(t);
  let now = 1000;
  const one = openHints({ directory, now: () => now });
  const other = openHints({ directory, now: () => now });
  t.is(one.get("retry", "T:x"), undefined);
  other.put("retry", "T:x", { n: 1 });
  now += 100;
  t.deepEqual(one.get("retry", "T:x")?.value, { n: 1 });
  one.put("retry", "T:x", { n: 2 });
  t.deepEqual(one.get("retry", "T:x")?.value, { n: 2 });
  one.update("retry", "T:x", (old) => ({ n: ((old?.value as { n: number } | undefined)?.n ?? 0) + 1 }));
  t.deepEqual(one.get("retry", "T:x")?.value, { n: 3 });
  one.delete("retry", "T:x");
  t.is(one.get("retry", "T:x"), undefined);
  one.close();
  other.close();
});
