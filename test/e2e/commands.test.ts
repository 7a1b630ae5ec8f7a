/** The built program's commands, beside a server and without one: happy path, JSON, errors, exit codes, exim's names. */
import test from "ava";
import type { ExecutionContext } from "ava";
import { join } from "node:path";
import { COMMAND_TABLE } from "../../packages/cli/src/commands/table.ts";
import { cleanEnvironment, mailkit, startMailkit } from "../support/mailkit.ts";
import { loopbackAddress } from "../support/loopback.ts";
import { startNameServer } from "../support/name-server.ts";
import { ROOT } from "../support/program.ts";
import { run } from "../support/programs.ts";
import type { Ran } from "../support/programs.ts";
import { rawClient } from "../support/smtp-client.ts";
import { forAllTests } from "../support/suite.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { startSite } from "../support/world.ts";
import type { Site } from "../support/world.ts";

const shared = forAllTests(test);
let site: Site;
let ids: readonly string[] = [];

/** A server with three waiting messages for a dead host: the second is frozen, the third comes from the null sender. */
test.before(async () => {
  const dns = await startNameServer(shared, { "dead.test": { A: [loopbackAddress()] } });
  site = await startSite(shared, { domain: "truc.fr", dns, retry: "*  *  F,2h,1h", files: { "home/zoe/": "" } });
  for (const [sender, recipient] of [
    ["fred@truc.fr", "x@dead.test"],
    ["anne@truc.fr", "y@dead.test"],
    ["", "z@dead.test"],
  ] as const) {
    const client = await rawClient(site.address, site.port);
    for (const line of ["EHLO a.test", `MAIL FROM:<${sender}>`, `RCPT TO:<${recipient}>`, "DATA"]) await client.say(line);
    const reply = await client.say(`Subject: to ${recipient}\r\n\r\ntext\r\n.`);
    ids = [...ids, /id=(\S+)/.exec(reply)?.[1] ?? ""];
    await client.say("QUIT");
    await site.logged(new RegExp(`== ${recipient} R=remote`));
  }
  await site.command(["queue", "freeze", ids[1] as string]);
});

const succeeds = (t: ExecutionContext, ran: Ran): string => {
  t.is(ran.code, 0, ran.stdout + ran.stderr);
  return ran.stdout;
};

test.serial("help of the program lists every command; each one's help is there", async (t) => {
  const help = succeeds(t, await mailkit(["--help"]));
  for (const { name } of COMMAND_TABLE) t.true(help.includes(name.split(" ")[0] as string), name);
  for (const name of ["serve", "queue list", "explain"])
    t.regex(succeeds(t, await mailkit([...name.split(" "), "--help"])), new RegExp(`^USAGE\\n  \\$ mailkit ${name}`, "m"));
  t.regex(succeeds(t, await mailkit(["--version"])), /mailkit.* \d+\.\d+\.\d+/);
});

/** Arguments, then what stands on standard output. `ID` is the first message, `SERVER` the server. */
const PLAIN: readonly (readonly [string, RegExp])[] = [
  ["check", /exim\.conf/],
  ["info", /configuration .*exim\.conf[^]*server +pid \d+, 3 in the queue/],
  ["route fred@truc.fr", /people[^]*mailbox/],
  ["route x@dead.test", /remote[^]*dead\.test/],
  ["queue list", /^ID .*\n(?:.*\n){3}3 of 3 messages\n$/],
  ["queue list --domain dead.test --sender fred", /x@dead\.test {2}Connection refused, next \d\d:\d\d\n1 of 3 messages\n$/],
  ["queue list --frozen", /anne@truc\.fr {2}frozen/],
  ["queue list --sender <>", /<>.*z@dead\.test/],
  ["queue count", /^3\n$/],
  ["queue count --frozen", /^1\n$/],
  ["queue show ID --body", /fred@truc\.fr[^]*Subject: to x@dead\.test[^]*\ntext\n/],
  ["queue remove --sender fred --dry-run", /^would remove \S+ {2}fred@truc\.fr\n$/],
  ["explain ID", /Connection refused/],
  ["explain x@dead.test", /Connection refused/],
  ["log --lines 50", /Connection refused/],
  ["stats", /truc\.fr/],
  ["completions bash", /mailkit/],
  ["init -", /begin routers/],
  ["user list", /fred/],
  ["expand ${uc:abc}$primary_hostname", /^ABCmail\.truc\.fr\n$/],
  ["probe SERVER", /PIPELINING/],
  ["send fred@truc.fr --from anne@truc.fr --server SERVER", /250 OK id=/],
];

