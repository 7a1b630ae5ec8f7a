import test from "ava";
import * as fc from "fast-check";
import { checkHeaderSyntax, extractAddresses, parseAddressList } from "./address-list.ts";
import { makeHeader } from "./header-lines.ts";

/** What `${addresses:...}` of a real Exim 4.96 gives. */
const LISTS: readonly (readonly [string, readonly string[]])[] = [
  ["a@b, c@d", ["a@b", "c@d"]],
  ['a@b, c, "x,y" <d@e>', ["a@b", "c", "d@e"]],
  ["g: a@b, c@d; e@f", ["a@b", "c@d"]],
  ["g: a@b, c@d;, e@f", ["a@b", "c@d", "e@f"]],
  ["g: a@b; x, d@e", ["a@b", "d@e"]],
  ["g: ;", []],
  ["undisclosed-recipients:;", []],
  ['"quoted group": a@b;', ["a@b"]],
  ["g: (x);, a@b", ["a@b"]],
  ["@@, a@b", []],
  ["@x,@y:a@b, c@d", ["a@b", "c@d"]],
  ["a@b (one, two), <c@d>", ["a@b", "c@d"]],
  ["a@b,,\n c@d,", ["a@b", "c@d"]],
  ["a:b@c", ["b@c"]],
  ["(only comment)", []],
];

for (const [text, expected] of LISTS) {
  test(`list ${JSON.stringify(text)}`, (t) => t.deepEqual(extractAddresses(text).addresses, expected));
}

/** `verify = header_syntax` of a real Exim 4.96, without the words before the fault. */
const SYNTAX: readonly (readonly [string, string | undefined])[] = [
  ["From: @", 'domain missing or malformed: failing address in "From:" header is: @'],
  ["From: <a@b", `'>' missing at end of address: failing address in "From:" header is: <a@b`],
  ["To: a@b, c, d@e", 'unqualified address not permitted: failing address in "To:" header is: c'],
  ["To: g: a@b, c@d; e@f", undefined],
  ["To: a;b", 'malformed address: ;b\\n may not follow a: failing address in "To:" header is: a;b'],
  ["To: a@b; c@d", 'malformed address: ; c@d\\n may not follow a@b: failing address in "To:" header is: a@b; c@d'],
  ['To: a@b (x), "foo, bar" <q@', 'domain missing or malformed: failing address in "To:" header is: "foo, bar" <q@'],
  ["Cc: g: h: a@b;;", 'missing or malformed local part (expected word or "<"): failing address in "Cc:" header is: g: h: a@b;;'],
  ["To: <>", 'missing or malformed local part: failing address in "To:" header is: <>'],
  ["Bcc: @@, a@b", 'domain missing or malformed: failing address in "Bcc:" header is: @@, a@b'],
  ["To: a@b,,  @@  ,", 'domain missing or malformed: failing address in "To:" header is: @@  ,'],
  ["To: x: <@; , a@b", 'domain missing or malformed: failing address in "To:" header is: x: <@; , a@b'],
  ["To: g: a@b h: c@d;", 'malformed address: h: c@d;\\n may not follow g: a@b : failing address in "To:" header is: g: a@b h: c@d;'],
  ["To: foo@bar baz", 'malformed address: baz\\n may not follow foo@bar : failing address in "To:" header is: foo@bar baz'],
  ["Resent-To: @", 'domain missing or malformed: failing address in "Resent-To:" header is: @'],
  ["To: a@b,\n  x@@,\n c@d", 'domain missing or malformed: failing address in "To:" header is: x@@'],
  ["To: x\xc3\xbf@", 'domain missing or malformed: failing address in "To:" header is: x\\303\\277@'],
  ["To: (only comment)", undefined],
  ["To:", undefined],
  ["To: ,", undefined],
  ["Errors-To: @", undefined],
];

for (const [header, expected] of SYNTAX) {
  test(`syntax of ${JSON.stringify(header)}`, (t) =>
    t.is(checkHeaderSyntax([makeHeader(header)], { sender: false, recipient: false }), expected));
}

test("unqualified addresses may be allowed, senders and recipients apart", (t) => {
  const headers = [makeHeader("From: a"), makeHeader("To: b")];
  t.is(checkHeaderSyntax(headers, { sender: true, recipient: true }), undefined);
  t.regex(checkHeaderSyntax(headers, { sender: true, recipient: false }) ?? "", /"To:"/);
  t.regex(checkHeaderSyntax(headers, { sender: false, recipient: true }) ?? "", /"From:"/);
});

test("a long failing address is shown in part", (t) => {
  const message = checkHeaderSyntax([makeHeader(`To: zz@@${"x".repeat(2000)}`)], { sender: true, recipient: true }) ?? "";
  t.regex(message, / header begins: zz@@x{1020}$/);
});

test("deleted lines are not looked at", (t) => {
  t.is(checkHeaderSyntax([{ text: "To: @\n", type: "*" }], { sender: false, recipient: false }), undefined);
});

test("lists never make the parser throw, and offsets fit", (t) => {
  const characters = fc.constantFrom(...'ab.@<>()[],;:"\\ \n');
  fc.assert(
    fc.property(fc.string({ unit: characters, maxLength: 60 }), (text) =>
      parseAddressList(text).every((item) => text.slice(item.start, item.end).trim() === item.text),
    ),
    { numRuns: 3000 },
  );
  t.pass();
});
