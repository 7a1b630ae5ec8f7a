import test from "ava";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openPartition } from "./partition.ts";
import { listPartitions, readPartition } from "./read-partition.ts";
import { contentOf, envelopeOf, HEADERS, idOf, open, optionsFor, scratch } from "./testing/fixtures.ts";
import { verifySpool } from "./verify-spool.ts";

const BODY = Buffer.from("hello\n");
const WHOLE = HEADERS.map((h) => h.text).join("") + "hello\n";

test("a message is there at once, after a restart, and not after its last record", async (t) => {
  const directory = scratch(t);
  const first = await open(directory);
  const stored = await first.accept({ envelope: envelopeOf(idOf(1)), headers: HEADERS, body: BODY });
  t.deepEqual(stored.envelope, envelopeOf(idOf(1)));
  t.is(await contentOf(stored), WHOLE);
  t.is(await contentOf(await first.get(idOf(1))), WHOLE);
  await first.close();

  const second = await open(directory);
  t.is(second.count, 1);
  const again = await second.get(idOf(1));
  t.deepEqual(again?.envelope, envelopeOf(idOf(1)));
  t.deepEqual(again?.headers, HEADERS);
  t.is(await contentOf(again), WHOLE);
  t.true(again?.state.first);
  await second.record(idOf(1), [{ kind: "done", addresses: ["c@d.example"] }], { last: true });
  t.is(await second.get(idOf(1)), undefined);
  t.is(second.count, 0);
  await second.close();
  t.deepEqual(readdirSync(join(directory, "input", "w1")), ["body", "lock"]);
  t.is((await open(directory)).count, 0);
});

test("progress is kept: state, log, edits", async (t) => {
  const directory = scratch(t);
  const first = await open(directory);
  const envelope = envelopeOf(idOf(1), { recipients: [{ address: "a@x" }, { address: "b@x" }, { address: "c@x" }] });
  const message = await first.accept({ envelope, headers: HEADERS, body: BODY });
  const why = { message: "451 later", failed: 5, nextTry: 9 };
  void first.record(idOf(1), [{ kind: "log", line: "one" }], { sync: false });
  await first.record(idOf(1), [
    { kind: "done", addresses: ["a@x"] },
    { kind: "attempted", at: 7, waiting: [["b@x", why]], warnings: 1 },
    { kind: "log", line: "two" },
  ]);
  await first.record(idOf(1), [
    { kind: "freeze", at: 8, why: "by hand" },
    { kind: "sender", sender: "new@x" },
    { kind: "queue", queueName: "slow" },
    { kind: "recipients", recipients: [{ address: "b@x" }, { address: "z@x" }] },
  ]);
  t.is(message.envelope.sender, "new@x", "a message that somebody holds shows the present");
  await first.close();

  const second = await open(directory);
  const item = second.list()[0];
  t.deepEqual(item?.envelope, { ...envelope, sender: "new@x", queueName: "slow", recipients: [{ address: "b@x" }, { address: "z@x" }] });
  t.deepEqual([...(item?.state.done ?? [])], ["a@x"]);
  t.deepEqual([...(item?.state.waiting ?? [])], [["b@x", why]]);
  t.like(item?.state, { frozen: { since: 8, why: "by hand" }, warnings: 1, lastAttempt: 7, first: false });
  t.deepEqual(second.log(idOf(1)), ["one", "two"]);
  await second.record(idOf(1), [{ kind: "thaw", manual: true }]);
  t.like(second.list()[0]?.state, { frozen: undefined, manuallyThawed: true });
  await second.close();
});

test("the list is in the order of ids", async (t) => {
  const partition = await open(scratch(t));
  await Promise.all([3, 1, 2].map((n) => partition.accept({ envelope: envelopeOf(idOf(n)), headers: HEADERS, body: BODY })));
  t.deepEqual(
    partition.list().map((item) => item.id),
    [1, 2, 3].map(idOf),
  );
  await partition.close();
});

test("an id comes in once", async (t) => {
  const partition = await open(scratch(t));
  const message = { envelope: envelopeOf(idOf(1)), headers: HEADERS, body: BODY };
  const [one, two] = await Promise.allSettled([partition.accept(message), partition.accept(message)]);
  t.is(one.status, "fulfilled");
  t.like(two, { status: "rejected", reason: { code: "EEXIST" } });
  await t.throwsAsync(partition.accept(message), { code: "EEXIST" });
  await t.throwsAsync(partition.record(idOf(9), []), { code: "ENOMSG" });
  await partition.close();
  await t.throwsAsync(partition.accept({ ...message, envelope: envelopeOf(idOf(2)) }), { code: "ECLOSED" });
});

test("a large body gets a file of its own, streamed or whole, and the file goes with the message", async (t) => {
  const directory = scratch(t);
  const partition = await open(directory, { inlineLimit: 1000 });
  const folder = join(directory, "input", "w1", "body");
  const text = Buffer.alloc(700_000, "0123456789\n");
  const writer = partition.newBody();
  for (let at = 0; at < text.length; at += 10_000) writer.write(text.subarray(at, at + 10_000));
  const body = await writer.end();
  t.is((await body.read(5, 20)).toString(), text.toString("latin1", 5, 25));
  await partition.accept({ envelope: envelopeOf(idOf(1)), headers: HEADERS, body });
  await partition.accept({ envelope: envelopeOf(idOf(2)), headers: HEADERS, body: text });
  t.is(readdirSync(folder).length, 2);
  await partition.close();

  const again = await open(directory, { inlineLimit: 1000 });
  for (const id of [idOf(1), idOf(2)]) {
    const message = await again.get(id);
    t.true((await message?.body.read())?.equals(text));
    const chunks: Buffer[] = [];
    for await (const chunk of message?.body.chunks() ?? []) chunks.push(chunk);
    t.true(Buffer.concat(chunks).equals(text));
  }
  await again.record(idOf(1), [], { last: true });
  t.is(readdirSync(folder).length, 1);
  await again.close();
});

