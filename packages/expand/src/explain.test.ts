import test from "ava";
import * as fc from "fast-check";
import { isPromise, tainted } from "@mailkit/sdk";
import type { Expansion } from "@mailkit/sdk";
import type { Explained } from "./explain.ts";
import { explain, failingStep } from "./explain.ts";
import { makeRecorder } from "./record.ts";
import { compile } from "./template.ts";
import { world } from "./test-support.ts";
import type { World } from "./test-support.ts";

const WORLD: World = {
  variables: { local_part: tainted("fred") },
  headers: { Subject: "hi" },
  files: { "/f": "bob: Bob Smith\n" },
};

async function treeOf(source: string, more: World = {}): Promise<Explained> {
  let now = 0;
  const recorder = makeRecorder(() => now++);
  const template = compile(source);
  const result = await template.evaluate(world({ ...WORLD, ...more, trace: recorder }));
  return explain(template.parts, recorder.take(), result);
}

/** One line a step: depth, role, source, outcome, reason. */
function outline(tree: Explained, depth = 0): string[] {
  const { role, source, outcome, why, children } = tree;
  const shown =
    outcome === undefined ? "?" : "text" in outcome ? `"${outcome.text ?? ""}"` : "message" in outcome ? outcome.message : outcome.kind;
  const line = `${"  ".repeat(depth)}${role === undefined ? "" : `${role}: `}${source} -> ${shown}${why === undefined ? "" : ` (${why})`}`;
  return [...(depth === 0 ? [] : [line.slice(2)]), ...children.flatMap((child) => outline(child, depth + 1))];
}

const CASES: readonly (readonly [string, readonly string[]])[] = [
  ["plain", []],
  ["a $local_part b", [`$local_part -> "fred"`]],
  ["${lc:ABC}", [`\${lc:ABC} -> "abc"`]],
  [
    "${if eq{$local_part}{anne}{yes}{no}}",
    [
      `\${if eq{$local_part}{anne}{yes}{no}} -> "no"`,
      `  condition: eq{$local_part}{anne} -> false ("fred" is not eq "anne")`,
      `    left: $local_part -> "fred"`,
      "  then: yes -> skipped",
      `  else: no -> "no"`,
    ],
  ],
  [
    "${if !def:h_Subject:{a}{${lc:B}c}}",
    [
      `\${if !def:h_Subject:{a}{\${lc:B}c}} -> "bc"`,
      "  condition: !def:h_Subject: -> false",
      "    def:h_Subject: -> true (the message has this header)",
      "  then: a -> skipped",
      `  else: \${lc:B}c -> "bc"`,
      `    \${lc:B} -> "b"`,
    ],
  ],
  [
    "${if or{{eq{a}{b}}{match{$local_part}{^f}}{eq{a}{a}}}}",
    [
      `\${if or{{eq{a}{b}}{match{$local_part}{^f}}{eq{a}{a}}}} -> "true"`,
      "  condition: or{{eq{a}{b}}{match{$local_part}{^f}}{eq{a}{a}}} -> true (number 2 is true, 1 not looked at)",
      `    eq{a}{b} -> false ("a" is not eq "b")`,
      `    match{$local_part}{^f} -> true ("fred" matches "^f")`,
      `      subject: $local_part -> "fred"`,
    ],
  ],
  [
    "${if and{{<{1}{2}}{exists{/f}}}{y}}",
    [
      `\${if and{{<{1}{2}}{exists{/f}}}{y}} -> "y"`,
      "  condition: and{{<{1}{2}}{exists{/f}}} -> true (all of them are true)",
      `    <{1}{2} -> true ("1" < "2")`,
      `    exists{/f} -> true ("/f")`,
      `  then: y -> "y"`,
    ],
  ],
  [
    "${if forany{a:b:c}{eq{$item}{b}}{y}{n}}",
    [
      `\${if forany{a:b:c}{eq{$item}{b}}{y}{n}} -> "y"`,
      "  condition: forany{a:b:c}{eq{$item}{b}} -> true (item 2 is true)",
      `    item 1: eq{$item}{b} -> false ("a" is not eq "b")`,
      `      left: $item -> "a"`,
      `    item 2: eq{$item}{b} -> true ("b" eq "b")`,
      `      left: $item -> "b"`,
      `  then: y -> "y"`,
      "  else: n -> skipped",
    ],
  ],
  [
    "${lookup{bob}lsearch{/f}{<$value>}{none}}",
    [
      `\${lookup{bob}lsearch{/f}{<$value>}{none}} -> "<Bob Smith>"`,
      `  then: <$value> -> "<Bob Smith>"`,
      `    $value -> "Bob Smith"`,
      "  else: none -> skipped",
    ],
  ],
  [
    "${lookup{x}lsearch{/f}{y}fail}",
    [
      `\${lookup{x}lsearch{/f}{y}fail} -> "lookup" failed and "fail" requested`,
      "  then: y -> skipped",
      `  else: fail -> "lookup" failed and "fail" requested`,
    ],
  ],
  [
    "${map{1:2}{<$item>}}",
    [
      `\${map{1:2}{<$item>}} -> "<1>:<2>"`,
      `  item 1: <$item> -> "<1>"`,
      `    $item -> "1"`,
      `  item 2: <$item> -> "<2>"`,
      `    $item -> "2"`,
    ],
  ],
  [
    "${sg{$local_part}{e}{${uc:\\$0}}}",
    [
      `\${sg{$local_part}{e}{\${uc:\\$0}}} -> "fred"`,
      `  subject: $local_part -> "fred"`,
      // Expanded by itself for the match: no part of what was written.
      `  replacement: \${uc:\\$0} -> "$0"`,
      `  $0 -> "e"`,
    ],
  ],
];

