import test from "ava";
import fc from "fast-check";
import type { HeaderLine } from "@mailkit/sdk";
import { makeHeader } from "@mailkit/message";
import { bench } from "./test-support.ts";
import type { RuleText } from "./test-support.ts";
import type { Where } from "./types.ts";

const PLACES: readonly Where[] = ["env-from", "env-to", "sender", "from", "to", "cc", "bcc", "reply-to"];

/** Flags, and the places where a rule with them applies (manual §31.8). */
const FLAGS: readonly (readonly [string, readonly Where[]])[] = [
  ["", PLACES],
  ["w", PLACES],
  ["E", ["env-from", "env-to"]],
  ["F", ["env-from"]],
  ["T", ["env-to"]],
  ["h", ["sender", "from", "to", "cc", "bcc", "reply-to"]],
  ["bct", ["to", "cc", "bcc"]],
  ["f", ["from"]],
  ["r", ["reply-to"]],
  ["s", ["sender"]],
  ["Ffrs", ["env-from", "sender", "from", "reply-to"]],
  ["S", []],
];

for (const [flags, places] of FLAGS) {
  test(`flags "${flags}"`, async (t) => {
    const { rewriter, scope } = bench([["a@b.ex", "new@b.ex", flags]]);
    const hit: Where[] = [];
    for (const where of PLACES) if ((await rewriter.address("a@b.ex", where, scope)) === "new@b.ex") hit.push(where);
    t.deepEqual(hit, places);
  });
}

interface Case {
  readonly why: string;
  readonly rules: readonly RuleText[];
  readonly address: string;
  readonly expect: string;
  readonly log?: readonly string[];
  readonly where?: Where;
}

/** Behaviour and texts as seen on Exim 4.96. */
const CASES: readonly Case[] = [
  { why: "rules work on the result of the former", rules: [["a@x", "b@x"], ["b@x", "c@x"]], address: "a@x", expect: "c@x" }, // prettier-ignore
  { why: "captures and variables", rules: [["*@*.ex", "$1.$2@$domain.$local_part"]], address: "A@B.ex", expect: "A.b@B.ex.A" },
  { why: "$0 is the whole address", rules: [["*@k.ex", "$0.ex"]], address: "a@k.ex", expect: "a@k.ex.ex" },
  { why: "the case of local parts counts", rules: [["abc@x", "n@x"]], address: "ABC@x", expect: "ABC@x" },
  { why: "that of domains does not", rules: [["abc@x", "n@x"]], address: "abc@X", expect: "n@x" },
  { why: "an asterisk: this one stays, and no further rules", rules: [["keep@x", "*"], ["*@x", "no@x"]], address: "keep@x", expect: "keep@x" }, // prettier-ignore
  { why: "fail: the next rule", rules: [["f@x", "fail"], ["*@x", "was-$1@x"]], address: "f@x", expect: "was-f@x" }, // prettier-ignore
  { why: "fail with q: the end", rules: [["f@x", "fail", "q"], ["*@x", "no@x"]], address: "f@x", expect: "f@x" }, // prettier-ignore
  { why: "q", rules: [["q@x", "a@x", "q"], ["*@x", "no@x"]], address: "q@x", expect: "a@x" }, // prettier-ignore
  { why: "q does not count when the pattern does not match", rules: [["z@x", "a@x", "q"], ["*@x", "yes@x"]], address: "q@x", expect: "yes@x" }, // prettier-ignore
  { why: "R: again, to the end", rules: [["^([^b]*)b(.*)$", "${1}c$2", "R"]], address: "bab@b", expect: "cac@c" },
  {
    why: "R ten times more",
    rules: [["*loop@x", "x${1}loop@x", "R"]],
    address: "loop@x",
    expect: "xxxxxxxxxxxloop@x",
    log: ["panic: rewrite rule repeat ignored after 10 times"],
  },
  { why: "R and q: stops when it no longer matches", rules: [["^ab(.*)$", "b$1", "Rq"], ["*@x", "no@x"]], address: "ab@x", expect: "b@x" }, // prettier-ignore
  { why: "an expansion that fails ends it all", rules: [["e@x", "error:oops"], ["*@x", "no@x"]], address: "e@x", expect: "e@x", log: ["panic: Expansion of error:oops failed while rewriting: oops"] }, // prettier-ignore
  {
    why: "a result that is no address",
    rules: [["b@x", "a b c"], ["*@x", "no@x"]],
    address: "b@x",
    expect: "b@x",
    log: ['panic: Rewrite of b@x yielded unparseable address: missing or malformed local part (expected word or "<") in address a b c'],
  }, // prettier-ignore
  {
    why: "a result without a domain",
    rules: [["u@x", "local"]],
    address: "u@x",
    expect: "u@x",
    log: ['panic: Rewrite of u@x yielded unqualified address "local"'],
  },
  { why: "Q", rules: [["u@x", "local", "Q"]], address: "u@x", expect: "local@rcpt.ex" },
  { why: "only the working part in envelopes", rules: [["w@x", "Some One <n@x> (c)", "w"]], address: "w@x", expect: "n@x" },
  { why: "without w too", rules: [["w@x", "Some One <n@x>"]], address: "w@x", expect: "n@x" },
  { why: "the null sender", rules: [["e@x", "<>"]], address: "e@x", where: "env-from", expect: "" },
  {
    why: "no null recipient",
    rules: [["e@x", "<>"]],
    address: "e@x",
    expect: "e@x",
    log: ["panic: Rewrite of e@x yielded unparseable address: missing or malformed local part in address <>"],
  },
  {
    why: "a pattern that cannot be said is passed over",
    rules: [["defer", "no@x"]],
    address: "a@x",
    expect: "a@x",
    log: ["panic: rewrite pattern defer: lookup deferred"],
  },
];

