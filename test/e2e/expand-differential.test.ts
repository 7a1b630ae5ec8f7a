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
  [/utf8_domain_from_alabel: |utf8_domain_from_alabel:.*(?: |\.a|a\.)\}/, "Exim's library takes spaces and dots off the ends"],
  [/utf8_domain_from_alabel:\\ttab/, "the same"],
  [/utf8_domain_to_alabel:\\303\\251 x/, "Exim's library checks the way back"],
  [/utf8_localpart_from_alabel:(?:a\\tb|\\ttab|xn--bcher-kva\.example)/, "Exim logs tabs as they are; no punycode"],
  [/time_interval:[0-9]{10,}/, "numbers beyond 31 bits keep their value"],
  [/(?:address|local_part|addresses_?):.?\\\\\}/, "a lone backslash is no address"],
  [/(?:addresses_?:a;b&c|domain:a@b;c@d)\}/, "an address does not end at a semicolon"],
  [/\{stat:\.\}/, "another working directory"],
  [/\$\{\w+:\$\{if eq\{a\}\{b\}\{x\}fail\}\}/, "an unknown operator is told before its string fails"],
  [/if bool\{Y\}fail/, "syntax is told before the condition is looked at"],
  [/listextract\{2\}\{<(?:\\\\|;|\\n)\}/, "an empty list has no second item"],
  [/match_\w+\{[^}]*\}\{!\+(?:ld|ll|al)\}/, "Exim leaves the inner item in $value"],
  [/match_address\{.*\{(?:\*@\*\.ex|\*@c\.ex|\+al|\*x@c\.ex|\*@@|\*@!c\.ex)\}/, "$value holds parts of Exim's buffers"],
  [/match_address\{a?@\}\{/, "half an address"],
  [/match_ip\{::ffff:10\.1\.2\.3\}\{net8-/, "an IPv4 address in IPv6 form counts as IPv4"],
  [/partial0-lsearch|partial-wildlsearch/, "Exim leaves parts of its buffers in the numeric variables"],
  [/lookup sqlite.*(?:\{select bad\}|db\.sq select bad\}|db\.sq\{\}|db\.sq \})/, "a query that is wrong is a fault, not an empty answer"],
  [/extract\{-(?:5|99)?\}\{|listextract\{1\}\{<\$value/, "counting from the end stops at the first item, as the manual says"],
  [
    /extract\{\}\{:\}|\{y\}\{\$\{(?:extract\{1\}|lookup\{x\}bad)/,
    "syntax is told before values; branches that are not chosen are parsed alone",
  ],
  [/sort\{3:1\}\{(?:bad|<)\}|sort\{3:1:2\}\{ < \}/, "an unknown comparator is told, space around one is not in the way"],
  [/readfile\{[^}]*data\}|imapfolder\{\\351|authresults\{\}|\$\{env\}|\$r_\|/, "faults that Exim does not tell, or tells in other words"],
  [/run\{\/bin\/(?:echo (?:\$bad|"unterminated)|sh -c "kill -9 \$\$)/, "words of a command are parsed at load"],
  [/hash\{3\}\{9{9}|base(?:32|62):-1844/, "numbers beyond 64 bits"],
  [
    /\$(?:item|lookup_dnssec_authenticated)\|$|^\$\{if match(?:\{abc|_address\{(?:bob|@b|)\}\{(?:!|\*@\*|:|\^))/,
    "what earlier lines left in variables",
  ],
  [/match_ip\{.*\$/, "Exim expands the list of match_ip once more"],
];

const register = needsThat(test, exim !== "" && isRoot, exim === "" ? "exim4 is not installed" : "Exim takes configurations of root only");

for (const [name, expressions] of Object.entries(TABLES)) {
  register(`${name}: expanded as by Exim`, async (t) => {
    const folder = site(t);
    const config = join(folder, "exim.conf");
    const sources = expressions()
      .map((line) => line.replaceAll("FOLDER", folder))
      .filter((line) => APART.every(([pattern]) => !pattern.test(line)));
    const { node, script } = program();
    const theirs = await answers([exim, "-C", config, "-be"], sources);
    const ours = await answers([node, script, "exim", "-C", config, "-be"], sources);
    const different = sources.flatMap((source, i) =>
      same(source, ours[i], theirs[i]) ? [] : [{ source, exim: theirs[i], mailkit: ours[i] }],
    );
    t.deepEqual(different, []);
  });
}

/** Of a lookup that fails, the reason is told in other words, and syntax before files. */
function same(source: string, a = "", b = ""): boolean {
  return a === b || (source.includes("${lookup") && a.startsWith("Failed: ") && b.startsWith("Failed: "));
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
    // The reason of a list that cannot be matched is whatever Exim said last.
    const answer = stdout
      .slice(at, end)
      .replace(/^> /, "")
      .replace(/(unable to complete match against ".*"): [^]*/, "$1");
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
