/** A configuration with ten faults shows ten, at once, each where it stands; without faults a server starts with it. */
import test from "ava";
import { mailkit } from "../support/mailkit.ts";
import { temporaryFolder, writeFiles } from "../support/temporary.ts";
import { join } from "node:path";

/** A line that is wrong ends with its mark, the number of the fault. */
const FAULTY = `# ten faults
primary_hostnme = mail.test              #1
message_size_limit = 10X                 #2
queue_only = perhaps                     #3
domainlist local_domains = mail.test : ^[a-z
acl_smtp_rcpt = no_such_acl              #4
begin acl
check:
  accept  hosts = :
  deny    message = unbalanced \${lc:$domain   #5
  wave    domains = mail.test            #6
begin routers
r1:
  driver = acept                         #7
r2:
  driver = accept
  transport = nowhere                    #8
  locl_parts = fred                      #9
begin transports
t1:
  driver = appendfile
  file = /tmp/x
begin retry
* * F,2h,15q                             #10
`;

/** Line numbers of the marked faults; the marks are no comments in this language, so they go. */
const MARKED = FAULTY.split("\n").flatMap((line, at) => (/#\d+$/.test(line) ? [at + 1] : []));
const CONFIG = FAULTY.replace(/ +#\d+$/gm, "");

interface Found {
  readonly severity: string;
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  readonly at?: { readonly file: string; readonly line: number; readonly column: number };
}

test("ten faults: ten of them, with their places, in text and in JSON", async (t) => {
  const folder = temporaryFolder(t, "check");
  writeFiles(folder, { "exim.conf": CONFIG });
  const file = join(folder, "exim.conf");
  const json = await mailkit(["check", file, "--json"]);
  t.is(json.code, 1);
  const { ok, diagnostics } = JSON.parse(json.stdout) as { ok: boolean; diagnostics: readonly Found[] };
  t.false(ok);
  const lines = diagnostics.filter(({ severity }) => severity === "error").map(({ at }) => at?.line ?? 0);
  for (const line of MARKED) t.true(lines.includes(line), `line ${line}: ${CONFIG.split("\n")[line - 1]}\n${json.stdout}`);
  for (const { code, message } of diagnostics) {
    t.regex(code, /^MK\d{4}$/);
    t.notRegex(message, /\.$/);
  }
  const text = await mailkit(["check", file]);
  t.is(text.code, 1);
  for (const line of MARKED) t.true(text.stdout.includes(`${file}:${line}:`), text.stdout);
  t.regex(text.stdout, new RegExp(`\\n${diagnostics.filter((d) => d.severity === "error").length} errors`));
  t.regex(text.stdout, /hint: .*primary_hostname/);
  t.regex(text.stdout, /hint: .*accept/);
});

test("a server does not start with them, and says all of them", async (t) => {
  const folder = temporaryFolder(t, "check");
  writeFiles(folder, { "exim.conf": CONFIG });
  const ran = await mailkit(["serve", "-C", join(folder, "exim.conf")], { cwd: folder });
  t.is(ran.code, 1);
  for (const line of MARKED) t.true(ran.stderr.includes(`exim.conf:${line}:`), ran.stderr);
});
