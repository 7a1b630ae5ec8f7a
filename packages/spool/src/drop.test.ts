import test from "ava";
import { appendFileSync, linkSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { collectDrop, type DroppedMessage, type DropRefusal, makeDropDirectory, writeDrop } from "./drop.ts";
import { scratch } from "./testing/fixtures.ts";

const REQUEST = { sender: "a@b", recipients: ["c@d"], options: { F: "Caf\xe9", t: true } };
const MESSAGE = Buffer.from("Subject: x\n\nbody\xff\n", "latin1");

async function collect(directory: string, now = Date.now()): Promise<{ taken: DroppedMessage[]; refused: DropRefusal[] }> {
  const taken: DroppedMessage[] = [];
  const refused: DropRefusal[] = [];
  await collectDrop({
    directory,
    maxSize: 1_000_000,
    now,
    take: (dropped) => void taken.push(dropped),
    refuse: (refusal) => refused.push(refusal),
  });
  return { taken, refused };
}

test("what is dropped is collected, with the owner of the file, and stays until it is safe", async (t) => {
  const directory = join(scratch(t), "drop");
  makeDropDirectory(directory);
  t.is(statSync(directory).mode & 0o7777, 0o1733);
  const path = writeDrop(directory, "abcdef0123456789", REQUEST, MESSAGE);
  t.is(statSync(path).mode & 0o777, 0o600);
  const { taken, refused } = await collect(directory);
  t.deepEqual(refused, []);
  t.is(taken.length, 1);
  t.deepEqual(taken[0]?.request, REQUEST);
  t.true(taken[0]?.message.equals(MESSAGE));
  t.is(taken[0]?.uid, process.getuid?.());
  t.deepEqual(readdirSync(directory), ["abcdef0123456789"]);
  taken[0]?.done();
  t.deepEqual(readdirSync(directory), []);
});

test("names are checked, and a name is used once", (t) => {
  const directory = scratch(t);
  for (const name of ["../x/abcdefgh", ".hidden0", "short", "a/bcdefgh"]) {
    t.throws(() => writeDrop(directory, name, REQUEST, MESSAGE), { code: "EINVAL" });
  }
  writeDrop(directory, "abcdefgh", REQUEST, MESSAGE);
  t.throws(() => writeDrop(directory, "abcdefgh", REQUEST, MESSAGE), { code: "EEXIST" });
});

test("links, folders and second names are refused and removed; the target is untouched", async (t) => {
  const base = scratch(t);
  const directory = join(base, "drop");
  makeDropDirectory(directory);
  const secret = join(base, "secret");
  writeFileSync(secret, "mkdrop");
  symlinkSync(secret, join(directory, "symlink00"));
  linkSync(secret, join(directory, "hardlink0"));
  mkdirSync(join(directory, "folder000"));
  const { taken, refused } = await collect(directory);
  t.is(taken.length, 0);
  t.deepEqual(
    refused.map((r) => r.reason),
    ["is not a regular file", "has 2 names", "is a symbolic link"],
  );
  t.deepEqual(readdirSync(directory), []);
  t.is(readFileSync(secret, "utf8"), "mkdrop");
});

test("a file that is still being written waits, cut at every octet; too old, it goes", async (t) => {
  const directory = scratch(t);
  const whole = readFileSync(writeDrop(directory, "wholewhole", REQUEST, MESSAGE));
  const path = join(directory, "partpart");
  const { taken } = await collect(directory);
  taken[0]?.done();
  for (let cut = 0; cut < whole.length; cut++) {
    writeFileSync(path, whole.subarray(0, cut));
    const result = await collect(directory);
    t.deepEqual([result.taken.length, result.refused.length], [0, 0], `cut at ${cut}`);
  }
  utimesSync(path, 0, 0);
  t.like((await collect(directory)).refused, [{ reason: "is incomplete" }]);
  t.deepEqual(readdirSync(directory), []);
});

test("what is malformed, changed or too large is refused", async (t) => {
  const directory = scratch(t);
  appendFileSync(writeDrop(directory, "a-longer0", REQUEST, MESSAGE), "x");
  const changed = writeDrop(directory, "b-changed", REQUEST, MESSAGE);
  writeFileSync(changed, readFileSync(changed, "latin1").replace("body", "Body"), "latin1");
  writeFileSync(join(directory, "c-nothing"), "hello\n");
  writeDrop(directory, "d-request", { recipients: "c@d" } as never, MESSAGE);
  writeFileSync(join(directory, "e-large00"), Buffer.alloc(2_100_000));
  const { taken, refused } = await collect(directory);
  t.is(taken.length, 0);
  t.deepEqual(
    refused.map((r) => r.reason),
    ["is malformed", "is malformed", "is malformed", "is malformed", "is larger than 1000000 octets"],
  );
});
