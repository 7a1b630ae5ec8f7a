/**
 * The order of durability, seen from outside with strace: the message is synced before its 250 is written, its mailbox
 * file and the folder of it before the record that says it is done.
 */
import test from "ava";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readCalls, type Call } from "../crash/calls.ts";
import { mailIn } from "../support/mailbox.ts";
import { startMailkit } from "../support/mailkit.ts";
import { rawClient } from "../support/smtp-client.ts";
import { until } from "../support/wait.ts";

const CALLS = "fsync,fdatasync,write,writev,sendmsg,sendto,pwrite64,pwritev,pwritev2,rename,renameat,renameat2";
const works = spawnSync("strace", ["-f", "-o", "/dev/null", "true"]).status === 0;

const CONFIG = `primary_hostname = host.test
spool_directory = FOLDER/spool
host_lookup =
acl_smtp_rcpt = accept
begin routers
here:
  driver = accept
  transport = maildir
begin transports
maildir:
  driver = appendfile
  directory = FOLDER/box
  create_directory
  maildir_format
`;

test("sync of the message, then its 250; sync of the mailbox and its folder, then the record", async (t) => {
  if (!works) {
    t.log("skipped: there is no strace here, or it may not trace");
    return t.pass();
  }
  const server = await startMailkit(t, {
    config: CONFIG,
    through: ["strace", "-D", "-f", "-y", "-qq", "-s", "4096", "-e", `trace=${CALLS}`, "-o", "trace"],
  });
  const client = await rawClient(server.address, server.port);
  for (const line of ["EHLO client.test", "MAIL FROM:<b@there.test>", "RCPT TO:<a@here.test>", "DATA"]) await client.say(line);
  const reply = await client.say("Subject: order\r\n\r\nbody\r\n.");
  const id = /id=(\S+)/.exec(reply)?.[1] ?? "none";
  await mailIn(server, "box");
  await server.logged(/ Completed$/);
  await server.stop();
  const calls = await until(() => tracedUntil(readFileSync(join(server.folder, "trace"), "latin1"), "Completed"), {
    what: "the end of the trace",
  });

  const isSegment = (call: Call): boolean => call.path.endsWith(".seg");
  const message = one(calls, "the message is written", (call) => isSegment(call) && call.text.includes(`\\"id\\":\\"${id}\\"`));
  const synced = after(calls, message, "the segment is synced", (call) => /^f(data)?sync$/.test(call.name) && isSegment(call));
  const answered = one(calls, "the 250 is written", (call) => !isSegment(call) && call.text.includes(`250 OK id=${id}`));
  t.true(synced.ended < answered.began, `synced at ${synced.ended}, answered at ${answered.began}`);

  const file = one(calls, "the mailbox file is synced", (call) => /^f(data)?sync$/.test(call.name) && call.path.includes("/box/tmp/"));
  const renamed = one(calls, "it is renamed", (call) => call.name.startsWith("rename") && call.text.includes("/box/new/"));
  const folder = after(calls, renamed, "its folder is synced", (call) => call.name === "fsync" && call.path.endsWith("/box/new"));
  const record = one(calls, "the end is recorded", (call) => isSegment(call) && call.text.includes(id) && call.began > answered.began);
  t.true(file.ended < renamed.began, "the file is durable before it has its name");
  t.true(folder.ended < record.began, "the name is durable before the delivery is recorded");
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
