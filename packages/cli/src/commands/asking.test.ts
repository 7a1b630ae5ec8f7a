import test from "ava";
import type { ExecutionContext } from "ava";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable, Writable } from "node:stream";
import type { CommandSpec } from "../command.ts";
import { allFlags } from "../command.ts";
import { parseCommandLine } from "../parse-flags.ts";
import { check } from "./check.ts";
import { fmt } from "./fmt.ts";
import { lint } from "./lint.ts";
import { retry } from "./retry.ts";
import { rewrite } from "./rewrite.ts";
import { verify } from "./verify.ts";

const CONFIG = `primary_hostname = mx.test
domainlist local = okd
acl_smtp_rcpt = accept domains = +local

begin routers

here:
  driver = accept
  domains = +local
  transport = t

gone:
  driver = redirect
  domains = gone
  allow_fail
  data = :fail: gone away

begin transports

t:
  driver = appendfile
  file = /dev/null

begin retry

* refused F,1h,20m

begin rewrite

*@old.example  $1@new.example
`;

interface Said {
  readonly code: number;
  readonly out: string;
}

// oxlint-disable-next-line max-params -- a command and what it finds
async function run(
  t: ExecutionContext,
  spec: CommandSpec,
  words: readonly string[],
  stdin = "",
  files: Readonly<Record<string, string>> = {},
): Promise<Said & { folder: string }> {
  const folder = mkdtempSync(join(tmpdir(), "mailkit-cli-"));
  t.teardown(() => rmSync(folder, { recursive: true }));
  for (const [name, text] of Object.entries({ "mailkit.conf": CONFIG, ...files })) writeFileSync(join(folder, name), text);
  let out = "";
  const sink = new Writable({ write: (chunk: Buffer, _, done) => ((out += chunk.toString()), done()) });
  const context = { stdout: sink, stderr: sink, stdin: Readable.from([Buffer.from(stdin)]), env: {}, cwd: folder, color: false };
  const code = await spec.run(context, parseCommandLine(spec, words, {}));
  return { code, out: out.replaceAll(folder, "DIR"), folder };
}

test("verify: the verdict, with the routers' reasons above it", async (t) => {
  const { code, out } = await run(t, verify, ["a@okd", "b@gone"]);
  t.is(code, 1);
  t.regex(out, /accepted\s+transport t\s+mailkit\.conf:7\na@okd is good\n/);
  t.regex(out, /b@gone fails: gone away\n$/);
});

test("rewrite: which rule did it, and where it stands", async (t) => {
  const { out } = await run(t, rewrite, ["fred@old.example"]);
  t.regex(out, /^ {2}env-to {4}fred@new\.example {2}by \*@old\.example {2}mailkit\.conf:30$/m);
});

test("retry: the rule and its tries, or none", async (t) => {
  t.is((await run(t, retry, ["a.b"])).code, 1);
  const { code, out } = await run(t, retry, ["a.b", "--error", "refused"]);
  t.is(code, 0);
  t.regex(out, /^\*  refused  F,1h,20m;\n.*mailkit\.conf:26\n/);
  t.regex(out, /3 after 1 h, then it fails\n$/);
});

test("lint finds traps; check shows where each line stands", async (t) => {
  t.regex((await run(t, lint, [])).out, /mailkit\.conf/);
  const { out } = await run(t, check, ["--show"]);
  t.regex(out, /^primary_hostname = mx\.test +mailkit\.conf:1$/m);
});

test("fmt: prints, checks, writes", async (t) => {
  t.is((await run(t, fmt, ["-"], "a=1\n   b = 2\n")).out, "a = 1\nb = 2\n");
  t.is((await run(t, fmt, ["--check"])).code, 0);
  const made = await run(t, fmt, ["mailkit.conf", "--write"]);
  t.is(readFileSync(join(made.folder, "mailkit.conf"), "utf8"), CONFIG);
});

test("every flag of these commands has a line of help", (t) => {
  for (const spec of [check, fmt, lint, retry, rewrite, verify])
    for (const flag of Object.values(allFlags(spec))) t.true(flag.doc.length > 0);
});

test("check --show: lines of a continued setting, macros and where they were written, in text and JSON", async (t) => {
  const text = "NET = 10.0.0.0/8\nhostlist inside = NET : \\\n  192.0.2.0/24\nqualify_domain = DOM\n";
  const { out } = await run(t, check, ["part.conf", "--show", "-D", "DOM=a.example"], "", { "part.conf": text });
  t.deepEqual(
    out
      .split("no faults")[0]
      ?.split("\n")
      .map((line) => line.replace(/ {2,}/g, "  ")),
    [
      "hostlist inside = 10.0.0.0/8 : 192.0.2.0/24  part.conf:2-3 (NET part.conf:1)",
      "qualify_domain = a.example  part.conf:4 (DOM -D)",
      "",
    ],
  );
  const json = await run(t, check, ["part.conf", "--show", "--json", "-D", "DOM=a.example"], "", { "part.conf": text });
  const { effective } = JSON.parse(json.out) as { effective: readonly Record<string, unknown>[] };
  t.like(effective[0], { line: 2, places: { 0: { line: 2 }, 1: { line: 3 } }, macros: { 0: { name: "NET", line: 1 } } });
});
