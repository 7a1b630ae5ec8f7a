import test from "ava";
import fc from "fast-check";
import { execFileSync } from "node:child_process";
import { mkdtempSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Mailbox, MailboxOpened } from "./mailbox.ts";
import { openMaildir } from "./maildir.ts";
import { cutMbox, openMbox } from "./mbox.ts";
import { readingAhead } from "./read-ahead.ts";
import { newWireCounter, stuffed, topOf, toWire, wireSize } from "./wire.ts";

const b = (text: string): Buffer => Buffer.from(text, "latin1");

const wires: readonly [string, string][] = [
  ["a\nb\n", "a\r\nb\r\n"],
  ["a\r\nb\n", "a\r\nb\r\n"],
  ["a", "a\r\n"],
  ["", ""],
  ["\n\n", "\r\n\r\n"],
  ["a\r", "a\r\r\n"],
];
for (const [stored, wire] of wires) {
  test(`wire form of ${JSON.stringify(stored)}, and its size`, (t) => {
    t.is(toWire(b(stored)).toString("latin1"), wire);
    t.is(wireSize(b(stored)), wire.length);
  });
}

test("dots at line starts are doubled", (t) => {
  t.is(stuffed(b(".\r\na\r\n..b\r\n")).toString(), "..\r\na\r\n...b\r\n.\r\n");
  t.is(stuffed(b("")).toString(), ".\r\n");
});

test("TOP gives the header and the first lines", (t) => {
  const wire = b("S: x\r\n\r\n1\r\n2\r\n3\r\n");
  t.is(topOf(wire, 0).toString(), "S: x\r\n\r\n");
  t.is(topOf(wire, 2).toString(), "S: x\r\n\r\n1\r\n2\r\n");
  t.is(topOf(wire, 9).toString(), wire.toString());
});

test("an mbox is cut at From lines behind an empty line only", (t) => {
  const text = "From a x\nS: 1\n\nbody\nFrom inside\n\nFrom b y\nS: 2\n\nend\n";
  const parts = cutMbox(b(text)).map((e) => text.slice(e.from, e.to));
  t.deepEqual(parts, ["S: 1\n\nbody\nFrom inside\n", "S: 2\n\nend\n"]);
  t.deepEqual(cutMbox(b("not a mailbox\n")), []);
});

function opened(result: MailboxOpened): Mailbox {
  if (!result.ok) throw new Error(result.text);
  return result.mailbox;
}

test("Maildir: sizes as RETR sends them, ids stable, deletion at update only", async (t) => {
  const path = mkdtempSync(join(tmpdir(), "pop3-"));
  for (const folder of ["new", "cur", "tmp"]) mkdirSync(join(path, folder));
  writeFileSync(join(path, "new", "2.host"), "S: two\n\nx\n");
  writeFileSync(join(path, "cur", "1.host:2,S"), "S: one\n\nx\n");
  const box = opened(await openMaildir(path));
  t.deepEqual(box.messages, [
    { size: 13, uid: "1.host" },
    { size: 13, uid: "2.host" },
  ]);
  t.is((await box.read(1, undefined)).toString(), "S: two\r\n\r\nx\r\n");
  t.is(readdirSync(join(path, "cur")).length, 1);
  t.is(await box.update([0], [1]), 0);
  await box.release();
  t.deepEqual(readdirSync(join(path, "cur")), ["2.host:2,S"]);
  const again = opened(await openMaildir(path));
  t.deepEqual(again.messages, [{ size: 13, uid: "2.host" }]);
  await again.release();
});

test("Maildir: sessions side by side; what one has moved the other finds, what one has removed counts as removed", async (t) => {
  const path = mkdtempSync(join(tmpdir(), "pop3-"));
  for (const folder of ["new", "cur", "tmp"]) mkdirSync(join(path, folder));
  for (const name of ["1.host", "2.host", "3.host"]) writeFileSync(join(path, "new", name), `S: ${name}\n\nx\n`);
  const one = opened(await openMaildir(path));
  const other = opened(await openMaildir(path));
  t.is(await one.update([0], [1]), 0);
  await one.release();
  t.is((await other.read(1, undefined)).toString(), "S: 2.host\r\n\r\nx\r\n");
  await t.throwsAsync(other.read(0, undefined), { code: "ENOENT" });
  t.is(await other.update([0, 1], []), 0);
  t.deepEqual([readdirSync(join(path, "new")), readdirSync(join(path, "cur"))], [["3.host"], []]);
});

