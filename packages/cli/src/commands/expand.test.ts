import test from "ava";
import type { ExecutionContext } from "ava";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { bench } from "../testing/run-command.ts";
import type { Bench } from "../testing/run-command.ts";

const CONFIG = `primary_hostname = mx.truc.fr
MAC = from the file
domainlist here = truc.fr : *.machin.com
spool_directory = FOLDER/spool
log_file_path = FOLDER/log/%slog
begin acl
twice:
  accept condition = \${if eq{$acl_m_x}{5}}
    message = ten
`;

function open(t: ExecutionContext): Bench {
  const made = bench(CONFIG);
  t.teardown(made.close);
  writeFileSync(join(made.folder, "f"), "bob: Bob\n");
  writeFileSync(join(made.folder, "m"), "Subject: hi\nFrom: a@b\n\nbody\n");
  return made;
}

const VALUES: readonly (readonly [string, readonly string[], string])[] = [
  ["a macro of the file", ["MAC"], "from the file\n"],
  ["a macro of the command line beats it", ["-D", "MAC=mine", "MAC MAC"], "mine mine\n"],
  ["a macro that an argument defines counts for those after it", ["OWN = 1", "OWN"], "Defined macro 'OWN'\n1\n"],
  ["variables set by hand", ["--set", "local_part=fred", "--set", "$acl_c0=c", "$local_part $acl_c0"], "fred c\n"],
  ["a variable that the engine has is hidden", ["--set", "primary_hostname=x", "$primary_hostname"], "x\n"],
  ["numbers", ["--set", "2=two", "--set", "1=one", "$1-$2-$3"], "one-two-\n"],
  ["an ACL sees what was set", ["--set", "acl_m_x=5", "${acl{twice}}"], "ten\n"],
  ["header lines of a message", ["--message", "FOLDER/m", "$h_subject: $message_body_size"], "hi 5\n"],
  ["text beyond ASCII", ["${uc:é}"], "é\n"],
];

for (const [title, argv, expected] of VALUES) {
  test(title, async (t) => {
    const { run, folder } = open(t);
    const { code, out, err } = await run(["expand", ...argv.map((word) => word.replace("FOLDER", folder))]);
    t.deepEqual([code, out, err], [0, expected, ""]);
  });
}

const FAILURES: readonly (readonly [string, string])[] = [
  [
    "${lc:$local_prt}",
    `error: unknown variable name "local_prt"
    1 | \${lc:$local_prt}
      |       ^^^^^^^^^
  hint: did you mean local_part?
`,
  ],
  [
    "x${if eqq{a}{b}}",
    `error: unknown condition "eqq"
    1 | x\${if eqq{a}{b}}
      |       ^^^
  hint: did you mean eq?
`,
  ],
  [
    "${lc:${eval:1/0}}",
    `error: error in expression evaluation: divide by zero (after processing "1/0")
    1 | \${lc:\${eval:1/0}}
      |      ^^^^^^^^^^^
`,
  ],
  [
    "${lookup{x}lsearch{FOLDER/f}{y}fail}",
    `forced failure: "lookup" failed and "fail" requested
    1 | \${lookup{x}lsearch{FOLDER/f}{y}fail}
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
`,
  ],
  [
    "${lc:a",
    `error: missing } at end of string
    1 | \${lc:a
      |       ^
  hint: count the braces: each { of the language needs its }
`,
  ],
];

for (const [source, expected] of FAILURES) {
  test(`what is said of ${source}`, async (t) => {
    const { run, folder } = open(t);
    const { code, out, err } = await run(["expand", source.replace("FOLDER", folder)]);
    const marks = /\^+/;
    t.deepEqual([code, out], [1, ""]);
    const plain = err.replaceAll(folder, "FOLDER");
    // The name of the folder is longer than what stands for it.
    t.is(source.includes("FOLDER") ? plain.replace(marks, "") : plain, source.includes("FOLDER") ? expected.replace(marks, "") : expected);
    t.regex(err, marks);
  });
}