for (const { why, rules, address, expect, log = [], where = "env-to" } of CASES) {
  test(why, async (t) => {
    const set = bench(rules);
    t.is(await set.rewriter.address(address, where, set.scope), expect);
    t.deepEqual(
      set.log.filter((line) => !line.startsWith("address_rewrite")),
      log,
    );
  });
}

test("each rewriting is logged with its place and the number of its rule", async (t) => {
  const { rewriter, scope, log } = bench([["z@x", "no@x"], ["a@x", "Phrase <b@x>", "w"]]); // prettier-ignore
  await rewriter.address("a@x", "env-to", scope);
  await rewriter.item("a@x", "reply-to", scope);
  t.deepEqual(log, [
    'address_rewrite: "a@x" from env-to rewritten as "b@x" by rule 2',
    'address_rewrite: "a@x" from reply-to: rewritten as "Phrase <b@x>" by rule 2',
  ]);
});

test("at SMTP time", async (t) => {
  const { rewriter, scope } = bench([["^smtp!(.*)", "$1@smtp.ex", "S"], ["^<?x@y>?$", "p@q", "S"], ["*@smtp.ex", "no@x"]]); // prettier-ignore
  t.is(await rewriter.smtpTime("smtp!foo", scope), "foo@smtp.ex");
  t.is(await rewriter.smtpTime("<x@y>", scope), "p@q");
  t.is(await rewriter.smtpTime("<>", scope), "<>");
  t.true(rewriter.hasSmtpRules);
  t.false(bench([["a@b", "c@d"]]).rewriter.hasSmtpRules);
});

/** Item, rule, result: phrases and comments stay unless the rule has w. */
const ITEMS: readonly (readonly [string, RuleText, string, string?])[] = [
  ["a@k.ex", ["*@k.ex", "$1@n.ex"], "a@n.ex"],
  ["Foo (x) <a@k.ex> (y)", ["*@k.ex", "$1@n.ex"], "Foo (x) <a@n.ex> (y)"],
  ['"<a@k.ex>" <a@k.ex>', ["*@k.ex", "$1@n.ex"], '"<a@k.ex>" <a@n.ex>'],
  ["(c) a@k.ex (d)", ["*@k.ex", "$1@n.ex"], "(c) a@n.ex (d)"],
  ["a (c) @ k.ex (d)", ["*@k.ex", "$1@n.ex"], "a@n.ex (d)"],
  ['"a b"@k.ex', ["*@k.ex", "$1@n.ex"], '"a b"@n.ex'],
  ["<@x.ex:b@k.ex>", ["*@k.ex", "$1@n.ex"], "<b@n.ex>"],
  ["@x.ex:b@k.ex", ["*@k.ex", "$1@n.ex"], "b@n.ex"],
  ["Old <w@k.ex>", ["w@k.ex", "New Name <new@k.ex>", "w"], "New Name <new@k.ex>"],
  ["Old <w@k.ex>", ["w@k.ex", "new@k.ex", "w"], "new@k.ex"],
  ["w@k.ex", ["w@k.ex", "a phrase <new>", "wQ"], "a phrase <new@rcpt.ex>"],
  ["w@k.ex", ["w@k.ex", "A\xc4\xc5\xc6Z <w@k.ex>", "w"], "=?ISO-8859-1?Q?A=C4=C5=C6Z?= <w@k.ex>", "ISO-8859-1"],
  [
    "w@k.ex",
    ["w@k.ex", "a 4. phrase <4@22> (a comment A\xc4\xc5\xc6Z)", "w"],
    '"a 4. phrase" <4@22> =?ISO-8859-1?Q?=28a_comment_A=C4=C5=C6Z=29?=',
    "ISO-8859-1",
  ],
  ["not an address", ["*@k.ex", "$1@n.ex"], "not an address"],
];

