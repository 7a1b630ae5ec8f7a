import test from "ava";
import * as fc from "fast-check";
import { joinList, splitList, trimSpace, trimSpaceStart } from "./list-text.ts";

/** Seen on Exim 4.96 with ${map} and ${reduce}. */
const CASES: readonly (readonly [string, readonly string[]])[] = [
  ["", []],
  ["   ", []],
  ["a:b", ["a", "b"]],
  ["a:::b", ["a:", "b"]],
  ["a::: b", ["a:", "b"]],
  ["a::::b", ["a::b"]],
  ["a :: b", ["a : b"]],
  ["127.0.0.1 : ::::1", ["127.0.0.1", "::1"]],
  ["127.0.0.1::::1", ["127.0.0.1::1"]],
  ["a: :b", ["a", "", "b"]],
  ["a : b : ", ["a", "b"]],
  [":", [""]],
  [" : ", [""]],
  ["a:", ["a"]],
  ["a::", ["a:"]],
  ["a: :", ["a", ""]],
  ["a : : ", ["a", ""]],
  [": a", ["", "a"]],
  ["::a", [":a"]],
  ["<; a;b", ["a", "b"]],
  [" <; a ; b", ["a", "b"]],
  ["<;;a", ["", "a"]],
  ["<; a;;b;;;c", ["a;b;", "c"]],
  ["<, a,,", ["a,"]],
  ["<a a", ["<a a"]],
  ["<  a b", ["<  a b"]],
  ["< ; a:b", ["< ; a", "b"]],
  ["<\n a\nb\n\n c", ["a", "b", "", "c"]],
  ["<\n\na", ["", "a"]],
];

for (const [source, items] of CASES) {
  test(`splits ${JSON.stringify(source)}`, (t) => t.deepEqual(splitList(source).items, items));
}

test("the separator is told, and a fallback can be given", (t) => {
  t.is(splitList("<; a").separator, ";");
  t.is(splitList("a:b").separator, ":");
  t.deepEqual(splitList("a,b", ","), { separator: ",", items: ["a", "b"] });
});

test("a list that was joined splits into its items again", (t) => {
  const word = fc.string({ unit: fc.constantFrom("a", ":", ";", "<", "!", " ", "\\") }).map((text) => text.trim());
  fc.assert(
    fc.property(fc.array(word), fc.constantFrom(":", ";", ",", "<"), (items, separator) => {
      t.deepEqual(splitList(joinList(items, separator)).items, items);
    }),
  );
});

test("only ASCII space is cut", (t) => {
  t.is(trimSpace(" \t a b\r\n"), "a b");
  t.is(trimSpace("\xc3\xa0"), "\xc3\xa0");
  t.is(trimSpaceStart("\n \xa0 "), "\xa0 ");
});

test("splitting is total", (t) => {
  fc.assert(fc.property(fc.string(), (text) => splitList(text).items.length >= 0));
  t.pass();
});
