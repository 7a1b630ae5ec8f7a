import test from "ava";
import { realFiles, type SpoolFiles } from "./files.ts";
import { verifySpool } from "./verify-spool.ts";
import { contentOf, envelopeOf, HEADERS, idOf, open, scratch } from "./testing/fixtures.ts";

/** The real file system, with a disk that can be told to fail. */
function brittleFiles(): SpoolFiles & { fail: { write?: string; sync?: string; open?: string; short?: number } } {
  const fail: { write?: string; sync?: string; open?: string; short?: number } = {};
  const fault = (code: string): Error => Object.assign(new Error(`${code}: the disk says no`), { code });
  return {
    ...realFiles,
    fail,
    open(path, flags, mode) {
      if (fail.open !== undefined && flags !== "r") throw fault(fail.open);
      return realFiles.open(path, flags, mode);
    },
    write(fd, octets, length, position) {
      if (fail.write !== undefined) throw fault(fail.write);
      if (fail.short !== undefined) {
        const count = Math.min(length, fail.short);
        fail.short -= count;
        return count === 0 ? 0 : realFiles.write(fd, octets, count, position);
      }
      return realFiles.write(fd, octets, length, position);
    },
    fdatasync(fd, done) {
      if (fail.sync !== undefined) setImmediate(done, fault(fail.sync));
      else realFiles.fdatasync(fd, done);
    },
  };
}

const message = (n: number, size = 5): { envelope: ReturnType<typeof envelopeOf>; headers: typeof HEADERS; body: Buffer } => ({
  envelope: envelopeOf(idOf(n)),
  headers: HEADERS,
  body: Buffer.alloc(size, "x"),
});

const KINDS = [
  ["no space in a write", { write: "ENOSPC" }, "ENOSPC"],
  ["an I/O error in a write", { write: "EIO" }, "EIO"],
  ["a write that stops half way", { short: 100 }, "ENOSPC"],
  ["a sync that fails", { sync: "EIO" }, "EIO"],
] as const;

for (const [what, fail, code] of KINDS) {
  test(`${what}: refused, the earlier ones stay, later ones are taken`, async (t) => {
    const directory = scratch(t);
    const files = brittleFiles();
    const partition = await open(directory, { files });
    await partition.accept(message(1));
    Object.assign(files.fail, fail);
    const refused = await Promise.allSettled([partition.accept(message(2)), partition.accept(message(3))]);
    for (const one of refused) t.like(one, { status: "rejected", reason: { name: "SpoolFault", code } });
    t.false(partition.has(idOf(2)));
    t.true((await contentOf(await partition.get(idOf(1))))?.endsWith("xxxxx"));
    for (const key of Object.keys(files.fail)) delete files.fail[key as keyof typeof files.fail];
    await partition.accept(message(2));
    await partition.accept(message(4));
    await partition.close();
    const again = await open(directory);
    t.deepEqual(
      again.list().map((item) => item.id),
      [1, 2, 4].map(idOf),
    );
    await again.close();
  });
}

test("a refused message does not come back after a restart", async (t) => {
  const directory = scratch(t);
  const files = brittleFiles();
  const partition = await open(directory, { files });
  await partition.accept(message(1));
  files.fail.sync = "EIO";
  await t.throwsAsync(partition.accept(message(2)), { code: "EIO" });
  await partition.close();
  const again = await open(directory);
  t.deepEqual(
    again.list().map((item) => item.id),
    [idOf(1)],
  );
  await again.close();
});

test("progress that could not be written holds, and is written with the next", async (t) => {
  const directory = scratch(t);
  const files = brittleFiles();
  const partition = await open(directory, { files });
  await partition.accept(message(1));
  files.fail.write = "ENOSPC";
  await t.throwsAsync(partition.record(idOf(1), [{ kind: "done", addresses: ["a@x"] }]), { code: "ENOSPC" });
  await partition.record(idOf(1), [{ kind: "log", line: "lost?" }], { sync: false });
  await t.throwsAsync(partition.record(idOf(1), [], { last: true }), { code: "ENOSPC" });
  t.true(partition.has(idOf(1)), "it could not be ended, so it is still there");
  t.true(partition.list()[0]?.state.done.has("a@x"));
  delete files.fail.write;
  await partition.record(idOf(1), [{ kind: "done", addresses: ["b@x"] }]);
  await partition.close();
  const again = await open(directory);
  t.deepEqual([...(again.list()[0]?.state.done ?? [])], ["a@x", "b@x"]);
  t.deepEqual(again.log(idOf(1)), ["lost?"]);
  await again.close();
});

