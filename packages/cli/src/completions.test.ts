import test from "ava";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { COMMAND_TABLE } from "./commands/table.ts";
import { completionScript, SHELLS } from "./completions.ts";
import { HELP_GROUPS } from "./help-groups.ts";

test("each command is on one page of the help, and has what a help page needs", (t) => {
  const listed = HELP_GROUPS.flatMap(({ commands }) => commands);
  t.is(new Set(listed).size, listed.length);
  for (const { name, summary, examples, args = [], flags = {} } of COMMAND_TABLE) {
    t.true(listed.includes(name.split(" ")[0] as string), `${name} is in no group of help-groups.ts`);
    t.regex(summary, /^[a-z].*[^.]$/, `${name}: a summary begins in lower case and has no final period`);
    t.true(examples.length > 0, `${name} has examples`);
    t.true(examples.every((example) => example.includes("mailkit")));
    for (const { doc } of [...args, ...Object.values(flags)]) t.true(doc.length > 3 && !/[^.]\.$/.test(doc), `${name}: ${doc}`);
    const chars = Object.values(flags).flatMap(({ char }) => char ?? []);
    t.is(new Set([...chars, "C", "D", "q", "h"]).size, chars.length + 4, `${name}: each letter once`);
  }
});

test("bash: words, flags, values", (t) => {
  const script = completionScript("bash", COMMAND_TABLE);
  const complete = (...words: string[]): string[] =>
    execFileSync(
      "bash",
      ["-c", `${script}\nCOMP_WORDS=("$@"); COMP_CWORD=$(($#-1)); _mailkit; printf '%s\\n' "\${COMPREPLY[@]}"`, "bash", ...words],
      { encoding: "utf8" },
    )
      .split("\n")
      .filter((line) => line !== "");
  t.true(complete("mailkit", "qu").includes("queue"));
  t.deepEqual(complete("mailkit", "queue", "lis"), ["list"]);
  t.deepEqual(complete("mailkit", "queue", "list", "--fro"), ["--frozen"]);
  t.deepEqual(complete("mailkit", "send", "--tls", "of"), ["off"]);
  t.true(complete("mailkit", "help", "ser").includes("serve"));
});

for (const shell of SHELLS) {
  test(`${shell} can read its script`, (t) => {
    const found = spawnSync(shell, ["--version"]);
    if (found.error !== undefined) return void t.pass(`${shell} is not on this machine`);
    const file = join(mkdtempSync(join(tmpdir(), "mailkit-completions-")), "script");
    writeFileSync(file, completionScript(shell, COMMAND_TABLE));
    const read = spawnSync(shell, ["-n", file], { encoding: "utf8" });
    rmSync(dirname(file), { recursive: true });
    t.is(read.stderr, "");
    t.is(read.status, 0);
  });
}
