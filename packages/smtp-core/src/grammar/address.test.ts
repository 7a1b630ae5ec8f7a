import test from "ava";
import fc from "fast-check";
import { isIp, parseAddress } from "../index.ts";

const rules = { domainLiterals: false, stripTrailingDot: false, utf8Domains: false };

// As a running Exim 4.96 takes them in RCPT.
const GOOD: readonly (readonly [string, string])[] = [
  ["<a@b>", "a@b"],
  ["a@b", "a@b"],
  [" <a@b.c> ", "a@b.c"],
  ["x <a@b>", "a@b"],
  ['"J. Doe" <a@b>', "a@b"],
  ["(c) <a@b>", "a@b"],
  ["<(x)a@b>", "a@b"],
  ["<a(x)@b>", "a@b"],
  ["<a..b@c>", "a..b@c"],
  ["<.a.@b>", ".a.@b"],
  ['<"a b"@b>', '"a b"@b'],
  ['<"a\\"b"@c>', '"a\\"b"@c'],
  ['<\\"a@b>', '\\"a@b'],
  ["<a\\ b@c>", "a\\ b@c"],
  ['<""@b>', '""@b'],
  ['<"a".b@c>', '"a".b@c'],
  ["<@x,@y:a@b>", "a@b"],
  ["<@a:b@c>", "b@c"],
  ["<\xff@b>", "\xff@b"],
  ["<postmaster>", "postmaster"],
  ["abc", "abc"],
];

for (const [text, address] of GOOD) test(`good: ${text}`, (t) => t.like(parseAddress(text, rules, false), { ok: true, address }));

const BAD: readonly (readonly [string, string])[] = [
  ["", "empty address"],
  ["<>", "missing or malformed local part"],
  ["<", "missing or malformed local part"],
  ["<@>", "domain missing or malformed"],
  ["<@a>", "no local part"],
  ["<@a:b>", "domain missing in source-routed address"],
  ["<a@b", "'>' missing at end of address"],
  ["a@b>", "malformed address: > may not follow a@b"],
  ["<a@b>x", "malformed address: x may not follow <a@b>"],
  ["<a@b> SIZE=x", "malformed address: SIZE=x may not follow <a@b> "],
  ["<a@b_c>", "malformed address: _c> may not follow <a@b"],
  ["<a@b,c@d>", "malformed address: ,c@d> may not follow <a@b"],
  ["<a@-b>", "domain missing or malformed"],
  ["<a@b.>", "domain missing or malformed"],
  ["<a@b..c>", "domain missing or malformed"],
  ["<a@@b>", "domain missing or malformed"],
  ["<a@[1.2.3.4]>", "domain literals not allowed"],
  ["<<a@b>>", "missing or malformed local part"],
  ["a,b@c", 'missing or malformed local part (expected word or "<")'],
  [">", 'missing or malformed local part (expected word or "<")'],
  ["a b", 'missing or malformed local part (expected word or "<")'],
  ["<a b>", '"@" or "." expected after "a"'],
  ['<"a@b>', "unmatched doublequote in local part"],
];

for (const [text, message] of BAD) test(`bad: ${text}`, (t) => t.like(parseAddress(text, rules, false), { ok: false, message }));

test("rules: null sender, literals, trailing dot, UTF-8", (t) => {
  t.like(parseAddress("<>", rules, true), { ok: true, address: "" });
  t.like(parseAddress("<a@[IPv6:::1]>", { ...rules, domainLiterals: true }, false), { ok: true, domain: "[IPv6:::1]" });
  t.like(parseAddress("<a@[x]>", { ...rules, domainLiterals: true }, false), { ok: false, message: "domain missing or malformed" });
  t.like(parseAddress("<a@b.>", { ...rules, stripTrailingDot: true }, false), { ok: true, address: "a@b" });
  t.like(parseAddress("<a@b\xc3\xa9>", { ...rules, utf8Domains: true }, false), { ok: true, domain: "b\xc3\xa9" });
  t.like(parseAddress(`<a@${"a".repeat(270)}>`, rules, false), { ok: false });
});

test("addresses of hosts", (t) => {
  for (const [text, kind] of [
    ["1.2.3.4", 4],
    ["1.2.3", 0],
    ["1.2.3.256", 0],
    ["::1", 6],
    ["::", 6],
    ["1::2::3", 0],
    ["::ffff:1.2.3.4", 6],
    ["1:2:3:4:5:6:7:8", 6],
    ["1:2:3:4:5:6:7", 0],
    ["g::", 0],
    ["", 0],
  ] as const) {
    t.is(isIp(text), kind, text);
  }
});

test("property: never throws, keeps what it took", (t) => {
  t.plan(1);
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom("a", "@", "<", ">", '"', "\\", ".", ",", ":", "(", ")", " ", "[", "]", "\xff", "\0") }),
      (text) => {
        const parsed = parseAddress(text, { ...rules, domainLiterals: true }, true);
        return !parsed.ok || parsed.domain === "" || parsed.address === `${parsed.localPart}@${parsed.domain}`;
      },
    ),
  );
  t.pass();
});
