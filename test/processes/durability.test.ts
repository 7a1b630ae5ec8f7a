/**
 * The order of durability, seen from outside with strace: a message is synced before its 250 is written, and what became
 * of it, a mailbox, the next server's 250, a bounce, is durable before the record that says it is done.
 */
import test from "ava";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readCalls, type Call } from "../crash/calls.ts";
import { startMailkit } from "../support/mailkit.ts";
import { needsThat } from "../support/programs.ts";
import { rawClient } from "../support/smtp-client.ts";
import { startSink } from "../support/smtp-sink.ts";
import type { Teardown } from "../support/temporary.ts";
import { until } from "../support/wait.ts";

const CALLS = "fsync,fdatasync,read,recvfrom,write,writev,sendmsg,sendto,pwrite64,pwritev,pwritev2,rename,renameat,renameat2";
const works = spawnSync("strace", ["-f", "-o", "/dev/null", "true"]).status === 0;
const traced = needsThat(test, works, "there is no strace here, or it may not trace");

const CONFIG = `primary_hostname = host.test
spool_directory = FOLDER/spool
host_lookup =
acl_smtp_rcpt = accept
begin routers
here:
  driver = accept
  domains = here.test
  transport = maildir
file:
  driver = accept
  domains = file.test
  transport = mbox
gone:
  driver = redirect
  domains = gone.test
  allow_fail
  data = :fail: moved away
away:
  driver = manualroute
  domains = away.test
  route_list = * SINK byname
  self = send
  transport = out
begin transports
maildir:
  driver = appendfile
  directory = FOLDER/box
  create_directory
  maildir_format
mbox:
  driver = appendfile
  file = FOLDER/mbox
out:
  driver = smtp
  hosts_avoid_tls = *
`;

const isSync = (call: Call): boolean => /^f(data)?sync$/.test(call.name);
const isSegment = (call: Call): boolean => call.path.endsWith(".seg");
const begins = (id: string) => (call: Call) => isSegment(call) && call.text.includes(`\\"id\\":\\"${id}\\"`);

interface Trace {
  readonly calls: readonly Call[];
  readonly id: string;
  /** The message's record, its sync, its 250. */
  readonly message: Call;
  readonly answered: Call;
}

/** One message from its acceptance to its end. */
async function trace(t: Teardown, recipient: string, body = "body"): Promise<Trace> {
  const sink = await startSink(t);
  const server = await startMailkit(t, {
    config: CONFIG.replace("SINK", `${sink.address}::${sink.port}`),
    through: ["strace", "-D", "-f", "-y", "-qq", "-s", "4096", "-e", `trace=${CALLS}`, "-o", "trace"],
  });
  const client = await rawClient(server.address, server.port);
  for (const line of ["EHLO client.test", "MAIL FROM:<b@here.test>", `RCPT TO:<${recipient}>`, "DATA"]) await client.say(line);
  const reply = await client.say(`Subject: order\r\n\r\n${body}\r\n.`);
  const id = /id=(\S+)/.exec(reply)?.[1] ?? "none";
  await server.logged(new RegExp(`${id} Completed$`));
  await server.stop();
  const calls = await until(() => tracedUntil(readFileSync(join(server.folder, "trace"), "latin1"), `${id} Completed`), {
    what: "the end of the trace",
  });
  const message = one(calls, "the message is written", begins(id));
  const answered = one(calls, "the 250 is written", (call) => !isSegment(call) && call.text.includes(`250 OK id=${id}`));
  return { calls, id, message, answered };
}

/** The record that ends the message: the last one that names it. */
function endOf({ calls, id, answered }: Trace): Call {
  const ends = calls.filter((call) => isSegment(call) && call.text.includes(id) && call.began > answered.began);
  return ends.at(-1) ?? one(calls, "the end is recorded", () => false);
}

traced("sync of the message, then its 250; sync of the mailbox and its folder, then the record", async (t) => {
  const all = await trace(t, "a@here.test");
  const { calls, message, answered } = all;
  const synced = after(calls, message, "the segment is synced", (call) => isSync(call) && isSegment(call));
  t.true(synced.ended < answered.began, `synced at ${synced.ended}, answered at ${answered.began}`);
  const file = one(calls, "the mailbox file is synced", (call) => isSync(call) && call.path.includes("/box/tmp/"));
  const renamed = one(calls, "it is renamed", (call) => call.name.startsWith("rename") && call.text.includes("/box/new/"));
  const folder = after(calls, renamed, "its folder is synced", (call) => call.name === "fsync" && call.path.endsWith("/box/new"));
  t.true(file.ended < renamed.began, "the file is durable before it has its name");
  t.true(folder.ended < endOf(all).began, "the name is durable before the delivery is recorded");
});

traced(
  "a large body: its file and its name are synced before the record that names it, then the 250; an mbox before the record",
  async (t) => {
    const all = await trace(t, "a@file.test", `${"x".repeat(998)}\r\n`.repeat(1000));
    const { calls, message, answered } = all;
    const body = one(calls, "the body is synced", (call) => isSync(call) && call.path.includes("/body/"));
    const name = after(calls, body, "its folder is synced", (call) => call.name === "fsync" && call.path.endsWith("/body"));
    t.true(name.ended < message.began, "the body is durable before the record");
    const synced = after(calls, message, "the segment is synced", (call) => isSync(call) && isSegment(call));
    t.true(synced.ended < answered.began);
    const writes = calls.filter((call) => call.path.endsWith("/mbox") && /write/.test(call.name));
    const mbox = after(calls, writes.at(-1) as Call, "the mailbox is synced", (call) => isSync(call) && call.path.endsWith("/mbox"));
    t.true(mbox.ended < endOf(all).began, "the mailbox is durable before the delivery is recorded");
  },
);

traced("over SMTP: the next server has taken it before that is recorded, and the record is synced before the end is told", async (t) => {
  const all = await trace(t, "a@away.test");
  const { calls, id } = all;
  const taken = one(calls, "the next server's 250", (call) => /^(?:read|recvfrom)$/.test(call.name) && call.text.includes("250 taken"));
  const end = endOf(all);
  t.true(taken.ended < end.began, "taken before it is recorded");
  const synced = after(calls, end, "the end is synced", (call) => isSync(call) && isSegment(call));
  const told = one(calls, "the log says so", (call) => call.path.endsWith("mainlog") && call.text.includes(`${id} Completed`));
  t.true(synced.ended < told.began);
});

traced("a bounce is durable before the address that failed is recorded as done", async (t) => {
  const all = await trace(t, "a@gone.test");
  const { calls, id } = all;
  const bounce = one(
    calls,
    "the bounce is written",
    (call) => isSegment(call) && call.text.includes("Mail delivery failed") && !begins(id)(call),
  );
  const synced = after(calls, bounce, "the bounce is synced", (call) => isSync(call) && isSegment(call));
  t.true(synced.ended < endOf(all).began);
});

function one(calls: readonly Call[], what: string, is: (call: Call) => boolean): Call {
  const found = calls.find(is);
  if (found === undefined)
    throw new Error(`not in the trace: ${what}\n${calls.map((call) => `${call.name} ${call.text.slice(0, 150)}`).join("\n")}`);
  return found;
}

function after(calls: readonly Call[], first: Call, what: string, is: (call: Call) => boolean): Call {
  return one(calls, what, (call) => call.began > first.ended && is(call));
}

function tracedUntil(trace: string, text: string): Call[] | undefined {
  return trace.includes(text) ? readCalls(trace) : undefined;
}
