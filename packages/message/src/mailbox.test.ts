import test from "ava";
import * as fc from "fast-check";
import { type MailboxRules, parseMailbox } from "./mailbox.ts";

const EXPECTED_WORD = 'missing or malformed local part (expected word or "<")';
const BAD_DOMAIN = "domain missing or malformed";
const BAD_LOCAL = "missing or malformed local part";

/** Input and what a real Exim 4.96 says of it: the address, or after "!" the fault. */
const CASES: readonly (readonly [string, string, MailboxRules?])[] = [
  ["a@b.c", "a@b.c"],
  ["<a@b.c>", "a@b.c"],
  ["Foo Bar (c) <a@b.c> (x)", "a@b.c"],
  ['"Foo, Bar" <a@b.c>', "a@b.c"],
  ["Foo. Bar <a@b.c>", "a@b.c"],
  ["=?utf-8?q?x?= <a@b>", "a@b"],
  ['"x" y "z" <c@d>', "c@d"],
  [".a <c@d>", "c@d"],
  ["x\\ y <c@d>", "c@d"],
  ["a", "a"],
  ["\\", "\\"],
  ["a\\", "a\\"],
  ["<a>", "a"],
  ['"a"', '"a"'],
  ["<>", "", { allowNull: true }],
  ["<>", `!${BAD_LOCAL}`],
  ["Foo <>", `!${BAD_LOCAL}`],
  ["a@", `!${BAD_DOMAIN}`],
  ["@b", "!no local part"],
  ["a@b@c", "!malformed address: @c may not follow a@b"],
  ['a b "c', '!unmatched doublequote in local part (expected word or "<")'],
  ["a b@c", `!${EXPECTED_WORD}`],
  ["a@b c", "!malformed address: c may not follow a@b "],
  ["a@b>", "!malformed address: > may not follow a@b"],
  ["<a@b", "!'>' missing at end of address"],
  ["<a", '!"@" or "." expected after "a"'],
  ["<a@b> x", "!malformed address: x may not follow <a@b> "],
  ["<a@b/c>", "!malformed address: /c> may not follow <a@b"],
  ["Foo <a b@c>", '!"@" or "." expected after "a"'],
  ['<"a" b>', '!"@" or "." expected after ""a""'],
  ['"a b"@c', '"a b"@c'],
  ['"a\\"b"@c', '"a\\"b"@c'],
  ['""@c', '""@c'],
  ['"a"."b"@c', '"a"."b"@c'],
  ['"a" . b@c', '"a".b@c'],
  ['"a"b@c', `!${EXPECTED_WORD}`],
  ['"unclosed@b', "!unmatched doublequote in local part"],
  [".a@c", ".a@c"],
  ["a.@c", "a.@c"],
  ["a..b@c", "a..b@c"],
  ["a . b @ c . d", "a.b@c.d"],
  ["(c)a(d)@(e)b(f)", "a@b"],
  ["a(x(y)z)@b", "a@b"],
  ["(unclosed a@b", "!empty address"],
  ["a@b (unclosed", "a@b"],
  ["a@(x", `!${BAD_DOMAIN}`],
  ["a@b..c", `!${BAD_DOMAIN}`],
  ["a@b.", `!${BAD_DOMAIN}`],
  ["a@b.", "a@b", { stripTrailingDot: true }],
  ["a@.", `!${BAD_DOMAIN}`, { stripTrailingDot: true }],
  ["a@-b", `!${BAD_DOMAIN}`],
  ["a@b-", "a@b-"],
  ["a@b_c", "!malformed address: _c may not follow a@b"],
  ["a@\xe9.b", `!${BAD_DOMAIN}`],
  ["a@\xe9.b", "a@\xe9.b", { utf8: true }],
  ["a\xe9@b", "a\xe9@b"],
  ["a@[1.2.3.4]", "a@[1.2.3.4]"],
  ["a@[1.2.3.4]", "!domain literals not allowed", { allowDomainLiterals: false }],
  ["a@[1.2.3.4", "!malformed domain literal"],
  ["a@[1.2.3.4]x", "!malformed address: x may not follow a@[1.2.3.4]"],
  ["@x,@y:a@b", "a@b"],
  ["<@x,@y:a@b>", "a@b"],
  ["<@x,:a@b>", "a@b"],
  ["<@x:@y:a@b>", `!${BAD_LOCAL}`],
  ["<@x a@b>", "!no local part"],
  ["<@x,y:a@b>", "!colon expected after route list"],
  ["<@x:a>", "!domain missing in source-routed address"],
  ["<@:a@b>", `!${BAD_DOMAIN}`],
  ["<<a@b>>", `!${BAD_LOCAL}`],
  ["<<a@b>>", "a@b", { stripExcessAngleBrackets: true }],
  ["<<a@b>", "!'>' missing at end of address", { stripExcessAngleBrackets: true }],
  ["<<a@b>x>", "!malformed address: x> may not follow <<a@b>", { stripExcessAngleBrackets: true }],
  ["<a@b>>", "!malformed address: > may not follow <a@b>"],
  ["a;b@c", "!malformed address: ;b@c may not follow a"],
  ["a@b;", "!malformed address: ; may not follow a@b"],
  ["a:b@c", `!${EXPECTED_WORD}`],
  ["x,y <c@d>", `!${EXPECTED_WORD}`],
  ["a[b@c", `!${EXPECTED_WORD}`],
  ["Foo@Bar <a@b>", "!malformed address: <a@b> may not follow Foo@Bar "],
  ["a\\,b@c", "a\\,b@c"],
  ["|x@y", "|x@y"],
  ["/a/b@c", "/a/b@c"],
  ["a!b!c", "a!b!c"],
  ["", "!empty address"],
  [" (x) ", "!empty address"],
  [",", `!${EXPECTED_WORD}`],
  [`${"x".repeat(252)}@b.c`, `${"x".repeat(252)}@b.c`],
  [`${"x".repeat(253)}@b.c`, `!address is ridiculously long: ${"x".repeat(64)}...`],
];

for (const [input, expected, rules] of CASES) {
  test(`${input.slice(0, 40)} ${rules === undefined ? "" : JSON.stringify(rules)} is ${expected.slice(0, 80)}`, (t) => {
    const result = parseMailbox(input, rules);
    t.is(result.ok ? result.address : `!${result.message}`, expected);
  });
}

test("parts are given apart", (t) => {
  t.like(parseMailbox('"a@x"@c.d'), { ok: true, localPart: '"a@x"', domain: "c.d" });
  t.like(parseMailbox("<>", { allowNull: true }), { ok: true, address: "", localPart: "", domain: "" });
});

test("never throws, and an accepted address is accepted again as it is", (t) => {
  const characters = fc.constantFrom(...'ab.@<>()[],;:"\\ \n\te-_1\xe9');
  fc.assert(
    fc.property(fc.string({ unit: characters, maxLength: 30 }), (text) => {
      const result = parseMailbox(text);
      if (!result.ok) return typeof result.message === "string";
      const again = parseMailbox(result.address);
      return again.ok && again.address === result.address;
    }),
    { numRuns: 3000 },
  );
  t.pass();
});
