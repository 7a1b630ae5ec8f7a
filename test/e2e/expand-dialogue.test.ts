/** `mailkit expand` on a terminal: prompt, completion, words of its own, and a history that the next run has. */
import test from "ava";
import type { ExecutionContext } from "ava";
import { mkdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { cleanEnvironment } from "../support/mailkit.ts";
import { program } from "../support/program.ts";
import { needs } from "../support/programs.ts";
import { openTerminal } from "../support/terminal.ts";
import type { Terminal } from "../support/terminal.ts";
import { temporaryFolder, writeFiles } from "../support/temporary.ts";

const CONFIG = `primary_hostname = mx.truc.fr
GREETING = good day
domainlist local_domains = truc.fr
spool_directory = FOLDER/spool
log_file_path = FOLDER/%slog
`;

function start(t: ExecutionContext, folder: string, argv: readonly string[] = [], state = join(folder, "state")): Terminal {
  const { node, script } = program();
  const env = cleanEnvironment({ XDG_STATE_HOME: state, MAILKIT_CONFIG: join(folder, "conf") });
  return openTerminal(t, [node, script, "expand", ...argv], env);
}

function site(t: ExecutionContext): string {
  const folder = temporaryFolder(t, "dialogue");
  // Of the one who runs the test, as a home is.
  mkdirSync(join(folder, "state"), { mode: 0o700 });
  writeFiles(folder, {
    conf: CONFIG.replaceAll("FOLDER", folder),
    letter: "Subject: hello there\nX-Evil: \u001b]0;title\u0007 \u00c3\u00a9\n\nbody\n",
  });
  return folder;
}

const register = needs(test, "script");

register("lines, completion, variables, the tree, and the history of the run before", async (t) => {
  const folder = site(t);
  const first = start(t, folder, ["--message", join(folder, "letter"), "-D", "MORE=and more"]);
  await first.shows(/\n> $/);
  // Alone: an input of several keys at once counts as pasted, and a Tab in it as text.
  first.type("$h_su");
  await first.shows(/\$h_su$/);
  first.type("\t");
  await first.shows(/bject:$/);
  first.type("\r");
  await first.shows(/\nhello there\n> $/);
  first.type("$h_x-evil:\r");
  await first.shows(/\n\\033\]0;title\\007 é\n> $/);
  first.type("${if match_domain{truc.fr}{+lo");
  await first.shows(/\+lo$/);
  first.type("\t");
  await first.shows(/cal_domains$/);
  first.type("}{yes}{no}}\r");
  await first.shows(/\nyes\n> $/);
  first.type("set local_part = ${uc:fred}\r");
  await first.shows(/\n> $/);
  first.type("GREETING $local_part, MORE\r");
  await first.shows(/\ngood day FRED, and more\n> $/);
  first.type("explain ${lc:$local_part}\r");
  await first.shows(/\n└─ \$\{lc:\$local_part\} {2}= "fred"\n {3}└─ \$local_part {2}= "FRED"\nfred\n> $/);
  first.type("${lc:$local_prt}\r");
  await first.shows(/\n {4}1 \| \$\{lc:\$local_prt\}\n {6}\| {7}\^{9}\n {2}hint: did you mean local_part\?\n> $/);
  first.type("two \\\r");
  await first.shows(/\n {2}$/);
  first.type("  lines\r");
  await first.shows(/\ntwo lines\n> $/);
  first.type("forget this");
  await first.shows(/forget this$/);
  first.type("\u0003");
  await first.shows(/> $/);
  first.type("quit\r");
  t.is(await first.ended(), 0);

  const file = join(folder, "state/mailkit/expand_history");
  t.is(statSync(file).mode & 0o777, 0o600);
  t.false(readFileSync(file, "utf8").includes("forget"));
  const second = start(t, folder);
  await second.shows(/\n> $/);
  for (const wanted of [/quit$/, /two lines$/, /\$\{lc:\$local_prt\}$/]) {
    second.type("\u001b[A");
    await second.shows(wanted);
  }
  second.type("\u0003");
  await second.shows(/> $/);
  second.type("\u0004");
  await second.shows(/\n$/);
  t.is(await second.ended(), 0);
});

register("-q: no greeting; a line may go on until ^C, and ^C on an empty line ends it", async (t) => {
  const terminal = start(t, site(t), ["-q"]);
  t.is(await terminal.shows(/> $/), "> ");
  terminal.type("one \\\r");
  await terminal.shows(/\n {2}$/);
  terminal.type("\u0003");
  await terminal.shows(/> $/);
  terminal.type("two\r");
  await terminal.shows(/\ntwo\n> $/);
  terminal.type("\u0003");
  t.is(await terminal.ended(), 0);
});

register("a state folder that cannot be made is told, and the dialogue goes on", async (t) => {
  const folder = site(t);
  const terminal = start(t, folder, [], join(folder, "conf"));
  await terminal.shows(/note: the history is not kept: .*expand_history: .*\n> $/s);
  terminal.type("${lc:ABC}\r");
  await terminal.shows(/\nabc\n> $/);
  terminal.type("\u0004");
  t.is(await terminal.ended(), 0);
});
