/** Parsers are total: any text gives a tree or a fault, and running it gives a result. */
import test from "ava";
import * as fc from "fast-check";
import { isPromise } from "@mailkit/sdk";
import { runEximFilter } from "./exim/filter.ts";
import { parseEximFilter } from "./exim/parse.ts";
import { globMatches } from "./sieve/match.ts";
import { quotedPrintable } from "./sieve/replies.ts";
import { eximRequest, sieveNow } from "./test-support.ts";

const EXIM = [
  "if ",
  "not ",
  "(",
  ")",
  "a is b ",
  "then ",
  "elif ",
  "else ",
  "endif ",
  "and ",
  "or ",
  "personal ",
  "alias ",
  "foranyaddress ",
  "seen ",
];
const MORE = [
  "noerror ",
  "deliver a@b ",
  "errors_to ",
  "save /x ",
  "644 ",
  "mail ",
  "text ",
  "expand ",
  "file ",
  '"',
  "\\",
  "\n",
  "#",
  "$h_to: ",
  "${if ",
];
const exim = fc
  .array(fc.oneof(fc.constantFrom(...EXIM, ...MORE), fc.string({ maxLength: 5 })), { maxLength: 40 })
  .map((parts) => parts.join(""));

test("Exim filters", (t) => {
  const rules = { system: true, refusals: new Set(["fail", "freeze", "defer"] as const) };
  fc.assert(
    fc.property(exim, (text) => {
      const filter = parseEximFilter(text, rules);
      if (!filter.ok && filter.message === "") throw new Error("a fault without a text");
      const run = runEximFilter(eximRequest(text));
      if (isPromise(run)) run.catch(() => t.fail());
    }),
    { numRuns: 1500 },
  );
  t.pass();
});

const SIEVE = [
  "require ",
  '"fileinto"',
  '"vacation"',
  ";",
  "if ",
  "elsif ",
  "else ",
  "{",
  "}",
  "[",
  "]",
  ",",
  "(",
  ")",
  "true ",
  "not ",
  "allof ",
  "keep",
  "stop;",
];
const TAGS = [
  "header ",
  ":is ",
  ":matches ",
  ":comparator ",
  '"i;octet"',
  "text:\n",
  ".\n",
  "/*",
  "*/",
  "#",
  "\n",
  '"',
  "\\",
  "size :over ",
  "1K ",
  "vacation :days 3 ",
];
const sieve = fc
  .array(fc.oneof(fc.constantFrom(...SIEVE, ...TAGS), fc.string({ maxLength: 5 })), { maxLength: 40 })
  .map((parts) => parts.join(""));

test("Sieve", (t) => {
  fc.assert(
    fc.property(sieve, (text) => {
      const run = sieveNow(text);
      // Whatever is wrong with a script, the message goes somewhere unless an action took its place.
      return run.fault === undefined || run.actions.some((action) => action.kind === "fileinto");
    }),
    { numRuns: 1500 },
  );
  t.pass();
});

const many = (text: string): string => text.repeat(50_000);
const asRegex = (pattern: string): RegExp => new RegExp(`^${pattern.replaceAll("*", ".*").replaceAll("?", ".")}$`, "s");

test("deep nesting is a fault, not an overflow", (t) => {
  t.like(parseEximFilter(many("if a is a then "), { system: false, refusals: new Set() }), { ok: false });
  t.like(parseEximFilter(`if ${many("(")}`, { system: false, refusals: new Set() }), { ok: false });
  t.true(runEximFilter(eximRequest(`if a is a ${many("and a is a ")}then endif`)) instanceof Object);
  t.truthy(sieveNow(many("if true { ")).fault);
  t.truthy(sieveNow(`if ${many("not ")}true {}`).fault);
});

test(":matches is a pattern of the whole text", (t) => {
  const piece = fc.constantFrom("a", "b", "*", "?");
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 10 }), (parts, text) => {
      const pattern = parts.join("");
      return globMatches(text, pattern) === asRegex(pattern).test(text);
    }),
  );
  t.true(globMatches("a*b", "a\\*b"));
  t.false(globMatches("axb", "a\\*b"));
  t.false(globMatches("a".repeat(20_000), `${"a*".repeat(200)}b`));
});

test("quoted-printable comes back as it was, in short lines", (t) => {
  fc.assert(
    fc.property(fc.string({ unit: fc.integer({ min: 1, max: 255 }).map((code) => String.fromCharCode(code)) }), (text) => {
      const encoded = quotedPrintable(text);
      if (encoded.split("\n").some((line) => line.length > 76)) return false;
      return (
        encoded.replaceAll("=\n", "").replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))) === text
      );
    }),
  );
  t.pass();
});
