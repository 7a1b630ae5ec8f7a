import test from "ava";
import { mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lockMailbox } from "./lock.ts";

function place(t: { teardown(undo: () => void): void }): string {
  const folder = mkdtempSync(join(tmpdir(), "mailkit-lock-"));
  t.teardown(() => rmSync(folder, { recursive: true }));
  return join(folder, "lock");
}

test("one holder at a time; who releases it lets the next one in", async (t) => {
  const path = place(t);
  const first = await lockMailbox(path);
  t.like(await lockMailbox(path), { ok: false, code: "IN-USE" });
  if (first.ok) await first.release();
  t.like(await lockMailbox(path), { ok: true });
});

for (const [what, text, old, expected] of [
  ["a process that is no more", "4194303 1\n", false, true],
  ["another process with the number of the holder, as after the start of a container", `${process.pid} 1\n`, false, true],
  ["this process, named without its beginning", `${process.pid}\n`, false, false],
  ["nobody yet", "", false, false],
  ["nobody, and that for long: its maker died before it had a name", "", true, true],
] as const)
  test(`a lock of ${what}: ${expected ? "does not count" : "counts"}`, async (t) => {
    const path = place(t);
    writeFileSync(path, text);
    if (old) utimesSync(path, 1000, 1000);
    const { ok } = await lockMailbox(path);
    t.is(ok, expected);
    if (ok) t.regex(readFileSync(path, "latin1"), new RegExp(`^${process.pid} \\d*\n$`));
  });
