import test from "ava";
import { toEntries } from "./entries.ts";
import { makeFilter, typedFilter } from "./filter.ts";
import type { LogWish } from "./filter.ts";

const ID = "1vNQwE-00000001AbC-2XyZ";
const [entry] = toEntries("main", [`2026-11-24 10:00:00 ${ID} => Paul@slow.example R=far T=smtp`], {});

const cases: readonly (readonly [string, Partial<LogWish>, boolean])[] = [
  ["nothing wanted", {}, true],
  ["a word", { words: ["SLOW"] }, true],
  ["two words, one is not there", { words: ["slow", "quick"] }, false],
  ["a word that must not be there", { words: ["!slow"] }, false],
  ["another one", { words: ["slow", "!quick"] }, true],
  ["an exclamation mark alone says nothing", { words: ["!"] }, true],
  ["the id", { ids: [ID] }, true],
  ["its beginning", { ids: ["1vNQwE"] }, true],
  ["another id", { ids: ["1vNQwF"] }, false],
  ["the address, any case", { addresses: ["paul@SLOW.example"] }, true],
  ["an end of it", { addresses: ["aul@slow.example"] }, false],
  ["a beginning of it", { addresses: ["paul@slow.exam"] }, false],
  ["a domain", { addresses: ["@slow.example"] }, true],
  ["an end of the domain", { addresses: ["@example"] }, false],
  ["the stream", { streams: new Set(["main"]) }, true],
  ["another stream", { streams: new Set(["reject", "panic"]) }, false],
];

for (const [name, wish, wanted] of cases) test(name, (t) => t.is(entry !== undefined && makeFilter(wish)(entry), wanted));

test("a final dot of a sentence does not hide an address", (t) => {
  const [other] = toEntries("main", ["2026-11-24 10:00:00 no mail for a@b.c."], {});
  t.true(other !== undefined && makeFilter({ addresses: ["a@b.c"] })(other));
});

test("typed words", (t) => {
  t.true(entry !== undefined && typedFilter("  slow  !quick ")(entry));
  t.false(entry !== undefined && typedFilter("slow quick")(entry));
});
