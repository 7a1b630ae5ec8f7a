/** Spools as earlier versions wrote them, kept as files: what they hold is read for as long as their format is. */
import test from "ava";
import { cpSync } from "node:fs";
import { join } from "node:path";
import { openHints } from "./hints.ts";
import { contentOf, idOf, open, scratch } from "./testing/fixtures.ts";
import { verifySpool } from "./verify-spool.ts";

function written(t: Parameters<typeof scratch>[0], format: number): string {
  const directory = scratch(t);
  cpSync(join(import.meta.dirname, "testing", `format-${format}`), directory, { recursive: true });
  return directory;
}

test("format 1: messages, progress, a body in a file, a frozen one, one that has ended; hints", async (t) => {
  const directory = written(t, 1);
  t.like(await verifySpool(directory), { ok: true, partitions: [{ messages: 3, segments: 1, faults: [] }] });
  const partition = await open(directory);
  const [half, large, frozen, ...more] = partition.list();
  t.deepEqual(more, []);
  t.like(half, { id: idOf(1), envelope: { sender: "a@b.example", recipients: [{ address: "c@d.example" }, { address: "e@f.example" }] } });
  t.deepEqual([...(half?.state.done ?? [])], ["c@d.example"]);
  t.deepEqual(partition.log(idOf(1)), ["2026-11-24 12:00:00 => c@d.example"]);
  t.is(large?.envelope.sender, "");
  t.is(
    await contentOf(await partition.get(idOf(2))),
    `Received: by x\n\tid 1;\n\tTue\nFrom: a@b.example\nSubject: caf\xe9\n${"a body of its own\n".repeat(100)}`,
  );
  t.deepEqual(frozen?.state.frozen, { since: 2_000_000, why: "by hand" });
  await partition.record(idOf(1), [{ kind: "done", addresses: ["e@f.example"] }], { last: true });
  await partition.close();
  const again = await open(directory);
  t.is(again.count, 2, "and what is done to them is kept");
  await again.close();
  const hints = openHints({ directory: join(directory, "db"), now: () => 1_000_000 });
  t.like(hints.get("retry", "T:mx.example:192.0.2.1"), { updated: 1_000_000, value: { error: "refused_A" } });
  hints.close();
});
