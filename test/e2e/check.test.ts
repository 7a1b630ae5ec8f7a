/** A configuration with ten faults shows ten, at once, each where it stands; without faults a server starts with it. */
import test from "ava";
import { execFileSync } from "node:child_process";
import { chmodSync } from "node:fs";
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

test("what is no configuration file is told at once: folders, pipes, devices without end, files that may not be read", async (t) => {
  const folder = temporaryFolder(t, "check");
  writeFiles(folder, { "includes.conf": ".include /dev/zero\n.include .\n.include includes.conf\n", "secret.conf": "queue_only\n" });
  execFileSync("mkfifo", [join(folder, "fifo")]);
  const cases = [
    [folder, "cannot be read: it is a directory"],
    [join(folder, "fifo"), "cannot be read: it is no regular file"],
    ["/dev/zero", "cannot be read: too large for a configuration file"],
    [join(folder, "none"), "does not exist"],
  ] as const;
  for (const [path, reason] of cases) {
    const ran = await mailkit(["check", path]);
    t.is(ran.code, 1, path);
    t.is(ran.stdout.split("\n")[0], `error[MK0011]: configuration file ${path} ${reason}`);
  }
  const included = await mailkit(["check", join(folder, "includes.conf")]);
  t.deepEqual(included.stdout.match(/^error.*$/gm), [
    "error[MK0009]: cannot read included file /dev/zero: too large for a configuration file",
    `error[MK0009]: cannot read included file ${folder}/.: it is a directory`,
    `error[MK0008]: ${folder}/includes.conf includes itself`,
  ]);
  chmodSync(join(folder, "secret.conf"), 0);
  const secret = await mailkit(["check", join(folder, "secret.conf")]);
  t.is(secret.stdout.split("\n")[0], `error[MK0011]: configuration file ${folder}/secret.conf cannot be read: permission denied`);
});
