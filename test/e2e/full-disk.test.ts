/** No room for the spool: a temporary refusal, nothing lost, and when there is room again mail goes on. Wants a small file system. */
import test from "ava";
import { existsSync, readFileSync, rmSync, statfsSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { mailIn } from "../support/mailbox.ts";
import { prepareMailkit } from "../support/mailkit.ts";
import type { MailServer } from "../support/mailkit.ts";
import { needsThat, run } from "../support/programs.ts";
import { siteConfiguration } from "../support/sites.ts";
import { rawClient } from "../support/smtp-client.ts";
import type { RawClient } from "../support/smtp-client.ts";
import { isRoot, TEST_GID, TEST_UID, temporaryFolder } from "../support/temporary.ts";
import type { Teardown } from "../support/temporary.ts";
import { usersFile } from "../support/users.ts";

const mounts = await canMount();
const diskTest = needsThat(test, mounts, isRoot ? "file systems cannot be mounted here" : "needs root for a small file system");

async function canMount(): Promise<boolean> {
  if (!isRoot) return false;
  const undone: (() => void | Promise<void>)[] = [];
  const folder = temporaryFolder({ teardown: (undo) => void undone.push(undo) }, "mount");
  const mounted = (await run("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", folder])).code === 0;
  if (mounted) await run("umount", [folder]);
  for (const undo of undone) await undo();
  return mounted;
}

type Mounted = MailServer & { readonly disk: string };

/** `place`: the folder that the small file system is mounted on. */
async function onSmallDisk(t: Teardown, main: string, place: "spool" | "log" | "mail" = "spool"): Promise<Mounted> {
  const format = place === "mail" ? "mbox" : "maildir";
  const server = await prepareMailkit(t, {
    config: siteConfiguration({ domain: "truc.fr", format, main, retry: "* * F,1h,1s" }),
    files: { users: usersFile("fred"), aliases: "", "home/fred/": "", "mail/": "", [`${place}/`]: "" },
  });
  const disk = join(server.folder, place);
  await run("mount", ["-t", "tmpfs", "-o", `size=24m,uid=${TEST_UID},gid=${TEST_GID},mode=750`, "tmpfs", disk]);
  t.teardown(async () => {
    await server.stop("SIGKILL");
    await run("umount", ["-l", disk]);
  });
  await server.start();
  return Object.defineProperty(server, "disk", { value: disk }) as Mounted;
}

/** Takes all the room there is. */
function fill(disk: string): string {
  const path = join(disk, "filler");
  const { bavail, bsize } = statfsSync(disk);
  try {
    writeFileSync(path, Buffer.alloc(bavail * bsize + 65_536));
  } catch {
    // the last octets did not fit: that is what it is for
  }
  return path;
}

async function submit(server: MailServer, subject: string, size: number): Promise<string> {
  const session = await rawClient(server.address, server.port);
  try {
    return await sendOver(session, subject, size);
  } finally {
    await session.say("QUIT");
  }
}

async function sendOver(session: RawClient, subject: string, size: number): Promise<string> {
  await session.say("EHLO a.test");
  const mail = await session.say("MAIL FROM:<>");
  if (!mail.startsWith("250")) return mail;
  const rcpt = await session.say("RCPT TO:<fred@truc.fr>");
  if (!rcpt.startsWith("250")) return rcpt;
  const data = await session.say("DATA");
  if (!data.startsWith("354")) return data;
  const line = `${"x".repeat(74)}\r\n`;
  return session.say(`Subject: ${subject}\r\n\r\n${line.repeat(Math.ceil(size / line.length))}.`);
}

