import test from "ava";
import * as fc from "fast-check";
import { buildCdb, cdbFind, cdbHash } from "./cdb.ts";

test("the hash and the layout are those of the format", (t) => {
  t.is(cdbHash(""), 5381);
  t.is(cdbHash("a"), ((5381 * 33) ^ 97) >>> 0);
  const file = buildCdb([{ key: "one", data: "Hello" }]);
  t.is(file.length, 2048 + 8 + 3 + 5 + 16);
  t.is(file.subarray(2048).toString("latin1", 0, 16), "\x03\0\0\0\x05\0\0\0oneHello");
  const table = (cdbHash("one") & 0xff) * 8;
  t.deepEqual([file.readUInt32LE(table), file.readUInt32LE(table + 4)], [2064, 2]);
});

test("what is built is found, the first of equal keys", (t) => {
  const octets = fc.string({ unit: fc.constantFrom("a", "b", "\0", "\xff", "\n") });
  fc.assert(
    fc.property(fc.array(fc.record({ key: octets, data: octets }), { maxLength: 60 }), octets, (entries, other) => {
      const file = buildCdb(entries).toString("latin1");
      const first = new Map<string, string>();
      for (const { key, data } of entries) if (!first.has(key)) first.set(key, data);
      for (const [key, data] of first) t.deepEqual(cdbFind(file, key), { data });
      if (!first.has(other)) t.is(cdbFind(file, other), undefined);
    }),
  );
});

test("a damaged file is told, not followed", (t) => {
  const file = buildCdb([{ key: "a", data: "1" }]).toString("latin1");
  t.is(cdbFind("", "a"), "corrupt");
  for (let cut = 0; cut < file.length; cut++) t.not(typeof cdbFind(file.slice(0, cut), "a"), "number");
  fc.assert(
    fc.property(fc.nat(file.length - 1), fc.nat(255), (at, octet) => {
      const damaged = file.slice(0, at) + String.fromCharCode(octet) + file.slice(at + 1);
      const answer = cdbFind(damaged, "a");
      t.true(answer === undefined || answer === "corrupt" || typeof answer.data === "string");
    }),
  );
});
