import test from "ava";
import * as fc from "fast-check";
import { conditionNames, operatorNames } from "./index.ts";
import { itemNames } from "./parse-items.ts";
import { parse } from "./parse.ts";
import { print } from "./print.ts";
import { compile } from "./template.ts";
import { expand, world } from "./test-support.ts";
import { tainted } from "@mailkit/sdk";

test("every item, operator and condition of the manual is there", (t) => {
  t.is(itemNames.length, 29);
  t.is(conditionNames.length, 48, "47 of the census and pwcheck");
  t.deepEqual(
    ["h", "hash", "l", "length", "local_part", "sha3", "utf8clean", "xtextd"].filter((name) => !operatorNames.includes(name)),
    [],
  );
});

const pieces = [
  ..."${}:_ \\NaA01-.,<>!|\n\u00e9",
  "$h_x:",
  "$h_a}",
  "$local_part",
  "${lc:",
  "fail",
  ...itemNames.map((name) => `\${${name}{`),
  ...operatorNames.map((name) => `\${${name}:`),
  ...conditionNames.map((name) => `\${if ${name}{`),
  "}}",
  "}{",
];
const strings = fc.array(fc.constantFrom(...pieces), { maxLength: 16 }).map((list) => list.join(""));

test("print(parse(x)) is x, and parsing never throws", (t) => {
  fc.assert(
    fc.property(fc.oneof(strings, fc.string()), (source) => print(parse(source).parts) === source),
    { numRuns: 2000 },
  );
  t.pass();
});

test("evaluation never throws", async (t) => {
  const scope = world({ variables: { local_part: tainted("a'b") }, files: { a: "a: b" } });
  await fc.assert(
    fc.asyncProperty(strings, async (source) => {
      const result = await compile(source).evaluate(scope);
      return result.kind === "value" || result.message !== undefined;
    }),
    { numRuns: 2000 },
  );
  t.pass();
});

test("nesting is bounded", async (t) => {
  const deep = "${lc:".repeat(100_000);
  t.regex(await expand(deep), /^Failed: too many nested items/);
  t.regex(await expand("${if eq{".repeat(10_000)), /^Failed: too many nested/);
  t.regex(await expand(`\${if ${"!".repeat(50_000)}eq{a}{a}}`), /^Failed: too many nested conditions/);
});

test("a fault tells where it is", (t) => {
  t.deepEqual(compile("ab ${nosuch:x}").fault, { message: 'unknown expansion operator "nosuch"', offset: 11 });
  t.is(compile("a}b").fault, undefined);
});

function mentions(source: string): string[] {
  return [...compile(source).mentions].sort();
}

test("a template knows what it depends on", (t) => {
  t.deepEqual(mentions("plain"), []);
  t.deepEqual(mentions("$local_part ${if match{$h_To: $1}{x}{${lc:$domain}}}"), ["1", "domain", "h_to:", "local_part"]);
  t.deepEqual(mentions("${run{/bin/x $sender_address}}${certextract{subject}{$tls_in_peercert}}"), ["sender_address", "tls_in_peercert"]);
  t.deepEqual(mentions("${if def:h_a:{x}}${if def:host{x}}"), ["h_a:", "host"]);
});

test("what is constant is known at load", (t) => {
  t.is(compile("a\\tb\\N$x\\N").constant, "a\tb$x");
  t.is(compile("").constant, "");
  t.is(compile("$local_part").constant, undefined);
  const once = compile("x");
  t.is(once.evaluate(world()), once.evaluate(world()), "the same value each time");
});

const WANTED: readonly (readonly [string, string | undefined, string?])[] = [
  ["$loc", "variable loc"],
  ["a ${l", "braced l"],
  ["${", "braced "],
  ["${if ma", "condition ma"],
  ["${if ", "condition "],
  ["${if !{", undefined],
  ["${if and{{eq{a}{b}}{!de", "condition de"],
  ["${if def:pri", "definable pri"],
  ["${if def:h_Sub", "header Sub"],
  ["$h_Sub", "header Sub"],
  ["${lookup{a}ls", "lookup ls"],
  ["${lookup{$domain}lsearch{/etc/$loc", "variable loc"],
  ["${if match_domain{a}{b : +lo", "list b : +lo", "match_domain"],
  ["${listnamed_d:lo", "list lo", "listnamed_d"],
  ["${if match_domain{$do", "variable do"],
  ["plain", undefined],
  ["$local_part ", undefined],
  ["${lc:a}", undefined],
];

for (const [source, expected, of] of WANTED) {
  test(`the name that ${source} ends in`, (t) => {
    const { wanted } = parse(source);
    t.is(wanted && `${wanted.kind} ${source.slice(wanted.from)}`, expected);
    t.is(wanted?.of, of);
  });
}
