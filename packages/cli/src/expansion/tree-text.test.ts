import test from "ava";
import { compile, explain, makeRecorder } from "@mailkit/expand";
import type { Explained } from "@mailkit/expand";
import { fromUnicode, makeScope, tainted } from "@mailkit/sdk";
import type { Expansion, Services } from "@mailkit/sdk";
import { treeJson, treeLines } from "./tree-text.ts";

const plain = (text: string): string => text;

function treeOf(source: string): Explained {
  const recorder = makeRecorder(() => 0);
  const scope = makeScope({
    services: { trace: recorder } as unknown as Services,
    sources: [(name) => (name === "local_part" ? tainted(fromUnicode("Frédéric\u0007")) : undefined)],
  });
  const template = compile(fromUnicode(source));
  const result = template.evaluate(scope) as Expansion;
  return explain(template.parts, recorder.take(), result);
}

test("text beyond ASCII stays, what a terminal would obey is shown", (t) => {
  t.deepEqual(treeLines(treeOf("é ${if eq{$local_part}{ü}{ja}{nein ${lc:É}}}"), plain), [
    "é ${if eq{$local_part}{ü}{ja}{nein ${lc:É}}}",
    '└─ ${if eq{$local_part}{ü}{ja}{nein ${lc:É}}}  = "nein É"',
    '   ├─ condition eq{$local_part}{ü}  false: "Frédéric\\007" is not eq "ü"',
    '   │  └─ left $local_part  = "Frédéric\\007" tainted',
    "   ├─ then {ja}  not taken",
    '   └─ else {nein ${lc:É}}  taken = "nein É"',
    '      └─ ${lc:É}  = "É"',
  ]);
});

test("a string with nothing in it", (t) => {
  t.deepEqual(treeLines(treeOf("plain"), plain), ["plain", "└─ nothing in it to evaluate"]);
});

test("no line is wider than the terminal", (t) => {
  const tree = treeOf(
    `\${if forany{a:b}{eq{\${lc:${"é".repeat(100)}}}{\${lc:\${lc:\${lc:\${lc:${"Z".repeat(300)}}}}}}}{$local_part}{fail}}`,
  );
  for (const width of [60, 80, 120]) for (const line of treeLines(tree, plain, width)) t.true(line.length <= width, line);
});

test("of a long row the first items and the last one are shown", (t) => {
  const lines = treeLines(treeOf(`\${map{${Array.from({ length: 50 }, (_, i) => i).join(":")}}{<$item>}}`), plain);
  t.is(lines.filter((line) => /─ item /.test(line)).length, 11);
  t.regex(lines.find((line) => line.includes("more")) ?? "", /├─ 39 more$/);
  t.regex(lines.at(-2) ?? "", /└─ item 50 /);
});

test("JSON has Unicode and no undefined members", (t) => {
  const json = JSON.parse(JSON.stringify(treeJson(treeOf("${lc:É}$local_part")))) as { children: Record<string, unknown>[] };
  t.like(json, { kind: "string", offset: 0, source: "${lc:É}$local_part", result: "value", text: "ÉFrédéric\u0007", tainted: true });
  t.deepEqual(json.children[1], {
    kind: "variable",
    name: "local_part",
    offset: 8,
    source: "$local_part",
    result: "value",
    text: "Frédéric\u0007",
    tainted: true,
    took: 0,
    children: [],
  });
});