for (const [item, rule, expect, charset = "UTF-8"] of ITEMS) {
  test(`item ${item} by ${rule.join(" ")}`, async (t) => {
    const { rewriter, scope } = bench([rule], { headers_charset: charset });
    t.is(await rewriter.item(item, "from", scope), expect);
  });
}

test("a rule after one with w changes the address in its text", async (t) => {
  const { rewriter, scope } = bench([["fw@fw", "h\xe9rry <fw@we.de>", "fw"], ["fw@*", "harry@we.de", "f"]], { headers_charset: "ISO-8859-1" }); // prettier-ignore
  t.is(await rewriter.item("fw@fw", "from", scope), "=?ISO-8859-1?Q?h=E9rry?= <harry@we.de>");
});

/** Whole lines with the rule `*@k.ex $1@k2.ex`: results of Exim 4.96, folds and breaks included. */
const LINES: readonly (readonly [string, string | undefined])[] = [
  ['From: "A, B" <a@k.ex> (c)\n', 'From: "A, B" <a@k2.ex> (c)\n'],
  ["Subject: a@k.ex\n", undefined],
  ["X-To: a@k.ex\n", undefined],
  ["To: a@other.ex\n", undefined],
  ["resent-to: a@k.ex\n", "resent-to: a@k2.ex\n"],
  ["Bcc: a@k.ex\n", "Bcc: a@k2.ex\n"],
  [
    "To: x@k.ex, Foo Bar <y@k.ex>,\n  z@other.ex,\n\tgrp: p@k.ex, q@x.ex; , w@w.ex\n",
    "To: x@k2.ex, Foo Bar <y@k2.ex>,\n  z@other.ex,\n\tgrp: p@k2.ex, \n\tq@x.ex; , w@w.ex\n",
  ],
  ["Sender: bad syntax here, s@k.ex\n", "Sender: bad syntax here, s@k2.ex\n"],
  ["Reply-To: unq, @rt.ex:rr@k.ex, <@a:b@k.ex>\n", "Reply-To: unq, rr@k2.ex, <b@k2.ex>\n"],
  ["To: 00000000000000000000@z.ex, a@k.ex, b@z.ex\n", "To: 00000000000000000000@z.ex, a@k2.ex, b@z.ex\n"],
  ["To: 000000000000000000000@z.ex, a@k.ex, b@z.ex\n", "To: 000000000000000000000@z.ex, a@k2.ex, \n\tb@z.ex\n"],
  ["To: 00000000000000000000@z.ex, a@k.ex,   b@z.ex\n", "To: 00000000000000000000@z.ex, a@k2.ex,   \n\tb@z.ex\n"],
  ["To: 00000000000000000000@z.ex, a@k.ex (c), b@z.ex\n", "To: 00000000000000000000@z.ex, a@k2.ex (c), \n\tb@z.ex\n"],
  ["To: 000000000000000000000000000@z.ex, a@k.ex,\n b@z.ex\n", "To: 000000000000000000000000000@z.ex, a@k2.ex,\n b@z.ex\n"],
  [`To: a@k.ex, ${"0".repeat(64)}@z.ex\n`, `To: a@k2.ex, ${"0".repeat(64)}@z.ex\n`],
  [`To: a@k.ex,${"0".repeat(70)}@z.ex,a@k.ex,b@z.ex\n`, `To: a@k2.ex,${"0".repeat(70)}@z.ex,a@k2.ex,\n\tb@z.ex\n`],
  [
    `To: ${"0".repeat(70)}@z.ex,\n z@z.ex, a@k.ex, b@z.ex, c@z.ex, d@k.ex, e@z.ex\n`,
    `To: ${"0".repeat(70)}@z.ex,\n z@z.ex, a@k2.ex, \n\tb@z.ex, c@z.ex, d@k2.ex, e@z.ex\n`,
  ],
  [
    `To: ${"0".repeat(20)}@z.ex,\n z@z.ex, a@k.ex, b@z.ex, c@z.ex, d@k.ex, e@z.ex, ${"0".repeat(30)}@z.ex,\n f@z.ex, g@k.ex, h@z.ex\n`,
    `To: ${"0".repeat(20)}@z.ex,\n z@z.ex, a@k2.ex, \n\tb@z.ex, c@z.ex, d@k2.ex, e@z.ex, ${"0".repeat(30)}@z.ex,\n f@z.ex, g@k2.ex, \n\th@z.ex\n`,
  ],
];