test("bodies that no message names are removed at the start; small ones never had a file", async (t) => {
  const directory = scratch(t);
  const partition = await open(directory, { inlineLimit: 10 });
  const writer = partition.newBody();
  writer.write(Buffer.alloc(1000, "x"));
  await writer.end();
  const small = partition.newBody();
  small.write(Buffer.from("tiny"));
  t.is((await small.end()).file, undefined);
  const given = partition.newBody();
  given.write(Buffer.alloc(300_000, "x"));
  given.discard();
  await partition.close();
  const folder = join(directory, "input", "w1", "body");
  t.is(readdirSync(folder).length, 1);
  await (await open(directory)).close();
  t.is(readdirSync(folder).length, 0);
});

test("what an Exim left in input/ is no partition", (t) => {
  const directory = scratch(t);
  for (const folder of ["w1", "a"]) mkdirSync(join(directory, "input", folder), { recursive: true });
  writeFileSync(join(directory, "input", "1i3FVM-0008QX-DU-H"), "");
  t.deepEqual(
    listPartitions(directory).map(({ name }) => name),
    ["w1"],
  );
});

test("one writer; readers beside it; anybody after it", async (t) => {
  const directory = scratch(t);
  const partition = await open(directory);
  await partition.accept({ envelope: envelopeOf(idOf(1)), headers: HEADERS, body: BODY });
  t.like(await openPartition(optionsFor(directory)), { kind: "held" });
  t.like(listPartitions(directory), [{ name: "w1", held: true }]);
  const read = readPartition(partition.directory);
  if (read.kind !== "read") return t.fail();
  t.deepEqual(
    read.view.list().map((item) => item.id),
    [idOf(1)],
  );
  t.is(await contentOf(await read.view.get(idOf(1))), WHOLE);
  await partition.record(idOf(1), [], { last: true });
  await partition.accept({ envelope: envelopeOf(idOf(2)), headers: HEADERS, body: BODY });
  const later = readPartition(partition.directory);
  t.deepEqual(later.kind === "read" ? later.view.list().map((item) => item.id) : [], [idOf(2)]);
  await partition.close();
  t.like(listPartitions(directory), [{ name: "w1", held: false }]);
  const adopted = await open(directory);
  t.is(adopted.count, 1);
  await adopted.record(idOf(2), [], { last: true });
  await adopted.close({ removeWhenEmpty: true });
  t.false(existsSync(adopted.directory));
  t.like(readPartition(adopted.directory), { kind: "missing" });
});

test("a partition with mail in it is not removed", async (t) => {
  const directory = scratch(t);
  const partition = await open(directory);
  await partition.accept({ envelope: envelopeOf(idOf(1)), headers: HEADERS, body: BODY });
  await partition.close({ removeWhenEmpty: true });
  t.is((await open(directory)).count, 1);
});

test("close waits for what is on its way", async (t) => {
  const directory = scratch(t);
  const partition = await open(directory);
  const accepted = Array.from({ length: 20 }, (_, n) => partition.accept({ envelope: envelopeOf(idOf(n)), headers: HEADERS, body: BODY }));
  await partition.close();
  t.is((await Promise.all(accepted)).length, 20);
  t.is((await open(directory)).count, 20);
});

test("messages out of memory are read back", async (t) => {
  const partition = await open(scratch(t), { cacheSize: 2000 });
  const bodies = Array.from({ length: 30 }, (_, n) => Buffer.from(`body ${n}\n`.repeat(20)));
  await Promise.all(bodies.map((body, n) => partition.accept({ envelope: envelopeOf(idOf(n)), headers: HEADERS, body })));
  for (const [n, body] of bodies.entries()) t.true((await (await partition.get(idOf(n)))?.body.read())?.equals(body));
  await partition.close();
});

test("verify finds nothing wrong, and says how much there is", async (t) => {
  const directory = scratch(t);
  const partition = await open(directory, { inlineLimit: 3 });
  await partition.accept({ envelope: envelopeOf(idOf(1)), headers: HEADERS, body: BODY });
  await partition.close();
  t.like(await verifySpool(directory), { ok: true, partitions: [{ name: "w1", held: false, messages: 1, size: 6, faults: [] }] });
});

test("due: when its time has come, or when the clock that said so was set back since", async (t) => {
  const partition = await open(scratch(t));
  const DAY = 86_400_000;
  const waiting = (nextTry: number): [string, { text: string; errno: number; extra: number; nextTry: number }][] => [
    ["c@d.example", { text: "later", errno: 0, extra: 0, nextTry }],
  ];
  for (const [n, at] of [10 * DAY, 400 * DAY].entries()) {
    await partition.accept({ envelope: envelopeOf(idOf(n)), headers: HEADERS, body: BODY });
    await partition.record(idOf(n), [{ kind: "attempted", at, waiting: waiting(at + DAY) as never, warnings: 0 }]);
  }
  const due = (at: number): string[] =>
    partition
      .due(at)
      .map(({ id }) => id)
      .sort();
  t.deepEqual(due(10 * DAY), [idOf(1)]);
  t.deepEqual(due(11 * DAY), [idOf(0), idOf(1)]);
  t.deepEqual(due(400 * DAY), [idOf(0)]);
  await partition.close();
});
