import test from "ava";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isFault } from "@mailkit/sdk";
import { makeFileService } from "./files.ts";

/** A clock far ahead: no file is fresh, so that caching can be seen. */
const LATER = () => Number.MAX_SAFE_INTEGER;

test.beforeEach((t) => {
  t.context = mkdtempSync(join(tmpdir(), "files-"));
});
test.afterEach.always((t) => rmSync(t.context as string, { recursive: true, force: true }));

test("reads octets, and says what is wrong like the C library", (t) => {
  const folder = t.context as string;
  const files = makeFileService();
  writeFileSync(join(folder, "f"), Buffer.from([0x61, 0xc3, 0xa9, 0xff]));
  t.is(files.read(join(folder, "f")), "a\xc3\xa9\xff");
  t.deepEqual(files.read(join(folder, "none")), { code: "ENOENT", message: "No such file or directory" });
  t.deepEqual(files.read(folder), { code: "EISDIR", message: "Is a directory" });
  t.deepEqual(files.read(join(folder, "f", "g")), { code: "ENOTDIR", message: "Not a directory" });
  t.deepEqual(files.read("/etc\0/passwd"), { code: "ENOENT", message: "No such file or directory" });
  t.deepEqual(files.read("/dev/zero"), { code: "EINVAL", message: "Not a regular file" });
  t.is(files.read("/dev/null"), "");
  t.like(makeFileService({ maxSize: 3 }).read(join(folder, "f")), { code: "EFBIG" });
});

test("what is derived is kept until the file changes", (t) => {
  const path = join(t.context as string, "f");
  const files = makeFileService({ now: LATER });
  let parsed = 0;
  const lengthOf = () =>
    files.derived(path, "length", (content) => {
      parsed++;
      return content.length;
    });
  writeFileSync(path, "abc");
  utimesSync(path, 1000, 1000);
  t.deepEqual(lengthOf(), { value: 3 });
  t.deepEqual(lengthOf(), { value: 3 });
  t.is(parsed, 1);
  t.deepEqual(
    files.derived(path, "upper", (content) => content.toUpperCase()),
    { value: "ABC" },
  );
  writeFileSync(path, "abcd");
  utimesSync(path, 1000, 1000);
  t.deepEqual(lengthOf(), { value: 4 });
  rmSync(path);
  t.like(lengthOf(), { code: "ENOENT" });
  writeFileSync(path, "ab");
  t.deepEqual(lengthOf(), { value: 2 });
  t.is(parsed, 3);
});

test("a file that changed just now is read again: its time stamps may not tell", (t) => {
  const path = join(t.context as string, "f");
  const files = makeFileService({ now: () => 0 });
  writeFileSync(path, "one");
  t.is(files.read(path), "one");
  writeFileSync(path, "two");
  t.is(files.read(path), "two");
});

test("only so much is kept, and everything can still be read", (t) => {
  const folder = t.context as string;
  const files = makeFileService({ now: LATER, maxFiles: 2, maxKept: 5 });
  for (const name of ["a", "b", "c"]) writeFileSync(join(folder, name), `${name}${name}${name}`);
  for (let round = 0; round < 2; round++) {
    for (const name of ["a", "b", "c"]) t.is(files.read(join(folder, name)), `${name}${name}${name}`);
  }
});

test("stat and list", (t) => {
  const folder = t.context as string;
  const files = makeFileService();
  mkdirSync(join(folder, "d"));
  writeFileSync(join(folder, "f"), "12345");
  symlinkSync("f", join(folder, "l"));
  t.like(files.stat(join(folder, "f")), { kind: "file", size: 5, links: 1 });
  t.like(files.stat(join(folder, "d")), { kind: "directory" });
  t.like(files.stat(join(folder, "l")), { kind: "file" });
  t.like(files.stat(join(folder, "l"), { follow: false }), { kind: "symlink" });
  t.like(files.stat(join(folder, "none")), { code: "ENOENT" });
  const names = files.list(folder);
  if (names instanceof Promise || isFault(names as object)) return t.fail();
  t.deepEqual([...(names as readonly string[])].sort(), ["d", "f", "l"]);
  t.like(files.list(join(folder, "none")), { code: "ENOENT" });
});