test("no file can be made: refused, and taken when it can", async (t) => {
  const files = brittleFiles();
  const partition = await open(scratch(t), { files, inlineLimit: 1000 });
  files.fail.open = "EMFILE";
  await t.throwsAsync(partition.accept(message(2, 400_000)), { code: "EMFILE" });
  const writer = partition.newBody();
  t.throws(() => writer.write(Buffer.alloc(400_000)), { code: "EMFILE" });
  delete files.fail.open;
  await partition.accept(message(1));
  await partition.accept(message(2, 400_000));
  t.is(partition.count, 2);
  await partition.close();
});

test("a large body on a full disk is refused and leaves no file", async (t) => {
  const directory = scratch(t);
  const files = brittleFiles();
  const partition = await open(directory, { files, inlineLimit: 1000 });
  files.fail.short = 300_000;
  await t.throwsAsync(partition.accept(message(1, 400_000)), { code: "ENOSPC" });
  delete files.fail.short;
  t.deepEqual(files.list(`${partition.directory}/body`), []);
  await partition.close();
});

test("preparing ahead without room is no fault", async (t) => {
  const files = brittleFiles();
  files.writeLater = () => Promise.reject(Object.assign(new Error("full"), { code: "ENOSPC" }));
  const partition = await open(scratch(t), { files, preallocate: 4096 });
  await partition.accept(message(1));
  t.is(partition.count, 1);
  await partition.close();
});

test("a segment that the disk does not give to its end: what could be read goes on, the file stays, it is told", async (t) => {
  const directory = scratch(t);
  const partition = await open(directory);
  for (let n = 1; n <= 8; n++) await partition.accept(message(n, 200_000));
  await partition.close();
  const bad: SpoolFiles = {
    ...realFiles,
    readNow(fd, octets, position) {
      if (position + octets.length > 1_200_000) throw Object.assign(new Error("EIO: i/o error"), { code: "EIO" });
      return realFiles.readNow(fd, octets, position);
    },
  };
  const troubles: string[] = [];
  const again = await open(directory, { files: bad, trouble: ({ message: line }) => troubles.push(line) });
  t.deepEqual(troubles, ["spool partition w1, segment 1: cannot be read to its end (EIO); the file stays where it is"]);
  t.like(await verifySpool(directory, bad), { ok: false, partitions: [{ faults: [{ kind: "unreadable" }] }] });
  t.true(again.has(idOf(1)) && !again.has(idOf(8)), `${again.count} messages`);
  await again.accept(message(9));
  for (const n of [1, 9]) await again.record(idOf(n), [], { last: true });
  await again.compact();
  await again.close();
  const sound = await open(directory);
  t.deepEqual(
    sound.list().map(({ id }) => id),
    [2, 3, 4, 5, 6, 7, 8].map(idOf),
    "the disk gives it again",
  );
  await sound.close();
});

test("the disk is full while old segments are copied: nothing is lost, and nobody is left with a failure that nobody expects", async (t) => {
  const directory = scratch(t);
  const files = brittleFiles();
  let reads = 0;
  files.read = async (fd, octets, position) => {
    // The first copy is refused while the second one is still being read.
    if (++reads === 2) files.fail.write = "ENOSPC";
    for (let turn = 0; reads >= 2 && turn < 20; turn++) await new Promise(setImmediate);
    return realFiles.read(fd, octets, position);
  };
  // Heard of later is too late: a server has ended by then.
  const unexpected: unknown[] = [];
  const hear = (error: unknown): void => void unexpected.push(error);
  process.on("unhandledRejection", hear);
  t.teardown(() => void process.off("unhandledRejection", hear));
  const partition = await open(directory, { files, segmentSize: 4000, cacheSize: 0 });
  for (let n = 0; n < 60; n++) await partition.accept(message(n, 100));
  const ended = new Set<number>();
  for (let n = 0; n < 60 && files.fail.write === undefined; n++) {
    if (n % 9 < 3) continue;
    await partition.record(idOf(n), [], { last: true }).then(
      () => ended.add(n),
      () => {},
    );
  }
  await partition.compact().catch(() => {});
  t.is(files.fail.write, "ENOSPC", "it was copied from");
  t.deepEqual(unexpected, []);
  delete files.fail.write;
  await partition.close();
  const again = await open(directory);
  for (let n = 0; n < 60; n++) if (n % 9 < 3) t.true(again.has(idOf(n)), `message ${n}`);
  for (const n of ended) t.false(again.has(idOf(n)), `message ${n} was ended`);
  await again.close();
});