for (const [index, [line, expect]] of LINES.entries()) {
  test(`${index} ${JSON.stringify(line)}`, async (t) => {
    const { rewriter, scope } = bench([["*@k.ex", "$1@k2.ex"]]);
    const before = [makeHeader(line)];
    const after = await rewriter.headers(before, scope);
    if (expect === undefined) return void t.is(after, before);
    t.deepEqual(after, [{ text: line, type: "*" }, makeHeader(expect)]);
  });
}

test("unqualified addresses: qualified and rewritten when they may be, else left alone", async (t) => {
  const { rewriter, scope } = bench([["*@k.ex", "$1@k2.ex"]]);
  const lines = [makeHeader("From: Me <me>\n"), makeHeader("To: you, a@k.ex, you@k.ex\n")];
  const text = async (qualify?: Parameters<typeof rewriter.headers>[2]) =>
    (await rewriter.headers(lines, scope, qualify)).filter((line) => line.type !== "*").map((line) => line.text);
  t.deepEqual(await text(), ["From: Me <me>\n", "To: you, a@k2.ex, you@k2.ex\n"]);
  t.deepEqual(await text({ sender: "s.ex", recipient: "k.ex" }), ["From: Me <me@s.ex>\n", "To: you@k2.ex, a@k2.ex, you@k2.ex\n"]);
});

test("old lines and lines without rules are not touched", async (t) => {
  const { rewriter, scope } = bench([["*@k.ex", "$1@k2.ex", "t"]]);
  const lines: readonly HeaderLine[] = [{ text: "To: a@k.ex\n", type: "*" }, makeHeader("From: a@k.ex\n")];
  t.is(await rewriter.headers(lines, scope), lines, "the very same");
  t.true(rewriter.touchesHeaders);
  t.false(bench([["a@b", "c@d", "E"]]).rewriter.touchesHeaders);
});

test("headers_rewrite of a transport: a rewriter of its own", async (t) => {
  const { rewriter, scope } = bench([["*@*", "abc@x.y.z"]]);
  const after = await rewriter.headers([makeHeader("From: p@q.r\n"), makeHeader("Reply-to: e@f.g\n")], scope);
  t.deepEqual(
    after.filter((line) => line.type !== "*").map((line) => line.text),
    ["From: abc@x.y.z\n", "Reply-to: abc@x.y.z\n"],
  );
});

test("rewriting is total, and a rule that changes nothing leaves a line as it is", async (t) => {
  const unit = fc.constantFrom("a", "@", "k.ex", ",", "\n ", '"', "\\", "(", ")", "<", ">", ":", ";", " ", "\xff");
  const { rewriter, scope } = bench([["*@k.ex", "$1@k2.ex"]]);
  const same = bench([["*@*", "$1@$2"]]);
  await fc.assert(
    fc.asyncProperty(fc.string({ unit }), async (value) => {
      const line = makeHeader(`To: ${value}\n`);
      const after = await rewriter.headers([line], scope);
      t.true(after.length === 1 || after.length === 2);
      const untouched = await same.rewriter.headers([line], same.scope);
      if (untouched.length === 2) t.false(/^[a,@]*$/.test(value), value);
    }),
  );
});