const JSON_FORMS = [
  "check", "info", "route fred@truc.fr", "queue list", "queue show ID", "explain ID", "log --lines 5", "stats", "probe SERVER", "user list",
]; // prettier-ignore

function argumentsOf(line: string): string[] {
  const words: Readonly<Record<string, string>> = { ID: ids[0] as string, SERVER: `${site.address}:${site.port}` };
  return line.split(" ").map((word) => words[word] ?? word);
}

for (const [line, expected] of PLAIN) {
  test.serial(`mailkit ${line}`, async (t) => {
    t.regex(succeeds(t, await site.command(argumentsOf(line))), expected);
  });
}

for (const line of JSON_FORMS) {
  test.serial(`mailkit ${line} --json`, async (t) => {
    const text = succeeds(t, await site.command([...argumentsOf(line), "--json"]));
    t.not(text, "");
    if (!isJson(text)) for (const one of text.trimEnd().split("\n")) t.true(isJson(one), one.slice(0, 200));
  });
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Arguments, exit code, standard error. */
const FAILURES: readonly (readonly [string, number, RegExp])[] = [
  ["qeue list", 2, /^error: mailkit has no command qeue/],
  ["queue list --no-such-flag", 2, /^error: mailkit queue list has no flag --no-such-flag\n {2}hint: /],
  ["queue show", 2, /^error: mailkit queue show needs ID/],
  ["queue show 1aaaaa-000000000aa-0000", 1, /^error: no message 1aaaaa-000000000aa-0000 in the queue\n {2}hint: /],
  ["queue remove", 2, /^error: mailkit queue remove needs message ids or a filter\n {2}hint: /],
  ["queue list --older nonsense", 2, /^error: --older takes a time/],
  ["explain 1aaaaa-000000000aa-0000", 1, /^error: /],
  ["check /no/such/file", 1, /^(?:error.*does not exist)?/],
  ["route nobody@truc.fr", 1, /^$/],
  ["expand ${bad", 1, /^error/],
  ["send nobody@truc.fr --from anne@truc.fr --server SERVER", 1, /^$/],
  ["send x@y --server 127.0.0.1:1", 1, /^error: .*ECONNREFUSED.*\n {2}hint: /],
  ["probe 127.0.0.1:1", 1, /^error: .*ECONNREFUSED.*\n {2}hint: /],
  ["completions csh", 2, /^error: /],
  ["serve --queue-run never", 2, /^error: --queue-run takes a time/],
  ["serve --workers many", 2, /^error: /],
  ["-D lower=1 check", 2, /^error: /],
];

for (const [line, code, expected] of FAILURES) {
  test.serial(`mailkit ${line} fails with ${code}`, async (t) => {
    const ran = await site.command(argumentsOf(line));
    t.is(ran.code, code, ran.stdout + ran.stderr);
    t.regex(ran.stderr, expected);
    t.notRegex(ran.stderr, /\n {4}at /, "no stack trace");
  });
}

test.serial("mailkit session: a simulated session from a script", async (t) => {
  const script = "EHLO a.test\nMAIL FROM:<a@else.test>\nRCPT TO:<fred@truc.fr>\nRCPT TO:<nobody@truc.fr>\nQUIT\n";
  const ran = await site.command(["session", "--from", "192.0.2.9"], { input: script });
  t.regex(ran.stdout, /250 Accepted/);
  t.regex(ran.stdout, /550 Unknown user/);
  t.regex(ran.stdout + ran.stderr, /check_rcpt/);
});

test.serial("mailkit user: the new user logs in over POP3, the removed one does not", async (t) => {
  succeeds(t, await site.command(["user", "add", "zoe", "--password-stdin"], { input: "first pass\n" }));
  const login = async (): Promise<string> => {
    const pop = await rawClient(site.address, site.pop3Port, { lines: true });
    t.regex(await pop.say("USER zoe"), /^\+OK/);
    const reply = await pop.say("PASS first pass");
    await pop.say("QUIT");
    return reply;
  };
  t.regex(await login(), /^\+OK/);
  succeeds(t, await site.command(["user", "remove", "zoe"]));
  t.regex(await login(), /^-ERR/);
});

test.serial("mailkit init writes a file that check accepts", async (t) => {
  const folder = temporaryFolder(t, "init");
  succeeds(t, await mailkit(["init"], { cwd: folder }));
  succeeds(t, await mailkit(["check"], { cwd: folder }));
});

test.serial("the queue of the sandbox, whose spool no configuration file names", async (t) => {
  const sandbox = await startMailkit(t);
  t.is(succeeds(t, await sandbox.command(["queue", "count"])), "0\n");
  t.is(succeeds(t, await sandbox.command(["queue", "list"])), "the queue is empty\n");
});

/** The program under another name, as Debian's alternatives would link it. */
function face(name: string, argv: readonly string[], input = ""): Promise<Ran> {
  return run("sh", ["-c", `MAILKIT_ARGV0=${name} exec "$0" "$@"`, join(ROOT, "node_modules/.bin/mailkit"), ...argv], {
    input,
    cwd: site.folder,
    env: { ...cleanEnvironment({}), ...site.env },
  });
}

test.serial("exim's names beside the server: mailq, exim -bpc, exim -bt, sendmail", async (t) => {
  const config = ["-C", join(site.folder, "exim.conf")];
  t.regex(succeeds(t, await face("mailq", config)), /fred@truc\.fr/);
  t.regex(succeeds(t, await face("exim", [...config, "-bpc"])), /^\d+\n$/);
  t.regex(succeeds(t, await face("exim4", [...config, "-bt", "fred@truc.fr"])), /router = people, transport = mailbox/);
  t.is((await face("exim", [...config, "-bt", "nobody@truc.fr"])).code, 2);
  t.not((await face("exim", ["-nonsense"])).code, 0);
});

test.serial("whoever reads the output has enough: the end, without a word", async (t) => {
  const endless = 'yes "\\${uc:abc}" | "$0" exim -be | head -n 1';
  const ran = await run("sh", ["-c", endless, join(ROOT, "node_modules/.bin/mailkit")], { cwd: site.folder, env: cleanEnvironment({}) });
  t.is(ran.stdout, "> ABC\n");
  t.is(ran.stderr, "");
});

test.serial("the queue without a server: the same answers, and changes that last", async (t) => {
  t.is(await site.stop(), 0);
  t.is(succeeds(t, await site.command(["queue", "count"])), "3\n");
  t.regex(succeeds(t, await site.command(["queue", "list"])), /3 of 3 messages\n$/);
  succeeds(t, await site.command(["queue", "thaw", ids[1] as string]));
  t.is(succeeds(t, await site.command(["queue", "count", "--frozen"])), "0\n");
  succeeds(t, await site.command(["queue", "remove", ids[2] as string]));
  t.is(succeeds(t, await site.command(["queue", "count"])), "2\n");
  await site.start();
  t.is(succeeds(t, await site.command(["queue", "count"])), "2\n");
  succeeds(t, await site.command(["queue", "bounce", ids[0] as string]));
  // As in Exim, without a line of its own for the address.
  await site.logged(/ cancelled by \S+$/);
  await site.logged(/=> fred <fred@truc\.fr>/, 2);
  t.is(site.paniclog(), "");
});
