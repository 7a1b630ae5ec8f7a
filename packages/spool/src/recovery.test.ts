import test from "ava";
import { mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { SpoolTrouble } from "./faults.ts";
import { SEGMENT_HEADER, segmentHeader, segmentName, stampRecord } from "./format.ts";
import { openPartition, type Partition } from "./partition.ts";
import { scanSegment } from "./segment-scan.ts";
import { contentOf, envelopeOf, HEADERS, hurriedFiles, idOf, open, optionsFor, scratch } from "./testing/fixtures.ts";
import { verifySpool } from "./verify-spool.ts";

const COUNT = 6;

/** A segment with messages 0..5, 0 done, 1 with progress. Returns its octets and where each record begins. */
async function makeSegment(directory: string): Promise<{ octets: Buffer; starts: number[]; path: string }> {
  const partition = await open(directory);
  for (let n = 0; n < COUNT; n++) {
    await partition.accept({ envelope: envelopeOf(idOf(n)), headers: HEADERS, body: Buffer.from(`body ${n}\n`) });
  }
  await partition.record(idOf(1), [{ kind: "done", addresses: ["x@y"] }]);
  await partition.record(idOf(0), [], { last: true });
  await partition.close();
  const path = join(directory, "input", "w1", segmentName(1));
  const octets = readFileSync(path);
  const starts = scanSegment(octets, 1).map((item) => (item.kind === "record" ? item.offset : -1));
  return { octets, starts, path };
}

async function reopen(directory: string): Promise<{ partition: Partition; troubles: SpoolTrouble[] }> {
  const troubles: SpoolTrouble[] = [];
  const partition = await open(directory, { trouble: (trouble) => troubles.push(trouble), files: hurriedFiles });
  return { partition, troubles };
}

function replaceWith(directory: string, octets: Buffer): void {
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(join(directory, "input", "w1"), { recursive: true });
  writeFileSync(join(directory, "input", "w1", segmentName(1)), octets);
}

test("cut at every octet, the records before the cut are found, and nothing else", async (t) => {
  const { octets, starts } = await makeSegment(scratch(t));
  const ends = [...starts.slice(1), octets.length - 24];
  for (let cut = SEGMENT_HEADER; cut <= octets.length; cut++) {
    const items = scanSegment(octets.subarray(0, cut), 1);
    t.is(items.filter((item) => item.kind === "record").length, ends.filter((end) => end <= cut).length);
    t.true(items.every((item) => item.kind === "record" || item.kind === "tornTail"));
  }
});

test("cut anywhere: all messages before the cut are there, and mail goes on", async (t) => {
  const directory = scratch(t);
  const { octets, starts } = await makeSegment(directory);
  const ends = [...starts.slice(1), octets.length - 24];
  for (let cut = SEGMENT_HEADER; cut <= octets.length; cut += 29) {
    replaceWith(directory, octets.subarray(0, cut));
    const { partition, troubles } = await reopen(directory);
    const whole = ends.filter((end) => end <= cut).length;
    const messages = Math.min(COUNT, whole) - (whole === COUNT + 2 ? 1 : 0);
    t.is(partition.count, messages, `cut at ${cut}`);
    const clean = starts.includes(cut) || cut >= (ends.at(-1) as number);
    t.deepEqual(
      troubles.map((trouble) => trouble.kind),
      clean || (cut === SEGMENT_HEADER && messages === 0) ? [] : ["tornTail"],
      `cut at ${cut}`,
    );
    await partition.accept({ envelope: envelopeOf(idOf(100)), headers: HEADERS, body: Buffer.from("new\n") });
    await partition.close();
    const again = await reopen(directory);
    t.is(again.partition.count, messages + 1);
    t.deepEqual(again.troubles, [], "a stretch is reported once");
    await again.partition.close();
  }
});

test("a flipped bit anywhere costs one record at most, is reported, and goes aside", async (t) => {
  const directory = scratch(t);
  const { octets } = await makeSegment(directory);
  let seed = 7;
  for (let round = 0; round < 80; round++) {
    seed = (seed * 48271) % 2147483647;
    const bit = seed % (octets.length * 8);
    const damaged = Buffer.from(octets);
    damaged[bit >> 3] = (damaged[bit >> 3] as number) ^ (1 << (bit & 7));
    replaceWith(directory, damaged);
    const { partition, troubles } = await reopen(directory);
    t.true(partition.count >= COUNT - 2 && partition.count <= COUNT, `bit ${bit}: ${partition.count} messages`);
    for (const { id } of partition.list()) {
      const n = Number(id.slice(7, 18));
      t.true((await contentOf(await partition.get(id)))?.endsWith(`body ${n}\n`));
    }
    const lost = COUNT - 1 - partition.count;
    if (lost > 0) t.is(troubles.length, 1);
    for (const trouble of troubles) t.true(trouble.savedAs.length > 0);
    await partition.close();
    const again = await reopen(directory);
    t.is(again.partition.count, partition.count);
    t.deepEqual(again.troubles, [], "reported once");
    await again.partition.close();
  }
});

test("what can be read of a damaged message is kept as text, and its id is named", async (t) => {
  const directory = scratch(t);
  const { octets, starts } = await makeSegment(directory);
  const damaged = Buffer.from(octets);
  const body = damaged.indexOf("body 3");
  damaged[body] = 0x42;
  t.true(body > (starts[3] as number));
  replaceWith(directory, damaged);
  t.like(await verifySpool(directory), { ok: false, partitions: [{ messages: COUNT - 2, faults: [{ kind: "corrupt" }] }] });
  const { partition, troubles } = await reopen(directory);
  t.like(troubles, [{ kind: "corrupt", id: idOf(3), partition: "w1", segment: 1 }]);
  t.is(troubles.length, 1);
  const names = readdirSync(join(directory, "corrupt")).sort();
  t.deepEqual(names, [`w1-1-${starts[3]}.eml`, `w1-1-${starts[3]}.record`]);
  const text = readFileSync(join(directory, "corrupt", names[0] as string), "latin1");
  t.true(text.includes("From: a@b.example\n") && text.endsWith("\n\nBody 3\n"));
  t.deepEqual(
    partition.list().map((item) => item.id),
    [1, 2, 4, 5].map(idOf),
  );
  t.deepEqual([...(partition.list()[0]?.state.done ?? [])], ["x@y"]);
  await partition.close();
  t.like(await verifySpool(directory), { ok: true });
});

test("a body that looks like a record is not one, even when its own record is damaged", async (t) => {
  const directory = scratch(t);
  const partition = await open(directory);
  const donor = await makeDonor(t, idOf(66));
  stampRecord(donor, 0, { segment: 1, nonce: 0 });
  await partition.accept({ envelope: envelopeOf(idOf(1)), headers: HEADERS, body: Buffer.concat([donor, Buffer.alloc(50, "z")]) });
  await partition.accept({ envelope: envelopeOf(idOf(2)), headers: HEADERS, body: Buffer.from("x") });
  await partition.close();
  const path = join(directory, "input", "w1", segmentName(1));
  const octets = readFileSync(path);
  octets[SEGMENT_HEADER + 8] = 0xff;
  writeFileSync(path, octets);
  const { partition: again } = await reopen(directory);
  t.deepEqual(
    again.list().map((item) => item.id),
    [idOf(2)],
  );
  await again.close();
});

async function makeDonor(t: Parameters<typeof scratch>[0], id: string): Promise<Buffer> {
  const directory = scratch(t);
  const partition = await open(directory);
  await partition.accept({ envelope: envelopeOf(id), headers: HEADERS, body: Buffer.from("evil") });
  await partition.close();
  const octets = readFileSync(join(directory, "input", "w1", segmentName(1)));
  return Buffer.from(octets.subarray(SEGMENT_HEADER, octets.length - 24));
}

test("another version is refused, with both numbers", async (t) => {
  const directory = scratch(t);
  await makeSegment(directory);
  const path = join(directory, "input", "w1", segmentName(1));
  const octets = readFileSync(path);
  const other = segmentHeader({ segment: 1, nonce: 1 }, 0);
  other.writeUInt32LE(9, 8);
  const { crc32 } = await import("node:zlib");
  other.writeUInt32LE(crc32(other.subarray(0, 28)), 28);
  other.copy(octets, 0, 0, 32);
  writeFileSync(path, octets);
  const result = await openPartition(optionsFor(directory));
  t.is(result.kind, "refused");
  t.regex(result.kind === "refused" ? result.message : "", /000000000001\.seg has spool format 9; this mailkit reads format 1$/);
  t.like(await verifySpool(directory), { ok: false, partitions: [{ faults: [{ kind: "version" }] }] });
  octets.copy(octets, 0, 32, 64);
  writeFileSync(path, octets);
  t.is((await open(directory)).count, COUNT - 1, "the lock was let go");
});

test("a segment header of which one copy is damaged is enough; an empty file is nothing", async (t) => {
  const directory = scratch(t);
  const { octets } = await makeSegment(directory);
  const damaged = Buffer.from(octets);
  damaged.fill(0xee, 0, 32);
  replaceWith(directory, damaged);
  writeFileSync(join(directory, "input", "w1", segmentName(2)), "");
  writeFileSync(join(directory, "input", "w1", segmentName(3)), Buffer.alloc(5000));
  const { partition, troubles } = await reopen(directory);
  t.is(partition.count, COUNT - 1);
  t.deepEqual(troubles, []);
  await partition.close();
});

test("a message whose body file is gone is reported, its headers are kept", async (t) => {
  const directory = scratch(t);
  const partition = await open(directory, { inlineLimit: 2 });
  await partition.accept({ envelope: envelopeOf(idOf(1)), headers: HEADERS, body: Buffer.from("hello\n") });
  await partition.close();
  const folder = join(directory, "input", "w1", "body");
  for (const name of readdirSync(folder)) rmSync(join(folder, name));
  t.like(await verifySpool(directory), { ok: false, partitions: [{ faults: [{ kind: "missingBody", id: idOf(1) }] }] });
  const { partition: again, troubles } = await reopen(directory);
  t.like(troubles, [{ kind: "missingBody", id: idOf(1) }]);
  t.is(again.count, 0);
  t.true(readFileSync(troubles[0]?.savedAs[1] ?? "", "latin1").includes("From: a@b.example\n"));
  await again.close();
});

test("a body file that is too short is an error when it is read, never half a message", async (t) => {
  const directory = scratch(t);
  const partition = await open(directory, { inlineLimit: 2 });
  await partition.accept({ envelope: envelopeOf(idOf(1)), headers: HEADERS, body: Buffer.from("hello\n") });
  const folder = join(directory, "input", "w1", "body");
  truncateSync(join(folder, readdirSync(folder)[0] as string), 3);
  const message = await partition.get(idOf(1));
  await t.throwsAsync(async () => message?.body.read(), { code: "ESHORT" });
  await partition.close();
});

test("an unfinished write that a start has put aside is no fault of the spool any more; another one at its place is", async (t) => {
  const directory = scratch(t);
  const { octets } = await makeSegment(directory);
  for (const [count, cut] of [40, 41].entries()) {
    replaceWithSegment(directory, octets.subarray(0, octets.length - 24 - cut));
    t.like(await verifySpool(directory), { ok: false, partitions: [{ faults: [{ kind: "tornTail" }] }] });
    const { partition, troubles } = await reopen(directory);
    t.is(troubles.length, 1);
    await partition.close();
    t.like(await verifySpool(directory), { ok: true, partitions: [{ faults: [] }] });
    t.is(readdirSync(join(directory, "corrupt")).filter((name) => name.endsWith(".record")).length, count + 1, "neither is lost");
  }
});

/** The folder stays as it is but for its segments: numbers begin anew. */
function replaceWithSegment(directory: string, octets: Buffer): void {
  const input = join(directory, "input", "w1");
  for (const name of readdirSync(input)) if (name.endsWith(".seg")) rmSync(join(input, name));
  writeFileSync(join(input, segmentName(1)), octets);
}
