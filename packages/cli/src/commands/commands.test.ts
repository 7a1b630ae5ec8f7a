/** Commands as people type them: what they print, what they leave behind, how they end. */
import test from "ava";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bench } from "../testing/run-command.ts";

const ID = "1vNQwE-000AbC-2X";
const HEADER = `${ID}-H
mail 8 8
<fred@truc.fr>
1763992931 0
-received_time_usec .250000
-received_protocol esmtp
-body_linecount 1
-max_received_linelength 20
XX
2
marc@machin.com
paul@slow.example

025P Received: from x by y; z
013  Subject: one
`;

function withEximSpool(): ReturnType<typeof bench> {
  const made = bench();
  mkdirSync(join(made.folder, "input"));
  writeFileSync(join(made.folder, "input", `${ID}-H`), HEADER);
  writeFileSync(join(made.folder, "input", `${ID}-D`), `${ID}-D\nhello\n`);
  writeFileSync(join(made.folder, "input", `${ID}-J`), "marc@machin.com\n");
  return made;
}

test("queue import takes over Exim's messages with their ids and journals, once", async (t) => {
  const { folder, run, close } = withEximSpool();
  t.teardown(close);
  const dry = await run(["queue", "import", "input", "--dry-run"]);
  t.is(dry.out, `${ID}  taken over\n1 message would be taken over, 0 known already, 0 not readable\n`);
  t.is((await run(["queue", "count"])).out, "0\n");
  const first = await run(["queue", "import", "input", "--remove", "-q"]);
  t.deepEqual([first.code, first.out, first.err], [0, "", ""]);
  t.deepEqual(readdirSync(join(folder, "input")), []);
  const [item] = JSON.parse((await run(["queue", "list", "--json"])).out) as [
    { id: string; sender: string; recipients: { done: boolean }[] },
  ];
  t.like(item, { id: ID, sender: "fred@truc.fr" });
  t.deepEqual(
    item.recipients.map(({ done }) => done),
    [true, false],
  );
});

test("queue export writes what queue import reads", async (t) => {
  const { folder, run, close } = withEximSpool();
  t.teardown(close);
  await run(["queue", "import", "input"]);
  t.is((await run(["queue", "export", "out"])).out, `1 message written to ${join(folder, "out")}\n`);
  t.is(readFileSync(join(folder, "out", `${ID}-D`), "latin1"), `${ID}-D\nhello\n`);
  t.is(
    (await run(["queue", "import", "out"])).out,
    `${ID}  in the queue already\n0 messages taken over, 1 known already, 0 not readable\n`,
  );
  const again = await run(["queue", "export", "out"]);
  t.is(again.code, 1);
  t.regex(again.err, /^error: .*-H exists already\n {2}hint: /);
});

test("queue import tells of files that it cannot read, and goes on", async (t) => {
  const { folder, run, close } = withEximSpool();
  t.teardown(close);
  writeFileSync(join(folder, "input", "1vNQwE-000AbC-2Y-H"), "rubbish");
  const { code, err, out } = await run(["queue", "import", "input"]);
  t.is(code, 1);
  t.regex(err, /2Y-H: .*2Y-D is missing\n/);
  t.regex(out, /1 message taken over, 0 known already, 1 not readable\n$/);
});

test("queue edit changes the envelope", async (t) => {
  const { run, close } = withEximSpool();
  t.teardown(close);
  await run(["queue", "import", "input"]);
  const { code, out } = await run(["queue", "edit", ID, "--sender", "<>", "--add", "eve@truc.fr", "--done", "paul@slow.example"]);
  t.is(code, 0, out);
  const [item] = JSON.parse((await run(["queue", "list", "--json"])).out) as [{ sender: string; recipients: object[] }];
  t.is(item.sender, "");
  t.like(item.recipients, { 1: { address: "paul@slow.example", done: true }, 2: { address: "eve@truc.fr", done: false } });
  t.is((await run(["queue", "edit", ID, "--done", "nobody@x.y"])).code, 1);
  t.is((await run(["queue", "edit", ID, "--add", "nobody"])).code, 2);
  t.is((await run(["queue", "edit", ID])).code, 2);
});

const LOG = `2026-11-24 10:00:00 ${ID} <= fred@truc.fr H=pc [192.0.2.1] P=esmtp S=100
2026-11-24 10:00:01 ${ID} => marc@machin.com R=all T=smtp H=mx [192.0.2.2]
2026-11-24 10:00:02 ${ID} == paul@slow.example R=all T=smtp defer (111): Connection refused
2026-11-24 10:00:03 H=x [192.0.2.3] F=<a@b.c> rejected RCPT <paul@slow.example>: not today
`;

