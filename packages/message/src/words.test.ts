import test from "ava";
import * as fc from "fast-check";
import { decodeWords, encodeWords } from "./encoded-words.ts";
import { domainOf, fixPhrase, qualify, quoteLocalPart, unquoteLocalPart } from "./local-parts.ts";

/** `${quote_local_part:...}` of a real Exim 4.96. */
const QUOTED: readonly (readonly [string, string])[] = [
  ["a b", '"a b"'],
  ["a..b", "a..b"],
  [".a", '".a"'],
  ["a.", '"a."'],
  ['a"b\\c', '"a\\"b\\\\c"'],
  ["\xe9", '"\xe9"'],
  ["", '""'],
  ["a!#$%&*+-/=?^_`{|}~b", "a!#$%&*+-/=?^_`{|}~b"],
  ["a@b", '"a@b"'],
];
for (const [plain, quoted] of QUOTED) {
  test(`quoting ${JSON.stringify(plain)}`, (t) => {
    t.is(quoteLocalPart(plain), quoted);
    t.is(unquoteLocalPart(quoted), plain);
  });
}

/** `-F` of a real Exim 4.96. */
const PHRASES: readonly (readonly [string, string])[] = [
  ["A. B. Smith", '"A. B. Smith"'],
  ["Foo, Bar", '"Foo, Bar"'],
  ['J. "Q" Public', '"J." "Q" Public'],
  ["(c) d", "(c) d"],
  ["O'Brien", "O'Brien"],
  ["x <y> z", '"x <y> z"'],
  ["a  b", "a  b"],
];
for (const [name, fixed] of PHRASES) test(`phrase ${name}`, (t) => t.is(fixPhrase(name), fixed));

test("qualification", (t) => {
  t.is(qualify("a", "q.ex"), "a@q.ex");
  t.is(qualify("a@b", "q.ex"), "a@b");
  t.is(qualify("", "q.ex"), "");
  t.is(qualify('"a@b"', "q.ex"), '"a@b"@q.ex');
  t.is(domainOf('"a@b"@c'), "c");
});

test("encoded words", (t) => {
  t.is(encodeWords("a \xc3\xa9 b", "UTF-8"), "=?UTF-8?Q?a_=C3=A9_b?=");
  t.is(encodeWords("plain", "UTF-8"), "plain");
  t.is(decodeWords("=?utf-8?q?a_b=C3=A9?= =?iso-8859-1?B?6Q==?= x"), "a b\xc3\xa9\xc3\xa9 x");
  t.is(decodeWords("=?nonsense-9?q?a?="), "=?nonsense-9?q?a?=");
  t.is(decodeWords("=?broken"), "=?broken");
});

test("encoding is undone by decoding, and words keep to 75 characters", (t) => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 200 }), (unicode) => {
      const text = Buffer.from(`\u00e9${unicode}`, "utf8").toString("latin1");
      const encoded = encodeWords(text, "UTF-8");
      return encoded.split(" ").every((word) => word.length <= 75) && decodeWords(encoded) === text;
    }),
  );
  t.pass();
});
