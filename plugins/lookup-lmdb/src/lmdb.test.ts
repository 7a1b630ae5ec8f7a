import test from "ava";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lookupCompliance } from "@mailkit/sdk/testing";
import fc from "fast-check";
import { Corrupt, findKey, readHead, type ReadOctets } from "./format.ts";
import { lmdb } from "./index.ts";
import { testFile } from "./test-file.ts";

const FOLDER = mkdtempSync(join(tmpdir(), "mailkit-lmdb-"));
const FILE = join(FOLDER, "db");

const from =
  (file: Buffer): ReadOctets =>
  (offset, length) =>
    file.subarray(offset, offset + length);

function find(file: Buffer, key: string): string | undefined {
  return findKey(from(file), readHead(from(file)), Buffer.from(key, "latin1"))?.toString("latin1");
}

test("keys of a file that mdb_load made", (t) => {
  const file = testFile();
  t.is(find(file, "a"), "1");
  t.is(find(file, "b"), "two words");
  t.is(find(file, "big"), "y".repeat(5000));
  for (let i = 1; i <= 250; i++) t.is(find(file, `key${i}`), "v");
  for (const key of ["A", "aa", "key", "key0", "key2500", "zz", "\0"]) t.is(find(file, key), undefined, key);
});

test("the newer head counts, other formats are refused", (t) => {
  const file = testFile();
  const { pageSize } = readHead(from(file));
  t.true(readHead(from(file)).transaction >= 1n);
  const edited = (offset: number, value: number): Buffer => {
    const copy = Buffer.from(file);
    copy.writeUInt32LE(value, offset);
    return copy;
  };
  t.throws(() => find(edited(16, 1), "a"), { instanceOf: Corrupt, message: "it is no LMDB file" });
  t.throws(() => find(edited(20, 2), "a"), { instanceOf: Corrupt, message: /version 2 of the LMDB file format/ });
  t.throws(() => find(edited(40, 1000), "a"), { instanceOf: Corrupt });
  t.throws(() => find(Buffer.from("root:x:0:0"), "a"), { instanceOf: Corrupt });
  t.throws(() => find(file.subarray(0, 2 * pageSize), "a"), { instanceOf: Corrupt }, "cut off");
});

test("a file with wrong octets in it gives an answer or a fault, and comes to an end", (t) => {
  const file = testFile();
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(file.length - 1), fc.nat(255)), { minLength: 1, maxLength: 60 }),
      fc.constantFrom("a", "big", "key77"),
      (edits, key) => {
        const copy = Buffer.from(file);
        for (const [offset, octet] of edits) copy[offset] = octet;
        try {
          find(copy, key);
        } catch (error) {
          t.true(error instanceof Corrupt || error instanceof RangeError, String(error));
        }
      },
    ),
    { numRuns: 2000 },
  );
});

test("faults are deferred, a key that cannot be there is not found", (t) => {
  const asked: string[] = [];
  const driver = lmdb({
    find: (path) => {
      asked.push(path);
      throw path === "/gone" ? Object.assign(new Error("ENOENT: x"), { code: "ENOENT" }) : new Corrupt("it is no LMDB file");
    },
    close: () => {},
  });
  const ask = (file: string, key: string) => driver.find({ file, key, options: "" }, {} as never);
  t.deepEqual(ask("/gone", "a"), { kind: "defer", message: "failed to open /gone for lmdb lookup: No such file or directory" });
  t.deepEqual(ask("/f", "a"), { kind: "defer", message: "failed to open /f for lmdb lookup: it is no LMDB file" });
  t.deepEqual(ask("/f", "k".repeat(512)), { kind: "notFound" });
  t.deepEqual(asked, ["/gone", "/f"]);
});

test.before(() => writeFileSync(FILE, testFile()));
test.after.always(() => rmSync(FOLDER, { recursive: true }));
lookupCompliance(test, () => lmdb(), [
  { title: "a key", file: FILE, key: "a", expect: "found" },
  { title: "no key", file: FILE, key: "c", expect: "notFound" },
  { title: "no file", file: join(FOLDER, "gone"), key: "a", expect: "defer" },
]);