function withLog(): ReturnType<typeof bench> {
  const made = bench();
  mkdirSync(join(made.folder, "log"));
  writeFileSync(join(made.folder, "log/mainlog"), LOG);
  writeFileSync(
    join(made.folder, "log/rejectlog"),
    "2026-11-24 10:00:03 H=x [192.0.2.3] F=<a@b.c> rejected RCPT <paul@slow.example>: not today\n",
  );
  return made;
}

test("explain by id, by the beginning of one, by address; nothing known is a failure", async (t) => {
  const { run, close } = withLog();
  t.teardown(close);
  const byId = await run(["explain", ID]);
  t.is(byId.code, 0);
  t.regex(byId.out, /^1vNQwE-000AbC-2X {3}fred@truc\.fr, 100 bytes, 1 delivered, no longer in the queue\n/);
  const byAddress = await run(["explain", "Paul@slow.example", "--since", "1000w"]);
  t.regex(byAddress.out, /== +paul@slow\.example {2}smtp {2}Connection refused\n/);
  t.regex(byAddress.out, /rejected RCPT <paul@slow\.example>: not today\n$/);
  const nothing = await run(["explain", "who@knows.example"]);
  t.is(nothing.code, 1);
  t.regex(nothing.err, /^error: nothing is known of who@knows\.example\n {2}hint: looked in .*mainlog/);
  t.is((await run(["explain", "1vNQ"])).code, 1);
  const { messages } = JSON.parse((await run(["explain", ID, "--json"])).out) as { messages: { log: { kind: string }[] }[] };
  t.deepEqual(
    messages[0]?.log.map(({ kind }) => kind),
    ["arrival", "delivery", "deferred"],
  );
});

test("log prints the last lines, filtered lines, JSON; doubles once", async (t) => {
  const { run, close } = withLog();
  t.teardown(close);
  t.is((await run(["log", "-n", "2"])).out.split("\n").length, 3);
  t.is((await run(["log"])).out, LOG);
  t.is((await run(["log", "machin", "!slow"])).out.split("\n").length, 2);
  t.is((await run(["log", "--reject"])).out.split("\n").length, 2);
  const records = (await run(["log", "--json", "--address", "paul@slow.example"])).out.trim().split("\n");
  t.deepEqual(
    records.map((line) => (JSON.parse(line) as { kind: string; log: string }).kind),
    ["deferred", "rejected"],
  );
  t.deepEqual((await run(["log", "--id", "1vNQwE", "-n", "1"])).out.split("\n").length, 2);
});

test("stats of given files and of standard input", async (t) => {
  const { run, close } = withLog();
  t.teardown(close);
  const figures = JSON.parse((await run(["stats", "log/mainlog", "--json"])).out) as { received: { messages: number }; rejected: number };
  t.like(figures, { received: { messages: 1 }, rejected: 1 });
  t.regex((await run(["stats", "-"], LOG)).out, /received +1 {2}100 bytes from 1 host/);
  t.regex((await run(["stats", "nothing"])).err, /nothing: no such file/);
  t.is((await run(["stats", "--since", "soon"])).code, 2);
});

test("user: added, listed, changed, removed; the password never shows", async (t) => {
  const { folder, run, close } = bench();
  t.teardown(close);
  const added = await run(["user", "add", "Fred", "--password-stdin"], "secret\n");
  t.is(added.code, 0, added.err);
  t.notRegex(added.out, /secret/);
  t.regex(readFileSync(join(folder, "users"), "utf8"), /^fred:\$argon2id\$/);
  t.is(statSync(join(folder, "users")).mode & 0o777, 0o600);
  t.regex((await run(["user", "add", "fred", "--password-stdin"], "x\n")).err, /there is a user "fred" already/);
  t.deepEqual(JSON.parse((await run(["user", "list", "--json"])).out), { file: join(folder, "users"), users: ["fred"] });
  t.regex((await run(["user", "passwd", "fred", "--generate"])).out, /password [\w-]{16} /);
  t.is((await run(["user", "passwd", "eve", "--generate"])).code, 1);
  t.is((await run(["user", "add", "no space", "--generate"])).code, 1);
  t.is((await run(["user", "add", "joe"])).code, 2, "no terminal to ask on");
  t.is((await run(["user", "add", "joe", "--password-stdin"], "\n")).code, 1, "an empty password");
  t.is((await run(["user", "remove", "fred", "-q"])).out, "");
  t.is((await run(["user", "list", "-q"])).out, "");
});

