import test from "ava";
import * as fc from "fast-check";
import { keysOf } from "./keys.ts";
import { bench } from "./test-support.ts";

const { lookups } = bench();

/** Written, and what it is or what Exim 4.96 says. */
const TYPES: readonly (readonly [string, object | string])[] = [
  ["lsearch", { type: "lsearch", style: "single-key", starDefault: "none", options: "" }],
  ["lsearch*", { type: "lsearch", starDefault: "*" }],
  ["lsearch*@", { type: "lsearch", starDefault: "*@" }],
  ["lsearch*x", { type: "lsearch", starDefault: "*" }],
  ["lsearch,ret=key", { type: "lsearch", starDefault: "none", options: "ret=key" }],
  ["lsearch*@,ret=key", { type: "lsearch", starDefault: "*@", options: "ret=key" }],
  ["lsearch,ret=key*", 'unknown lookup type "lsearch,ret=key"'],
  ["partial-lsearch", { type: "lsearch", partial: { minimum: 2, affix: "*." } }],
  ["partial5-lsearch*", { type: "lsearch", partial: { minimum: 5, affix: "*." }, starDefault: "*" }],
  ["partial0(.)lsearch", { type: "lsearch", partial: { minimum: 0, affix: "." } }],
  ["partial1()cdb", { type: "cdb", partial: { minimum: 1, affix: "" } }],
  ["partial0(*)lsearch", { partial: { minimum: 0, affix: "*" } }],
  ["partial0(zz)lsearch", 'format error in lookup type "partial0(zz)lsearch"'],
  ["partialx-lsearch", 'format error in lookup type "partialx-lsearch"'],
  ["partiallsearch", 'format error in lookup type "partiallsearch"'],
  ["partial3(lsearch", 'format error in lookup type "partial3(lsearch"'],
  ["partial-nolook", 'unknown lookup type "nolook"'],
  ["partial-passwd", '"partial" is not permitted for lookup type "passwd"'],
  ["passwd*", 'defaults using "*" or "*@" are not permitted for lookup type "passwd*"'],
  ["passwd", { type: "passwd", style: "query" }],
  ["LSEARCH", 'unknown lookup type "LSEARCH"'],
  ["sqlite,file=/a/b", { type: "sqlite", style: "query", options: "file=/a/b" }],
];

for (const [written, expected] of TYPES) {
  test(`type ${written}`, (t) => {
    const spec = lookups.parse(written);
    if (typeof expected === "string") t.is(spec, expected);
    else t.like(spec as object, expected);
  });
}

/** Type, key, keys in order; manual §"Partial matching in single-key lookups", §"Default values in single-key lookups". */
const KEYS: readonly (readonly [string, string, readonly string[]])[] = [
  ["lsearch", "a.b", ["a.b"]],
  [
    "partial-lsearch",
    "2250.dates.fict.example",
    ["2250.dates.fict.example", "*.2250.dates.fict.example", "*.dates.fict.example", "*.fict.example"],
  ],
  ["partial3-lsearch", "a.b.c.d", ["a.b.c.d", "*.a.b.c.d", "*.b.c.d"]],
  ["partial-lsearch", "ex", ["ex", "*.ex"]],
  ["partial(.)lsearch", "a.b.c", ["a.b.c", ".a.b.c", ".b.c"]],
  ["partial1()cdb", "a.b.c", ["a.b.c", "b.c", "c"]],
  ["partial0()lsearch", "a.b", ["a.b", "b"]],
  ["partial0(.)lsearch", "a.b", ["a.b", ".a.b", ".b", "."]],
  ["partial0-lsearch", "a.b", ["a.b", "*.a.b", "*.b", "*"]],
  ["partial0(*)lsearch", "a", ["a", "*a", "*"]],
  ["partial-lsearch*", "a.b.c", ["a.b.c", "*.a.b.c", "*.b.c", "*"]],
  ["lsearch*@", "jane@eyre.example", ["jane@eyre.example", "*@eyre.example", "*"]],
  ["lsearch*@", "a@b@c", ["a@b@c", "*@c", "*"]],
  ["lsearch*@", "jane", ["jane", "*"]],
  ["lsearch*", "a@b", ["a@b", "*"]],
];

for (const [type, key, keys] of KEYS) {
  test(`keys of ${type} for ${key}`, (t) => {
    const spec = lookups.parse(type);
    if (typeof spec === "string") return t.fail(spec);
    t.deepEqual(
      keysOf(spec, key).map((tried) => tried.key),
      keys,
    );
  });
}

test("any type is cut or refused", (t) => {
  const written = fc.string({ unit: fc.constantFrom("partial", "lsearch", "passwd", "2", "-", "(", ")", ".", "*", "@", ",", "=") });
  fc.assert(fc.property(written, (text) => ["string", "object"].includes(typeof lookups.parse(text))));
  t.pass();
});
