import test from "ava";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lazyHints } from "./hints.ts";

function world(t: { teardown(undo: () => void): void }) {
  const folder = mkdtempSync(join(tmpdir(), "mailkit-hints-"));
  const told: string[] = [];
  const clock = { now: 0 };
  const directory = join(folder, "db");
  const hints = lazyHints(
    () => directory,
    () => clock.now,
  );
  hints.tell((message) => told.push(message));
  t.teardown(() => {
    hints.close();
    rmSync(folder, { recursive: true });
  });
  return { directory, told, clock, hints };
}

test("hints that cannot be opened: as if there were none, told once, tried again later", (t) => {
  const { directory, told, clock, hints } = world(t);
  writeFileSync(directory, "a file where the folder should be");
  hints.put("retry", "k", 1);
  hints.delete("retry", "k");
  t.is(hints.get("retry", "k"), undefined);
  t.deepEqual([...hints.scan("retry")], []);
  let seen: unknown = "not asked";
  hints.update<number>("ratelimit", "k", (old) => {
    seen = old;
    return 1;
  });
  t.is(seen, undefined, "who counts is asked all the same");
  t.is(told.length, 1);
  t.regex(told[0] as string, /^hints in \S+\/db cannot be used: EEXIST.*; going on without them$/);
  rmSync(directory);
  t.is(hints.get("retry", "k"), undefined);
  clock.now = 60_000;
  hints.put("retry", "k", 1);
  t.is(hints.get<number>("retry", "k")?.value, 1);
  t.is(told.length, 1);
});

test("a broken database goes aside, and the paniclog hears of it", (t) => {
  const { directory, told } = world(t);
  mkdirSync(directory);
  const again = lazyHints(() => directory);
  t.teardown(() => again.close());
  again.tell((message) => told.push(message));
  writeFileSync(join(directory, "hints.sqlite"), "x".repeat(4096));
  t.is(again.get("retry", "k"), undefined);
  t.regex(told.join(), /hints\.sqlite was unusable .* moved to /);
});

test("a mistake of who changes a record is no trouble of the store", (t) => {
  const { told, hints } = world(t);
  t.throws(
    () =>
      hints.update("retry", "k", () => {
        throw new TypeError("oops");
      }),
    { instanceOf: TypeError },
  );
  t.deepEqual(told, []);
});