for (const [title, main, size] of [
  ["check_spool_space asks before", "check_spool_space = 10M", 1000],
  ["the disk says so while a small message is written", "check_spool_space = 0", 1000],
  ["the disk says so while a large message is written", "check_spool_space = 0", 8_000_000],
] as const) {
  diskTest(`a full disk: ${title}`, async (t) => {
    const server = await onSmallDisk(t, `${main}\nqueue_only`);
    t.regex(await submit(server, "before", 1000), /^250 OK/);
    const filler = fill(server.disk);
    const refusals: string[] = [];
    // What was set aside for the log may still take some small ones.
    for (let i = 0; refusals.length === 0 && i < 3000; i++) {
      const reply = await submit(server, `during ${i}`, size);
      if (!reply.startsWith("250")) refusals.push(reply);
    }
    t.regex(refusals[0] ?? "", /^4\d\d /);
    t.true(server.running);
    const taken = Number((await server.command(["queue", "count"])).stdout);
    rmSync(filler);
    t.false(existsSync(filler));
    t.regex(await submit(server, "after", 1000), /^250 OK/);
    await server.command(["queue", "run"]);
    const arrived = (await mailIn(server, "mail/fred", taken + 1)).map((message) => /^Subject: (.*)$/m.exec(message)?.[1]);
    t.true(arrived.includes("before") && arrived.includes("after"), arrived.join());
    t.is(new Set(arrived).size, arrived.length, "none twice");
  });
}

diskTest("a spool that cannot be written: no start and no delivery, the queue can be read, and all is there afterwards", async (t) => {
  const server = await onSmallDisk(t, "queue_only");
  t.regex(await submit(server, "waits", 1000), /^250 OK/);
  await server.stop();
  t.is((await run("mount", ["-o", "remount,ro", server.disk])).code, 0);
  const refused = await t.throwsAsync(server.start());
  t.regex(refused?.message ?? "", /error: \S+\/spool\/\S+: the file system is read-only/);
  t.is((await server.command(["queue", "count"])).stdout, "1\n");
  t.is((await server.command(["spool", "verify"])).code, 0);
  const queueRun = await server.command(["queue", "run"]);
  t.is(queueRun.code, 1);
  t.regex(queueRun.stderr, /the file system is read-only/);
  await run("mount", ["-o", "remount,rw", server.disk]);
  await server.start();
  await server.command(["queue", "run"]);
  const arrived = await mailIn(server, "mail/fred");
  t.is(arrived.length, 1, "what could not be noted was not delivered");
  t.is(server.paniclog(), "");
});

diskTest("hints that cannot be written: mail goes on without them", async (t) => {
  const server = await onSmallDisk(t, "");
  await server.stop();
  rmSync(join(server.disk, "db"), { recursive: true, force: true });
  writeFileSync(join(server.disk, "db"), "not a folder");
  await server.start();
  t.regex(await submit(server, "arrives", 1000), /^250 OK/);
  await mailIn(server, "mail/fred");
  t.regex(server.paniclog(), /hints in \S+\/db cannot be used: .*; going on without them\n$/);
});

diskTest("no room for the logs: mail goes on, and the lines come when there is room", async (t) => {
  const server = await onSmallDisk(t, "check_log_space = 0", "log");
  t.regex(await submit(server, "before", 1000), /^250 OK/);
  await mailIn(server, "mail/fred", 1);
  const filler = fill(server.disk);
  for (let n = 0; n < 100; n++) t.regex(await submit(server, `during ${n}`, 1000), /^250 OK/);
  await mailIn(server, "mail/fred", 101);
  rmSync(filler);
  t.regex(await submit(server, "after", 1000), /^250 OK/);
  await server.logged(/ Completed$/, 102);
  const lines = server.mainlog().split("\n").slice(0, -1);
  t.deepEqual(
    lines.filter((line) => !/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [^ ]/.test(line)),
    [],
    "no line is broken",
  );
  t.is(lines.filter((line) => line.includes(" <= <> ")).length, 102, "none comes twice");
  t.is(server.paniclog(), "");
});

diskTest("no room for a mailbox: the message waits, the mailbox stays as it was, and it arrives when there is room", async (t) => {
  const server = await onSmallDisk(t, "check_spool_space = 0", "mail");
  t.regex(await submit(server, "before", 1000), /^250 OK/);
  await mailIn(server, "mail/fred", 1);
  const box = join(server.folder, "mail/fred");
  const whole = readFileSync(box);
  const filler = fill(server.disk);
  truncateSync(filler, statSync(filler).size - 300_000);
  t.regex(await submit(server, "large", 900_000), /^250 OK/);
  await server.logged(/== fred@truc\.fr R=people T=mailbox defer \(28\): .*No space left on device/);
  t.true(readFileSync(box).equals(whole), "no part of a message");
  rmSync(filler);
  await server.command(["queue", "run", "--force"]);
  const [, large] = await mailIn(server, "mail/fred", 2);
  t.true((large?.length ?? 0) > 800_000);
});
