/** The same strings, expanded by mailkit and by the real Exim 4.96, line by line. What differs on purpose stands in a table. */
import test from "ava";
import type { ExecutionContext } from "ava";
import { readFileSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { conditionExpressions, itemExpressions, listExpressions, matchExpressions, operatorExpressions } from "../support/expressions.ts";
import { program } from "../support/program.ts";
import { findProgram, needsThat, run } from "../support/programs.ts";
import { isRoot, temporaryFolder, writeFiles } from "../support/temporary.ts";

const exim = findProgram("exim4") ?? findProgram("exim") ?? "";
const FIXTURES = join(import.meta.dirname, "../fixtures/differential");

const TABLES: Readonly<Record<string, () => string[]>> = {
  operators: operatorExpressions,
  items: itemExpressions,
  conditions: conditionExpressions,
  "lists in items": listExpressions,
  match_domain: () => matchExpressions("match_domain"),
  match_local_part: () => matchExpressions("match_local_part"),
  match_address: () => matchExpressions("match_address"),
  match_ip: () => matchExpressions("match_ip"),
};

/** Strings that are not compared, and why. */
const APART: readonly (readonly [pattern: RegExp, why: string])[] = [
  [/\{utf8_domain_from_alabel:(?:\.?|xn--)\}/, "ends Exim 4.96"],
  [/\{time_interval:\d{10,}\}/, "Exim counts in 32 bits"],
  [/\{hash\{3\}\{99999999999\}/, "Exim counts in 32 bits"],
  [/\{base(?:32|62):-18446744073709551615\}/, "Exim counts in 64 bits"],
  [/\$exim_gid/, "the group of exim_user, as the manual says"],
  [/\{stat:\.\}/, "depends on the working folder"],
  [/^\$item$|^\|\$item\||\$lookup_dnssec_authenticated/, "Exim keeps values from the lines before"],
  [/\{addresses_?:a;b&c\}|\{domain:a@b;c@d\}/, "Exim keeps the state of a group from the lines before"],
  [/^\$\{if match(?:_ip|_address)\{/, "$1 is left from the lines before"],
  [/^\$\{if match\{abc\}\{\(b\)\}\{\$1\}\}\$1$/, "$1 is left from the lines before"],
  [/\{(?:foo|foo_1|LC|Eval|time_eval_1|reverse_ip_|from_utf8_):\$\{if/, "an unknown operator is found before its argument is expanded"],
  [/\{if bool\{Y\}fail\}| match_ip\{.*\}\{\$\{if eq\{a\}/, "faults of syntax come before faults of values"],
  [/\{lookup\{\*\}lsearch\{\/nonexistent\}|\{extract\{\}\{:\}\{a\}/, "faults of syntax come before faults of values"],
  [/\{run\{\/bin\/(?:echo \$bad|sh -c "kill -9|echo "unterm)/, "faults of syntax come before faults of values"],
  [/\{y\}\{\$\{(?:extract\{1\}|lookup\{x\}bad)/, "a skipped branch is only parsed"],
  [/\{utf8_localpart_from_alabel:xn--bcher-kva\.example\}/, "Exim makes octets of a fault"],
  [/\{utf8_domain_to_alabel:\\303\\251 x\}/, "spaces in labels are let through"],
  [/\{lookup\{[a-z.]*\}partial0-lsearch|\}partial-wildlsearch\{|\{listextract\{2\}\{<(?:\\\\|;|\\n)\}/, "Exim reads what it did not write"],
  [/select bad\}|data\/db\.sq *\{? *\}\{<\$value>|db\.sq\{\}/, "faulty SQL defers"],
  [/\{(?:list)?extract\{-(?:5|99)?\}/, "fields beyond the first are none"],
  [/\{listextract\{1\}\{<|\{sort\{3:1(?::2)?\}|\{env\}|\{lookup\{a\}lsearch\}|\{authresults\{\}/, "faults in the form of an item are told"],
  [/\{readfile\{FOLDER\/data\}/, "a folder is no file"],
  [/\{imapfolder\{\\351\}/, "the words of the library"],
  [/\$r_\|/, "no such variable"],
  [/ match_address\{.*\}\{(?:[^{}]*\*[^{}]*@[^{}]*|!?\+al|\^\^)\}\{Y\$value/, "Exim overwrites $value before it is read"],
  [/ match_(?:local_part\{no\}\{!\+ll|domain\{x\.c\.ex\}\{!\+ld)\}\{Y\$value/, "an item that excludes leaves no value"],
  [/ match_ip\{::ffff:10\.1\.2\.3\}\{net8-/, "IPv4 in IPv6 form counts as IPv4"],
];

const register = needsThat(test, exim !== "" && isRoot, exim === "" ? "exim4 is not installed" : "Exim takes configurations of root only");

for (const [name, expressions] of Object.entries(TABLES)) {
  register(`${name}: expanded as by Exim`, async (t) => {
    const folder = site(t);
    const config = join(folder, "exim.conf");
    const sources = expressions()
      .filter((line) => APART.every(([pattern]) => !pattern.test(line)))
      .map((line) => line.replaceAll("FOLDER", folder));
    const { node, script } = program();
    const theirs = await answers([exim, "-C", config, "-be"], sources);
    const ours = await answers([node, script, "exim", "-C", config, "-be"], sources);
    const different = sources.flatMap((source, i) => (ours[i] === theirs[i] ? [] : [{ source, exim: theirs[i], mailkit: ours[i] }]));
    t.deepEqual(different, []);
  });
}

function site(t: ExecutionContext): string {
  const folder = temporaryFolder(t, "expressions");
  writeFiles(folder, FILES);
  const database = new DatabaseSync(join(folder, "data/db.sq"));
  database.exec("create table t(k text,v text,w text); insert into t values ('a','va','wa'),('b','vb','w b'),('b','vb2','')");
  database.close();
  const config = readFileSync(join(FIXTURES, "expressions.conf"), "latin1");
  writeFileSync(join(folder, "exim.conf"), config.replaceAll("FOLDER", folder), "latin1");
  return folder;
}

function mark(i: number): string {
  return `@@${i}@@`;
}

/** One process for all; between the strings stand marks that expand to themselves. */
async function answers([command = "", ...argv]: readonly string[], sources: readonly string[]): Promise<readonly string[]> {
  const { stdout, stderr } = await run(command, argv, { input: sources.map((source, i) => `${source}\n${mark(i)}\n`).join("") });
  let at = 0;
  return sources.map((source, i) => {
    const end = stdout.indexOf(`> ${mark(i)}\n`, at);
    if (end < 0) throw new Error(`${command} ended at ${source}: ${stdout.slice(at, at + 300)} ${stderr.slice(-300)}`);
    // The reason of a list that cannot be matched is whatever Exim said last; that of a lookup may be nothing.
    const answer = stdout
      .slice(at, end)
      .replace(/^> /, "")
      .replace(/(unable to complete match against ".*"|gave DEFER): [^]*/, "$1");
    at = end + mark(i).length + 3;
    return answer;
  });
}

const FILES: Readonly<Record<string, string>> = {
  "spool/": "",
  "log/": "",
  "data/ls":
    'bob: one two\nALICE: x=1 y="a b" z=\n"quo ted": q\ncont: a\n  b\n# c\n\nempty:\n*.dom.ex: wild\n^re.*x: regex\n' +
    "*@def.ex: ddef\n*: star\n",
  "data/ipl": '10.0.0.0/8: ten\n192.168.1.1: one\n"2001:db8::/32": six\n*: any\n',
  "data/wl": "*.wild.ex: w\n^\\\\N^re(.*)x$\\\\N: r\nlit: l\n*end: e\n",
  "data/part": "*.part.ex: p1\nexact.ex: e1\n*.ex: p2\n*: pstar\n",
  "data/txt": "file content\nline 2\nline 3",
  "data/nets": "10.0.0.0/8: net8\n10.0.0.1: host1\n",
  "data/aa": "dom1: l1 : l2\ndom2: l3 : >dom1\n",
  "data/dl": "a.dom\n# comment\n*.b.dom  # trailing\n!c.dom\nd.dom # yes\n\n",
  "data/dir/file1": "hi\n",
  "data/dir/sub/": "",
};
