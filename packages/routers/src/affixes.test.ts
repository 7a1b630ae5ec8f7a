import test from "ava";
import fc from "fast-check";
import { prefixFinder, suffixFinder } from "./affixes.ts";

/** List, local part, affix and what the star stood for; undefined = none. All seen on Exim 4.96. */
const PREFIXES: readonly (readonly [string, string, string?, string?])[] = [
  ["real-", "real-fred", "real-", ""],
  ["real-", "REAL-fred", "REAL-", ""],
  ["real-", "fred"],
  ["real- : owner-", "owner-x", "owner-", ""],
  ["*-x-", "a-x-x-b", "a-x-x-", "a-x"],
  ["*-x-", "-x-b", "-x-", ""],
  ["*-x-", "ax-b"],
  ["real-", "real-", "real-", ""],
];
const SUFFIXES: readonly (readonly [string, string, string?, string?])[] = [
  ["-request", "list-request", "-request", ""],
  ["+*", "a+b+c", "+b+c", "b+c"],
  ["+*", "a+", "+", ""],
  ["+*", "+a", "+a", "a"],
  ["+*", "a"],
  ["+* : -*", "bob-x+y", "+y", "y"],
  ["-S", "a-s", "-s", ""],
];

const items = (list: string) => list.split(":").map((item) => item.trim());
const expected = (text?: string, variable?: string) => (text === undefined ? undefined : { text, variable });

for (const [list, localPart, text, variable] of PREFIXES) {
  test(`prefix ${list} of ${localPart}`, (t) => t.deepEqual(prefixFinder(items(list))?.(localPart), expected(text, variable) as never));
}
for (const [list, localPart, text, variable] of SUFFIXES) {
  test(`suffix ${list} of ${localPart}`, (t) => t.deepEqual(suffixFinder(items(list))?.(localPart), expected(text, variable) as never));
}

test("no list, nothing to find", (t) => {
  t.is(prefixFinder([]), undefined);
  t.is(suffixFinder([]), undefined);
});

test("an affix is a part of the local part", (t) => {
  const text = fc.string({ unit: fc.constantFrom("a", "B", "-", "+", "*") });
  fc.assert(
    fc.property(text, text, (list, localPart) => {
      const prefix = prefixFinder([list])?.(localPart);
      const suffix = suffixFinder([list])?.(localPart);
      if (prefix !== undefined) t.true(localPart.startsWith(prefix.text) && prefix.text.startsWith(prefix.variable));
      if (suffix !== undefined) t.true(localPart.endsWith(suffix.text) && suffix.text.endsWith(suffix.variable));
    }),
  );
});
