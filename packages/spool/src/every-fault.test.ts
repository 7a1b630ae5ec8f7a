/**
 * A run of a partition's whole life in which the n-th call to the file system fails, for every n: once, and from then on.
 * What was acknowledged is there afterwards, what was ended is not, nothing is half a message, and nothing throws but faults.
 */
import test from "ava";
import { rmSync } from "node:fs";
import { SpoolFault } from "./faults.ts";
import type { SpoolFiles } from "./files.ts";
import { openPartition, type Partition } from "./partition.ts";
import { contentOf, envelopeOf, HEADERS, hurriedFiles, idOf, open, optionsFor, scratch } from "./testing/fixtures.ts";

type Failure = "once" | "ever" | "short";

interface Failing extends SpoolFiles {
  readonly calls: number;
}

/** The call number `at` fails with EIO, or writes a part only; reads after it work again unless it fails for ever. */
function failingAt(at: number, how: Failure): Failing {
  let calls = 0;
  const counts = (): boolean => (calls++, how === "ever" ? calls >= at : calls === at);
  const fails = (): boolean => how !== "short" && counts();
  const fault = (): Error => Object.assign(new Error("EIO: i/o error"), { code: "EIO" });
  const sync =
    <A extends unknown[], R>(call: (...args: A) => R) =>
    (...args: A): R => {
      if (fails()) throw fault();
      return call(...args);
    };
  const later =
    <A extends unknown[], R>(call: (...args: A) => Promise<R>) =>
    (...args: A): Promise<R> =>
      fails() ? Promise.reject(fault()) : call(...args);
  const shortWrite: SpoolFiles["write"] = (fd, octets, length, position) =>
    hurriedFiles.write(fd, octets, counts() ? Math.ceil(length / 3) : length, position);
  return {
    get calls() {
      return calls;
    },
    ...({
      open: sync(hurriedFiles.open),
      // A descriptor is free after close whatever it says (close(2)).
      close: hurriedFiles.close,
      write: how === "short" ? shortWrite : sync(hurriedFiles.write),
      writeLater: later(hurriedFiles.writeLater),
      truncate: sync(hurriedFiles.truncate),
      fdatasync: (fd, done) => (fails() ? void setImmediate(done, fault()) : hurriedFiles.fdatasync(fd, done)),
      syncDirectory: later(hurriedFiles.syncDirectory),
      read: later(hurriedFiles.read),
      readNow: sync(hurriedFiles.readNow),
      readFile: sync(hurriedFiles.readFile),
      size: sync(hurriedFiles.size),
      list: sync(hurriedFiles.list),
      rename: sync(hurriedFiles.rename),
      unlink: sync(hurriedFiles.unlink),
      mkdir: sync(hurriedFiles.mkdir),
    } satisfies SpoolFiles),
  } as Failing;
}

const COUNT = 14;
const bodyOf = (n: number): Buffer => Buffer.alloc(n % 5 === 4 ? 3000 : 20 + n * 40, `${n % 10}`);
const SETTINGS = { inlineLimit: 1000, segmentSize: 4096, preallocate: 2048, cacheSize: 0 } as const;

interface Lived {
  readonly taken: Set<number>;
  readonly refused: Set<number>;
  readonly ended: Set<number>;
  /** Asked to end, and told that it could not be written. */
  readonly ending: Set<number>;
}

async function live(partition: Partition): Promise<Lived> {
  const lived: Lived = { taken: new Set(), refused: new Set(), ended: new Set(), ending: new Set() };
  const tell = (error: unknown): void => {
    if (!(error instanceof SpoolFault)) throw error;
  };
  for (let n = 0; n < COUNT; n++) {
    const accepted = partition.accept({ envelope: envelopeOf(idOf(n)), headers: HEADERS, body: bodyOf(n) });
    await accepted.then(
      () => lived.taken.add(n),
      (error) => (tell(error), lived.refused.add(n)),
    );
    if (n % 2 === 1) await partition.record(idOf(n - 1), [{ kind: "done", addresses: ["c@d.example"] }]).catch(tell);
    if (n % 3 === 2 && lived.taken.has(n - 1))
      await partition.record(idOf(n - 1), [], { last: true }).then(
        () => lived.ended.add(n - 1),
        (error) => (tell(error), lived.ending.add(n - 1)),
      );
    const message = await Promise.resolve(partition.get(idOf(n))).catch(tell);
    await message?.body.read().catch(() => undefined);
  }
  await partition.compact().catch(() => {});
  await partition.close().catch(() => {});
  return lived;
}

const NOTHING: Lived = { taken: new Set(), refused: new Set(), ended: new Set(), ending: new Set() };

for (const how of ["once", "ever", "short"] as const) {
  test(`a fault at every call to the file system, ${how}`, async (t) => {
    let at = 1;
    for (; ; at++) {
      const directory = scratch(t);
      const before = await open(directory, { files: hurriedFiles, ...SETTINGS });
      await before.accept({ envelope: envelopeOf(idOf(100)), headers: HEADERS, body: bodyOf(1) });
      await before.close();
      const files = failingAt(at, how);
      const opened = await openPartition({ ...optionsFor(directory), ...SETTINGS, files, trouble: () => {} }).catch((error: unknown) => {
        if ((error as NodeJS.ErrnoException).code !== "EIO") throw error;
      });
      const lived = opened?.kind === "open" ? await live(opened.partition) : NOTHING;
      const again = await open(directory, { files: hurriedFiles, ...SETTINGS, trouble: () => {} });
      const what = `call ${at}, ${how}`;
      t.true(again.has(idOf(100)), `${what}: what was there before`);
      for (const n of lived.taken) {
        if (lived.ended.has(n)) t.false(again.has(idOf(n)), `${what}: message ${n} was ended`);
        else if (!lived.ending.has(n)) t.true(again.has(idOf(n)), `${what}: message ${n} was taken`);
      }
      for (const { id } of again.list()) {
        const n = Number(id.slice(7, 18));
        const content = await contentOf(await again.get(id));
        t.true(content?.endsWith(bodyOf(n === 100 ? 1 : n).toString()), `${what}: message ${n} is whole`);
      }
      // One that was refused and is found all the same comes twice; only a disk that fails for ever may do that.
      if (how !== "ever") for (const n of lived.refused) t.false(again.has(idOf(n)), `${what}: message ${n} was refused`);
      await again.close();
      rmSync(directory, { recursive: true });
      if (files.calls < at) break;
    }
    t.log(`${at} calls`);
  });
}
