import test from "ava";
import * as fc from "fast-check";
import type { LookupResult } from "@mailkit/sdk";
import { bench } from "../test-support.ts";
import { indexText, textEntries } from "./text-file.ts";

const LSEARCH = `x:
  foo
y: a\x20\x20
   b\x20\x20\x20
# comment
   c
z
  zz
w   :  ww: w
"q k": qv
"q\\"e\\x41" qv2
"unterminated: a
v:"vv"
 : lead
u\ttab
t:::t
s a:b

  s2
r:
#c
  r2
dup: 1
DUP: 2
empty:
colon: :fail: x
Quux.ex: exw
last: no line end`;

/** Key, data, whole entry: as Exim 4.96 answers for this file. */
const ENTRIES: readonly (readonly [string, string, string])[] = [
  ["x", " foo", "x: foo"],
  ["y", "a b", "y: a b"],
  ["z", " zz", "z zz"],
  ["w", "ww: w", "w   :  ww: w"],
  ["q k", "qv", "q k: qv"],
  ['q"eA', "qv2", 'q"eA qv2'],
  ["unterminated: a", "", "unterminated: a"],
  ["v", '"vv" : lead', 'v:"vv" : lead'],
  ["u", "tab", "u\ttab"],
  ["t", "::t", "t:::t"],
  ["s", "a:b", "s a:b"],
  ["r", "", "r:"],
  ["Dup", "1", "dup: 1"],
  ["empty", "", "empty:"],
  ["colon", ":fail: x", "colon: :fail: x"],
  ["quux.EX", "exw", "Quux.ex: exw"],
  ["last", "no line end", "last: no line end"],
];

for (const [key, data, whole] of ENTRIES) {
  test(`lsearch ${key}`, (t) => {
    const { find } = bench({ files: { "/a": LSEARCH } });
    t.deepEqual(find("lsearch", key, "/a"), { kind: "found", text: data });
    t.deepEqual(find("lsearch,ret=full", key, "/a"), { kind: "found", text: whole });
    t.deepEqual(find("lsearch,ret=key", key, "/a"), { kind: "found", text: key });
  });
}

test("lsearch: what is not there, and what cannot be read", (t) => {
  const { find } = bench({ files: { "/a": LSEARCH, "/d": null } });
  for (const key of ["", "c", "r2", "#", "nope"]) t.deepEqual(find("lsearch", key, "/a"), { kind: "notFound" });
  t.deepEqual(find("lsearch", "a", "/nofile"), {
    kind: "defer",
    message: "failed to open /nofile for linear search: No such file or directory",
  });
  t.deepEqual(find("lsearch", "a", "/d"), { kind: "defer", message: "/d is not a regular file (lsearch lookup)" });
});

test("an alias file is parsed once, however many keys are asked for", (t) => {
  const lines = Array.from({ length: 100_000 }, (_, i) => `user${i}: box${i}@example.com`);
  const { find, derived } = bench({ files: { "/aliases": lines.join("\n") } });
  for (let i = 0; i < 100_000; i += 97) t.like(find("lsearch", `USER${i}`, "/aliases"), { text: `box${i}@example.com` });
  t.like(find("lsearch*", "nobody", "/aliases"), { kind: "notFound" });
  t.deepEqual(derived, ["/aliases lsearch"]);
});

test("any text is a file of entries", (t) => {
  const text = fc.string({ unit: fc.constantFrom("a", '"', ":", " ", "\n", "\t", "#", "\\", "x4", "7", "\xa0") });
  fc.assert(
    fc.property(text, (content) => {
      for (const entry of textEntries(content)) t.true(entry.rest.endsWith(entry.data));
      indexText(content, true);
    }),
  );
});

const WILD = `^\\d+\\.a: rx
*fish: tail
lit: l
"^x y": quoted
^(?-i)Case: cs
lsearch;/k: nested
Lit2: l2
*: any
lit3: hidden
`;

const WILD_CASES: readonly (readonly [string, string])[] = [
  ["12.a", "rx"],
  ["donkeyFISH", "tail"],
  ["LIT", "l"],
  ["x yz", "quoted"],
  ["Case", "cs"],
  ["case", "any"],
  ["a", "nested"],
  ["lit2", "l2"],
  ["lit3", "any"],
  ["zz", "any"],
];

for (const [key, text] of WILD_CASES) {
  test(`nwildlsearch ${key}`, (t) => {
    const { find } = bench({ files: { "/w": WILD, "/k": "a: 1\n" } });
    t.deepEqual(find("nwildlsearch", key, "/w"), { kind: "found", text });
  });
}

test("wildlsearch expands keys, and a key that cannot be expanded defers", (t) => {
  const file = "^\\N\\d+\\N\\.a: rx\n$forced: no\n$name: named\nlit: l\n$bad: b\nafter: x\n";
  const { find } = bench({ files: { "/w": file }, expansions: { $name: "*.ex", $forced: { fail: "forced" } } });
  t.like(find("wildlsearch", "12.a", "/w"), { text: "rx" });
  t.like(find("wildlsearch", "h.ex", "/w"), { text: "named" });
  t.like(find("wildlsearch", "lit", "/w"), { text: "l" });
  t.like(find("wildlsearch", "after", "/w"), { kind: "defer" });
  t.like(find("nwildlsearch", "$bad", "/w"), { text: "b" });
});

test("a bad expression in a wildlsearch file defers only for keys that reach it", (t) => {
  const { find } = bench({ files: { "/w": "first: f\n^(: rx\nlit: l\n" } });
  t.like(find("nwildlsearch", "first", "/w"), { text: "f" });
  t.like(find("nwildlsearch", "lit", "/w"), { kind: "defer" });
});

const NETS = `1.2.3.4: a
1.2.0.0/16 b
*: star
"::1": six
10.0.0.0/8: ten
10.1.0.0/16: later
"2001:db8::/32": net6
`;

const NET_CASES: readonly (readonly [string, string, LookupResult])[] = [
  ["iplsearch", "1.2.3.4", { kind: "found", text: "a" }],
  ["iplsearch", "::ffff:1.2.3.4", { kind: "found", text: "a" }],
  ["iplsearch", "1.2.9.4", { kind: "found", text: "b" }],
  ["iplsearch,ret=key", "1.2.9.4", { kind: "found", text: "1.2.9.4" }],
  ["iplsearch,ret=full", "10.1.9.4", { kind: "found", text: "10.0.0.0/8: ten" }],
  ["iplsearch", "0::1", { kind: "found", text: "six" }],
  ["iplsearch", "2001:0db8:0000:0000:0000:0000:0000:0009", { kind: "found", text: "net6" }],
  ["iplsearch", "9.9.9.9", { kind: "notFound" }],
  ["iplsearch*", "9.9.9.9", { kind: "found", text: "star", captures: ["9.9.9.9", ""] }],
];

for (const [type, key, expected] of NET_CASES) {
  test(`${type} ${key}`, (t) => t.deepEqual(bench({ files: { "/n": NETS } }).find(type, key, "/n"), expected));
}

test("iplsearch refuses what is not an address", (t) => {
  const { find } = bench({ files: { "/n": NETS } });
  const message =
    '"1.2.3.4/24" is not a valid iplsearch key (an IP address, with optional CIDR mask, is wanted): in a host list, use net-iplsearch as the search type';
  t.deepEqual(find("iplsearch", "1.2.3.4/24", "/n"), { kind: "defer", message });
  t.like(find("partial-iplsearch", "9.9.9.9", "/n"), { kind: "defer" });
});
