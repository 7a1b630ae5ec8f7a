/**
 * Power that goes at every change of the disk, on a disk that keeps no more than it promised: what was acknowledged is
 * there, whole; what was ended is not; what was done is done.
 */
import test from "ava";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { openPartition, type Partition } from "./partition.ts";
import { contentOf, envelopeOf, HEADERS, idOf, optionsFor, scratch } from "./testing/fixtures.ts";
import { fragileDisk, type FragileDisk } from "./testing/fragile-disk.ts";

const SETTINGS = { inlineLimit: 1500, segmentSize: 6000, preallocate: 3000, cacheSize: 0 } as const;
/** Other numbers try other disks. */
const SEED = Number(process.env["POWER_SEED"] ?? 0);
const COUNT = 60;
const bodyOf = (n: number): Buffer => Buffer.alloc(n % 7 === 3 ? 4000 : 30 + n * 11, `${n} `);

interface Known {
  readonly taken: Set<number>;
  readonly done: Set<number>;
  readonly ended: Set<number>;
  /** Asked to end: may be gone. */
  readonly ending: Set<number>;
}

/** Several messages at once, so that syncs are shared; what is acknowledged is noted when it is. */
async function live(partition: Partition, known: Known, disk: FragileDisk): Promise<void> {
  const one = async (n: number): Promise<void> => {
    await partition.accept({ envelope: envelopeOf(idOf(n)), headers: HEADERS, body: bodyOf(n) });
    known.taken.add(n);
    if (n % 2 === 0) {
      await partition.record(idOf(n), [{ kind: "done", addresses: ["c@d.example"] }]);
      known.done.add(n);
    }
    if (n % 8 === 0) return;
    known.ending.add(n);
    await partition.record(idOf(n), [], { last: true });
    known.ended.add(n);
  };
  for (let n = 0; n < COUNT && !disk.failed; n += 4) {
    const some = Promise.allSettled([n, n + 1, n + 2, n + 3].map(one));
    await Promise.race([some, powerless(disk)]);
  }
  if (!disk.failed) await Promise.race([partition.compact(), powerless(disk)]).catch(() => {});
  if (!disk.failed) await Promise.race([partition.close(), powerless(disk)]).catch(() => {});
}

/** Resolves when the power is gone, and every call that was to come back has; never when `over` says that nobody waits. */
async function powerless(disk: FragileDisk): Promise<void> {
  while (!disk.failed && !over.has(disk)) await new Promise(setImmediate);
  for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
}

const over = new WeakSet<FragileDisk>();

/** Numbers that repeat. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48271) % 2147483647) / 2147483647;
}

test("power lost at every change of the disk", async (t) => {
  const directory = scratch(t);
  const options = (disk: FragileDisk, lane: string, troubles: string[] = []) => ({
    ...optionsFor(`${directory}/${lane}`),
    ...SETTINGS,
    files: disk.files,
    trouble: ({ kind, message }: { kind: string; message: string }) => void troubles.push(`${kind}: ${message}`),
  });
  const strange: string[] = [];
  let at = 1;
  for (; ; at++) {
    const lane = `run-${at}`;
    const disk = fragileDisk();
    const known: Known = { taken: new Set(), done: new Set(), ended: new Set(), ending: new Set() };
    disk.failAt(at);
    const opening = openPartition(options(disk, lane)).catch(() => undefined);
    const opened = await Promise.race([opening, powerless(disk).then(() => undefined)]);
    if (opened?.kind === "open") await live(opened.partition, known, disk);
    const whole = !disk.failed;
    over.add(disk);
    const random = seeded(at + SEED);
    const found = disk.after(random);
    const troubles: string[] = [];
    // The lock of the machine that was.
    rmSync(join(directory, lane, "input", "w1", "lock"), { force: true });
    const again = await openPartition(options(found, lane, troubles));
    if (again.kind !== "open") return t.fail(again.message);
    check(again.partition, known, `power lost at change ${at}`);
    for (const { id } of again.partition.list()) {
      const content = await contentOf(await again.partition.get(id));
      t.true(content?.endsWith(bodyOf(Number(id.slice(7, 18))).toString()), `change ${at}: ${id} is whole`);
    }
    // A write that was under way may be there in parts, with whole records behind the missing ones.
    strange.push(...troubles.filter((line) => !/^(?:tornTail|corrupt): .*offset [1-9]/.test(line)).map((line) => `change ${at}: ${line}`));
    await again.partition.close();
    if (whole) break;
  }
  t.deepEqual(strange, []);
  t.true(at > 100, `${at} changes`);

  function check(partition: Partition, known: Known, what: string): void {
    const left = new Map(partition.list().map((item) => [item.id, item]));
    for (const n of known.taken) {
      const item = left.get(idOf(n));
      if (known.ended.has(n)) t.is(item, undefined, `${what}: message ${n} was ended`);
      else if (!known.ending.has(n)) t.true(item !== undefined, `${what}: message ${n} was taken`);
      if (item !== undefined && known.done.has(n)) t.true(item.state.done.has("c@d.example"), `${what}: message ${n}, done`);
    }
  }
});
