import test from "ava";
import { renderBrw } from "./render-brw.ts";
import { bench } from "./test-support.ts";
import type { RuleText } from "./test-support.ts";

const brw = async (rules: readonly RuleText[], address: string, charset = "ISO-8859-1") => {
  const { rewriter, scope } = bench(rules, { headers_charset: charset });
  return renderBrw(rewriter, { address, qualifyDomain: "rcpt.ex", scope });
};

/** The same text for all headers and for both envelope fields. */
const all = (header: string, envelope = header, smtp?: string) =>
  [
    ...(smtp === undefined ? [] : [`    SMTP: ${smtp}`]),
    ...["sender", "from", "to", "cc", "bcc", "reply-to"].map((name) => `${name.padStart(8)}: ${header}`),
    `env-from: ${envelope}`,
    `  env-to: ${envelope}`,
    "",
  ].join("\n");

/** Rules, argument and output of Exim 4.96. */
const CASES: readonly (readonly [string, readonly RuleText[], string, string])[] = [
  ["no rule", [], "a@b", all("a@b")],
  ["SMTP time", [["^x@y", "p@q", "S"]], "x@y", all("x@y", "x@y", "p@q")],
  ["SMTP time, no domain", [["^smtp!(.*)", "$1@smtp.ex", "S"]], "smtp!foo", all("smtp!foo@rcpt.ex", "smtp!foo@rcpt.ex", "foo@smtp.ex")],
  ["phrase and comment", [["*@k.ex", "$1@k2.ex"]], "Foo (x) <a@k.ex>", all("Foo (x) <a@k2.ex>", "a@k2.ex")],
  ["w", [["2047@x.y", "A\xc4\xc5\xc6Z <2047@x.y>", "w"]], "2047@x.y", all("=?ISO-8859-1?Q?A=C4=C5=C6Z?= <2047@x.y>", "2047@x.y")],
  ["wQ", [["unq2@x.y", "a phrase <unq2>", "wQ"]], "unq2@x.y", all("a phrase <unq2@rcpt.ex>", "unq2@rcpt.ex")],
  ["unqualified", [], "unq", all("unq@rcpt.ex")],
  ["a list", [], "a@k.ex, b@k.ex", "Syntax error in a@k.ex, b@k.ex\nMalformed address: , b@k.ex may not follow a@k.ex\n"],
  ["nothing", [], "", "Syntax error in @rcpt.ex\nNo local part\n"],
  ["two words", [], "a b", 'Syntax error in a b@rcpt.ex\nMissing or malformed local part (expected word or "<")\n'],
];

for (const [why, rules, address, expect] of CASES) {
  test(why, async (t) => t.is(await brw(rules, address), expect));
}

test("the null sender", async (t) => {
  const lines = ((await brw([["error@*", "<>"]], "error@test.ex")) as string).split("\n");
  t.deepEqual(lines.slice(-3), ["env-from: <>", "  env-to: error@test.ex", ""]);
  t.is(lines[0], "  sender: error@test.ex");
});