test("a name that cannot be set is told, with the nearest one", async (t) => {
  const { run } = open(t);
  const { code, err } = await run(["expand", "--set", "local_prt=x", "a"]);
  t.is(code, 2);
  t.is(err, `error: there is no variable "local_prt"\n  hint: did you mean local_part?\n`);
  t.is((await run(["expand", "--set", "x", "a"])).code, 2);
});

const LINES = "a\nMINE = x\nMINE-MINE  \nab\\\n   cd\n${bad}\n${lc:${eval:1/0}}\n\n$tod_\n";

test("a pipe: each line gives what exim -be gives for it, and the place of a fault on standard error", async (t) => {
  const { run, exim } = open(t);
  const { code, out, err } = await run(["expand"], LINES);
  t.is(code, 1);
  const face = await exim(["-be"], LINES);
  // Its prompts stand before each line and at the end.
  t.is(out, face.out.replace(/^> /gm, "").replace(/\n$/, ""));
  t.regex(err, /^error: unknown variable in "\$\{bad\}"\n {4}5 \| \$\{bad\}\n/);
  t.regex(err, /\n {4}6 \| \$\{lc:\$\{eval:1\/0\}\}\n {6}\| {6}\^{11}\n/);
});

test("a pipe does not do things twice to find a place", async (t) => {
  const { run, folder } = open(t);
  const file = join(folder, "done");
  const { err } = await run(["expand"], `\${run{/bin/sh -c "echo x >>${file}"}{\${eval:1/0}}}\n\${readfile{${file}}}\n`);
  t.regex(err, /^error: .*divide by zero[^\n]*\n$/);
  t.is((await run(["expand"], `\${readfile{${file}}{}}\n`)).out, "x\n");
});

test("--explain: the tree on standard error, the value on standard output", async (t) => {
  const { run, folder } = open(t);
  const source = `\${if match_domain{a.machin.com}{+here}{\${lookup{bob}lsearch{${folder}/f}}}{\${run{/bin/false}}}}`;
  const { out, err } = await run(["expand", "--explain", source]);
  t.is(out, "Bob\n");
  const lines = err
    .replace(/\d+\.\d\d ms/g, "N ms")
    .replaceAll(folder, "DIR")
    .split("\n")
    .slice(1, -1);
  t.regex(lines.shift() as string, /^└─ \$\{if match_domain.*… {2}= "Bob"$/);
  t.deepEqual(
    lines.filter((line) => !line.includes("lookup{")),
    [
      `   ├─ condition match_domain{a.machin.com}{+here}  true: "a.machin.com" by item "*.machin.com" of +here at DIR/test.conf:3`,
      `   │  └─ lsearch "bob" in DIR/f  found "Bob"  N ms`,
      "   └─ else {${run{/bin/false}}}  not taken",
    ],
  );
  t.regex(lines[1] as string, /^ {3}├─ then \$\{lookup.*…? {2}taken = "Bob"$/);
});

test("--explain --json: one object with the tree", async (t) => {
  const { run, folder } = open(t);
  const { out, err } = await run(["expand", "--explain", "--json", `\${lookup{bob}lsearch{${folder}/f}{é}{n}}`, "${lc:$local_prt}"]);
  t.is(err, "");
  const [first, second] = out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line)); // oxlint-disable-line
  t.like(first, { kind: "value", text: "é", explain: { kind: "string", offset: 0, result: "value" } });
  const [item] = first.explain.children;
  t.like(item, { kind: "item", name: "lookup", offset: 0, result: "value", text: "é" });
  t.like(item.children[0], { kind: "lookup", name: "lsearch", result: "found", text: "Bob", kept: false });
  t.is(typeof item.children[0].took, "number");
  t.like(item.children[1], { role: "then", source: "é", result: "value" });
  t.like(item.children[2], { role: "else", source: "n", result: "skipped" });
  t.like(second, { kind: "error", message: 'unknown variable name "local_prt"', at: { offset: 6, length: 9 } });
});

test("without --explain there is no tree", async (t) => {
  const { run } = open(t);
  t.deepEqual(JSON.parse((await run(["expand", "--json", "${lc:A}"])).out), { kind: "value", text: "a", tainted: false });
});