test("init writes a configuration that check likes, and never overwrites", async (t) => {
  const { folder, run, close } = bench("");
  t.teardown(close);
  t.is((await run(["init"])).code, 0);
  t.true(existsSync(join(folder, "mailkit.conf")) && existsSync(join(folder, ".mailkit/users")));
  const checked = await run(["check"]);
  t.deepEqual([checked.code, checked.err], [0, ""]);
  const again = await run(["init"]);
  t.is(again.code, 1);
  t.regex(again.err, /exists already, and is left as it is\n {2}hint: /);
  t.regex((await run(["init", "-"])).out, /^# A mail sandbox/);
  const unit = await run(["init", "--systemd", "-C", "mailkit.conf"]);
  t.regex(unit.out, /^ExecStart=\S+ serve -C \/.*mailkit\.conf$/m);
  t.regex(unit.out, /^NoNewPrivileges=yes$/m);
  const other = await run(["init", "--systemd", "--run-as", "mail", "-C", "mailkit.conf"]);
  t.regex(other.out, /^User=mail$/m);
});

test("info tells where things are", async (t) => {
  const { folder, run, close } = bench();
  t.teardown(close);
  const facts = JSON.parse((await run(["info", "--json"])).out) as { spool: string; servers: unknown[]; drivers: { name: string }[] };
  t.is(facts.spool, join(folder, "spool"));
  t.deepEqual(facts.servers, []);
  t.true(facts.drivers.some(({ name }) => name === "dnslookup"));
  t.true((await run(["info"])).out.split("\n").every((line) => line.length <= 80 || line.includes(folder)));
});

test("plugins: new, test, add, allow, list, remove", async (t) => {
  const { run, close } = bench();
  t.teardown(close);
  t.is((await run(["plugins", "new", "lookup", "mine"])).code, 0);
  t.regex((await run(["plugins", "test", "mailkit-lookup-mine", "-q"])).out, /^6 checks passed, 0 failed\n$/);
  t.regex((await run(["plugins", "add", "./mailkit-lookup-mine"])).out, /not allowed yet: mailkit plugins allow mailkit-lookup-mine/);
  t.regex((await run(["plugins", "list"])).out, /lookup mine {2}not allowed/);
  await run(["plugins", "allow", "mailkit-lookup-mine"]);
  t.regex((await run(["plugins", "list"])).out, /lookup mine {2}allowed/);
  t.regex((await run(["info"])).out, /lookup mine: mailkit-lookup-mine 0\.1\.0/);
  t.is((await run(["plugins", "remove", "mailkit-lookup-mine", "-q"])).code, 0);
  t.regex((await run(["plugins", "list"])).err, /no driver packages in /);
  t.is((await run(["plugins", "new", "rooter", "mine"])).code, 2);
  t.is((await run(["plugins", "new", "router", "Mine"])).code, 2);
  t.is((await run(["plugins", "allow", "nothing"])).code, 1);
});

test("completions for a shell that there is none for", async (t) => {
  const { run, close } = bench();
  t.teardown(close);
  const { code, err } = await run(["completions", "tcsh"]);
  t.is(code, 2);
  t.regex(err, /bash, zsh, fish/);
});

test("spool verify: a sound spool, a damaged one, a folder that is none", async (t) => {
  const { folder, run, close } = withEximSpool();
  t.teardown(close);
  await run(["queue", "import", "input"]);
  const sound = await run(["spool", "verify"]);
  t.deepEqual([sound.code, sound.out.split("\n").at(-2)], [0, "the spool is sound"]);
  const { folder: spool, partitions } = JSON.parse((await run(["spool", "verify", "--json"])).out) as {
    folder: string;
    partitions: { name: string; messages: number }[];
  };
  t.is(partitions[0]?.messages, 1);
  const inside = join(spool, "input", partitions[0]?.name ?? "");
  const segment = join(inside, readdirSync(inside).find((name) => name.endsWith(".seg")) ?? "");
  const octets = readFileSync(segment);
  octets[octets.indexOf("fred@truc.fr")] = 0;
  writeFileSync(segment, octets);
  const damaged = await run(["spool", "verify", spool]);
  t.is(damaged.code, 1);
  t.regex(damaged.out, /^ {2}damage: segment 1, offset 64: (corrupt record|unfinished write) of \d+ octets$/m);
  t.is((await run(["spool", "verify", folder + "/none"])).code, 1);
});
