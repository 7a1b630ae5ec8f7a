import test from "ava";
import * as fc from "fast-check";
import { decodeRfc2047, encodeRfc2047 } from "./rfc2047.ts";

const decode = (text: string): string => decodeRfc2047(text, { charset: "utf-8", checkLength: true });

const rows: readonly (readonly [string, string])[] = [
  ["plain", "plain"],
  ["=?utf-8?Q?a_b?= x =?utf-8?Q?c?= \n =?utf-8?Q?d?=", "a b x cd"],
  ["=?utf-8?q??=", ""],
  ["a=?utf-8?Q?a?=b", "aab"],
  ["=?iso-8859-1?Q?=E9?=", "\xc3\xa9"],
  ["=?iso-8859-1?B?6Q==?=", "\xc3\xa9"],
  ["=?us-ascii*en?b?YWJj?=", "abc"],
  ["=?utf-8?Q?a=00b?=", "a?b"],
  ["=?utf-8?Q?a=zzb?=", "=?utf-8?Q?a=zzb?="],
  ["=?foo?X?=C3?=", "=?foo?X?=C3?="],
  ["=?no-such-charset?Q?=E9?=", "\xe9"],
  ["=?utf-8?Q?bad", "=?utf-8?Q?bad"],
  ["=?utf-8?Q?x?= =?bad =?utf-8?Q?y?=", "x =?bad y"],
];
for (const [text, expected] of rows) test(`decode ${text}`, (t) => t.is(decode(text), expected));

test("without a charset the octets stay", (t) => {
  t.is(decodeRfc2047("=?iso-8859-1?Q?=E9?=", { charset: undefined, checkLength: true }), "\xe9");
});

test("encoded text decodes to itself", (t) => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom(..."ab ?=_\xc3\xa9\n(,"), maxLength: 120 }),
      fc.constantFrom("iso-8859-1", "iso-8859-8"),
      (text, charset) => {
        return decodeRfc2047(encodeRfc2047(text, charset), { charset, checkLength: false }) === text;
      },
    ),
  );
  t.pass();
});

test("characters of UTF-8 are not parted", (t) => {
  for (const word of encodeRfc2047("\xe2\x82\xac".repeat(60), "UTF-8").split(" ")) {
    t.is((word.match(/=E2=82=AC/g) ?? []).length * 9, word.length - "=?UTF-8?Q??=".length);
  }
});