test("Maildir: a link, a folder and a pipe in the place of a message are not followed, not listed, not waited for", async (t) => {
  const path = mkdtempSync(join(tmpdir(), "pop3-"));
  for (const folder of ["new", "cur", "tmp"]) mkdirSync(join(path, folder));
  symlinkSync("/etc/passwd", join(path, "new", "1.link"));
  mkdirSync(join(path, "cur", "3.folder"));
  execFileSync("mkfifo", [join(path, "new", "2.pipe")]);
  t.deepEqual(opened(await openMaildir(path)).messages, [{ size: 0, uid: "2.pipe" }]);
});

test("Maildir: files larger than the window are counted and read whole", async (t) => {
  const path = mkdtempSync(join(tmpdir(), "pop3-"));
  for (const folder of ["new", "cur", "tmp"]) mkdirSync(join(path, folder));
  const text = `S: x\n\n${"a line of text\n".repeat(20_000)}no end`;
  writeFileSync(join(path, "new", "1.host"), text);
  const box = opened(await openMaildir(path));
  const wire = toWire(b(text));
  t.deepEqual(box.messages, [{ size: wire.length, uid: "1.host" }]);
  t.true((await box.read(0, undefined)).equals(wire));
});

test("the size on the wire does not depend on where pieces are cut", (t) => {
  fc.assert(
    fc.property(fc.array(fc.array(fc.constantFrom("\r", "\n", "a")).map((some) => some.join(""))), (pieces) => {
      const counter = newWireCounter();
      for (const piece of pieces) counter.push(b(piece));
      return counter.size() === toWire(b(pieces.join(""))).length;
    }),
  );
  t.pass();
});

test("the next message is read ahead, a fault is told when it is asked for", async (t) => {
  const asked: number[] = [];
  let broken = true;
  const box = readingAhead({
    messages: [1, 2, 3].map((n) => ({ size: n === 3 ? 1_000_000 : 10, uid: String(n) })),
    read: async (index) => {
      asked.push(index);
      if (index === 1 && broken) throw new Error("no such message");
      return b(String(index));
    },
    update: async () => 0,
    release: async () => {},
  });
  t.is((await box.read(0, undefined)).toString(), "0");
  t.deepEqual(asked, [0, 1]);
  await t.throwsAsync(box.read(1, undefined));
  broken = false;
  t.is((await box.read(1, undefined)).toString(), "1");
  // The third is too large to be held in advance.
  t.deepEqual(asked, [0, 1, 1, 1]);
  t.is((await box.read(0, undefined)).toString(), "0");
  t.is((await box.read(1, undefined)).toString(), "1");
  t.deepEqual(asked, [0, 1, 1, 1, 0, 1]);
});

test("Maildir that nobody wrote to yet is empty", async (t) => {
  const box = opened(await openMaildir(join(tmpdir(), "pop3-none", String(process.pid))));
  t.deepEqual(box.messages, []);
});

test("mbox: what is appended while the session runs stays", async (t) => {
  const file = join(mkdtempSync(join(tmpdir(), "pop3-")), "fred");
  writeFileSync(file, "From a x\nS: 1\n\none\n\nFrom b y\nS: 2\n\ntwo\n\n");
  const box = opened(await openMbox(file));
  t.deepEqual(
    box.messages.map((m) => m.size),
    [13, 13],
  );
  writeFileSync(file, "From c z\nS: 3\n\nthree\n\n", { flag: "a" });
  t.is(await box.update([0], []), 0);
  await box.release();
  t.is(readFileSync(file, "latin1"), "From b y\nS: 2\n\ntwo\n\nFrom c z\nS: 3\n\nthree\n\n");
  t.deepEqual(readdirSync(join(file, "..")), ["fred"]);
});

test("mbox: a file that another program rewrote is left alone", async (t) => {
  const file = join(mkdtempSync(join(tmpdir(), "pop3-")), "fred");
  writeFileSync(file, "From a x\nS: 1\n\none\n\n");
  const box = opened(await openMbox(file));
  writeFileSync(file, "From q q\nS: 9\n\nother\n\n");
  t.is(await box.update([0], []), 1);
  await box.release();
  t.is(readFileSync(file, "latin1"), "From q q\nS: 9\n\nother\n\n");
});