for (const [source, expected] of CASES) {
  test(`the tree of ${source}`, async (t) => {
    t.deepEqual(outline(await treeOf(source)), expected);
    // The same when whatever can wait does wait.
    t.deepEqual(outline(await treeOf(source, { slow: true })), expected);
  });
}

const PLACES: readonly (readonly [string, string])[] = [
  ["ab ${lc:${if eq{${eval:1/0}}{1}{a}{b}}}", "${eval:1/0}"],
  ["${lookup{x}lsearch{/f}{y}fail}", "${lookup{x}lsearch{/f}{y}fail}"],
  ["${if and{{eq{a}{a}}{bool{$local_part}}}{a}{b}}", "bool{$local_part}"],
  ["${map{1:2}{${if eq{$item}{2}{${eval:$item/0}}{x}}}}", "${eval:$item/0}"],
  ["x${lc:$nothing}", "${lc:$nothing}"],
];

for (const [source, expected] of PLACES) {
  test(`${source} fails at ${expected}`, async (t) => {
    const step = failingStep(await treeOf(source));
    t.is(step?.source, expected);
    t.is(source.slice(step?.offset, (step?.offset ?? 0) + expected.length), expected);
  });
}

test("nothing failed: there is no place", async (t) => {
  t.is(failingStep(await treeOf("a$local_part")), undefined);
});

test("offsets are those of the whole string, also inside conditions and lists", async (t) => {
  const source = "-${if forany{x}{eq{$item}{${lc:X}}}{y}{n}}";
  const all = (tree: Explained): Explained[] => [tree, ...tree.children.flatMap(all)];
  for (const step of all(await treeOf(source))) {
    const at = step.offset as number;
    t.is(source.slice(at, at + step.source.length), step.source);
  }
});

test("lookups stand in the step that asked, with the time between", async (t) => {
  let now = 0;
  const recorder = makeRecorder(() => now);
  const scope = world({ ...WORLD, trace: recorder });
  const { lookups } = scope.services;
  const template = compile("${lookup{$local_part}lsearch{/f}{y}{n}}");
  const find: typeof lookups.find = (spec, { key, file }) => {
    now += 2;
    recorder.emit({ kind: "dns", name: "x", type: "A", result: "found" });
    now += 3;
    recorder.emit({ kind: "lookup", type: spec.type, key: key.text, ...(file && { file: file.text }), result: "notFound", kept: true });
    return { kind: "notFound" };
  };
  Object.assign(lookups, { find });
  const result = template.evaluate(scope);
  t.false(isPromise(result));
  const [item] = explain(template.parts, recorder.take(), result as Expansion).children;
  t.deepEqual(
    item?.children.map(({ kind, role, source, took }) => [kind, role, source, took]),
    [
      ["variable", "key", "$local_part", 0],
      ["event", undefined, "", undefined],
      ["lookup", undefined, 'lsearch "fred" in /f', 5],
      ["string", "then", "y", undefined],
      ["string", "else", "n", undefined],
    ],
  );
});

test("too many steps are counted, not kept", (t) => {
  const recorder = makeRecorder(() => 0);
  const template = compile(`\${map{${"1:".repeat(30_000)}}{$item}}`);
  template.evaluate(world({ trace: recorder }));
  const { entries, dropped } = recorder.take();
  t.true(dropped > 0);
  t.is(entries.length, 1);
  t.deepEqual(recorder.take(), { entries: [], dropped: 0 });
});

const PIECES = [
  "a", "${", "}", "{", "$local_part", "$h_Subject:", "$1", "${lc:", "${if ", "eq{", "and{{", "}}", "def:", "!", "forany{a:b}{", "match{$local_part}{^(f)}",
  "${lookup{bob}lsearch{/f}", "${map{a:b}{", "$item", "${sg{ab}{b}{\\$0", "${extract{2}{:}{a:b}", "fail", "\\", "\\N", ":", " ", "${expand:", "${reduce{a:b}{}{$value$item}}",
]; // prettier-ignore

test("whatever the string: watching changes nothing, nothing is thrown, every step stands where its offset says", (t) => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...PIECES), { maxLength: 14 }), (pieces) => {
      const source = pieces.join("");
      const recorder = makeRecorder(() => 0);
      const template = compile(source);
      const result = template.evaluate(world({ ...WORLD, trace: recorder })) as Expansion;
      t.deepEqual(result, compile(source).evaluate(world(WORLD)) as Expansion);
      const look = (step: Explained): void => {
        if (step.offset !== undefined) t.is(source.slice(step.offset, step.offset + step.source.length), step.source);
        step.children.forEach(look);
      };
      const tree = explain(template.parts, recorder.take(), result);
      look(tree);
      if (result.kind !== "value" && template.fault === undefined) t.not(failingStep(tree), undefined);
    }),
    { numRuns: 3000, seed: 11 },
  );
});
