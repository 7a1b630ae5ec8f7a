import test from "ava";
import { chmodSync, linkSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { spawn, spawnSync } from "node:child_process";
import { join } from "node:path";
import { fakeMessage, fakeRecipient, transportCompliance } from "@mailkit/sdk/testing";
import type { RecipientFact } from "@mailkit/sdk";
import { driver } from "./driver.ts";
import { deliver, maildirMessages, newFolder } from "./test-support.ts";

const MARK = "\x01From ";

transportCompliance(test, driver, async () => {
  const folder = newFolder();
  const path = join(folder.path, "box");
  return {
    options: { directory: path, maildir_format: true, batch_max: 2 },
    brokenOptions: { directory: "/proc/nowhere/box" },
    arrived: async () => maildirMessages(path),
    close: async () => folder.remove(),
  };
});

transportCompliance(
  (title, run) => test(`mailbox file, ${title}`, run as never),
  driver,
  async () => {
    const folder = newFolder();
    const path = join(folder.path, "box");
    return {
      options: { file: path, batch_max: 2, escape_string: MARK, message_suffix: "\x02\n" },
      brokenOptions: { file: join(folder.path, "no/such/box"), create_directory: false },
      arrived: async () =>
        readFileSync(path, "latin1")
          .replaceAll(MARK, "From ")
          .split("\x02\n")
          .slice(0, -1)
          .map((text) => text.slice(text.indexOf("\n") + 1)),
      close: async () => folder.remove(),
    };
  },
);

test("a mailbox file as Exim writes it: From_ line, quoting, empty line behind", async (t) => {
  const folder = newFolder();
  const file = join(folder.path, "mail/user");
  await deliver(
    { file, directory_mode: 0o750, mode: 0o640 },
    { message: fakeMessage({ text: "From x\n.dot\nlast" }), now: Date.UTC(2026, 10, 24, 4, 9, 16) },
  );
  await deliver({ file, mode: 0o640 }, { message: fakeMessage({ text: "b\n", sender: "" }), now: Date.UTC(2026, 10, 4, 4, 9, 16) });
  const text = readFileSync(file, "latin1");
  t.regex(text, /^From sender@example\.org Tue Nov 24 \d\d:09:16 2026\nFrom: sender@example\.org\n/);
  t.true(text.includes("\n\n>From x\n.dot\nlast\nFrom MAILER-DAEMON Wed Nov 04 "), text);
  t.true(text.endsWith("\n\nb\n\n"));
  t.is(statSync(file).mode & 0o777, 0o640);
  t.is(statSync(join(folder.path, "mail")).mode & 0o777, 0o750);
  t.deepEqual(readdirSync(join(folder.path, "mail")), ["user"], "no lock file is left");
  folder.remove();
});

test("batched SMTP with CRLF", async (t) => {
  const folder = newFolder();
  const file = join(folder.path, "batch");
  await deliver(
    { file, use_bsmtp: true, use_crlf: true },
    { message: fakeMessage({ text: ".a\nFrom b\n" }), recipients: ["a@x.y", "b@x.y"].map(fakeRecipient) },
  );
  t.is(
    readFileSync(file, "latin1"),
    "MAIL FROM:<sender@example.org>\r\nRCPT TO:<a@x.y>\r\nRCPT TO:<b@x.y>\r\nDATA\r\n" +
      "From: sender@example.org\r\nTo: x@example.com\r\nSubject: test\r\n\r\n..a\r\nFrom b\r\n.\r\n",
  );
  folder.remove();
});

/** Set-up of the folder, options, expected number and text (as a real Exim 4.96 prints them). */
const REFUSALS: readonly (readonly [string, (folder: string) => void, Record<string, unknown>, number, RegExp])[] = [
  ["link count", (d) => (writeFileSync(`${d}/m`, ""), linkSync(`${d}/m`, `${d}/n`)), {}, -4, /^mailbox \S+\/m has too many links \(2\)$/],
  ["symbolic link", (d) => symlinkSync(`${d}/x`, `${d}/m`), {}, -4, /^mailbox \S+\/m is not a regular file$/],
  ["directory", (d) => mkdirSync(`${d}/m`), {}, -4, /^mailbox \S+\/m has too many links \(2\)$/],
  ["narrow mode", (d) => (writeFileSync(`${d}/m`, ""), chmodSync(`${d}/m`, 0o400)), {}, -7, /has the wrong mode 400 \(600 expected\)$/],
  ["must exist", () => {}, { file_must_exist: true }, 2, /^mailbox \S+\/m does not exist, but file_must_exist is set$/],
  ["outside home", () => {}, { create_file: "/nowhere" }, -34, /does not exist, but creation outside the home directory is not permitted$/],
  ["locked", (d) => writeFileSync(`${d}/m.lock`, ""), { lock_retries: 1 }, -9, /^failed to lock mailbox \S+\/m \(lock file\)$/],
  ["quota", (d) => writeFileSync(`${d}/m`, "x".repeat(100), { mode: 0o600 }), { quota: "150" }, -22, /^mailbox is full \(MTA-imposed quota exceeded while writing to \S+\/m\)$/],
  ["bad quota", () => {}, { quota: "10z" }, -1, /^Malformed value "10z" \(expansion of "10z"\) in t1 transport$/],
  ["prefix", () => {}, { message_prefix: "error:bad" }, -27, /^Expansion of "error:bad" \(prefix for t1 transport\) failed$/],
  ["format", (d) => writeFileSync(`${d}/m`, "MMDF\n", { mode: 0o600 }), { file_format: "From : t1" }, -33, /^mailbox file format unrecognized$/],
]; // prettier-ignore

for (const [what, arrange, options, errno, text] of REFUSALS) {
  test(`deferred: ${what}`, async (t) => {
    const folder = newFolder();
    arrange(folder.path);
    const report = await deliver({ file: join(folder.path, "m"), ...options });
    const fact = report.facts[0] as Extract<RecipientFact, { kind: "deferred" }>;
    t.is(fact.kind, "deferred");
    t.is(fact.errno, errno);
    t.regex(fact.message, text);
    folder.remove();
  });
}

test("tainted paths are refused, with Exim's text; create_file vouches for them", async (t) => {
  const folder = newFolder();
  const refused = (await deliver({ file: `${folder.path}/$local_part` })).facts[0];
  t.like(refused, {
    kind: "deferred",
    errno: -1,
    message: `Tainted '${folder.path}/user' (file or directory name for t1 transport) not permitted`,
  });
  t.is((await deliver({ file: `${folder.path}/$local_part`, create_file: folder.path })).facts[0]?.kind, "delivered");
  const recipients = [fakeRecipient("../up@example.com")];
  const climbing = (await deliver({ file: `${folder.path}/$local_part`, create_file: folder.path }, { recipients })).facts[0];
  t.is(climbing?.kind, "deferred");
  t.is((await deliver({ file: `${folder.path}/$local_part_data` })).facts[0]?.kind, "delivered");
  folder.remove();
});

test("wider modes are narrowed; a filter's mode is forced", async (t) => {
  const folder = newFolder();
  const file = join(folder.path, "m");
  writeFileSync(file, "");
  chmodSync(file, 0o666);
  await deliver({ file });
  t.is(statSync(file).mode & 0o777, 0o600);
  await deliver({}, { generated: { kind: "file", path: file, mode: 0o644 } });
  t.is(statSync(file).mode & 0o777, 0o644);
  folder.remove();
});

test("a stale lock file is removed; a lock that is let go is waited for", async (t) => {
  const folder = newFolder();
  const file = join(folder.path, "m");
  writeFileSync(`${file}.lock`, "");
  t.is((await deliver({ file, lockfile_timeout: 1, lock_retries: 2, lock_interval: 2000 })).facts[0]?.kind, "delivered");
  const holder = spawn("sh", ["-c", `: > ${file}.lock; echo held; sleep 0.3; rm ${file}.lock`], { stdio: ["ignore", "pipe", "ignore"] });
  await new Promise((resolve) => holder.stdout.once("data", resolve));
  t.is((await deliver({ file })).facts[0]?.kind, "delivered");
  folder.remove();
});

const hasPerl = spawnSync("perl", ["-e", "1"]).status === 0;
(hasPerl ? test : test.skip)("fcntl: a mailbox that somebody else has locked is busy until it is free", async (t) => {
  const folder = newFolder();
  const file = join(folder.path, "m");
  writeFileSync(file, "", { mode: 0o600 });
  const program = `use Fcntl; open(F, "+<", $ARGV[0]); my $l = pack("s s x4 q q i x4", F_WRLCK, 0, 0, 0, 0); fcntl(F, F_SETLK, $l) or die; $| = 1; print "held\\n"; <STDIN>`;
  const holder = spawn("perl", ["-e", program, file], { stdio: ["pipe", "pipe", "inherit"] });
  await new Promise((resolve) => holder.stdout.once("data", resolve));
  const busy = (await deliver({ file, lock_retries: 1 })).facts[0];
  t.like(busy, { kind: "deferred", errno: -9, message: `failed to lock mailbox ${file} (fcntl/flock)` });
  const waiting = deliver({ file });
  holder.stdin.end();
  t.is((await waiting).facts[0]?.kind, "delivered");
  folder.remove();
});

test("a quota counts by regex, by directory, by number of files; no_check never refuses", async (t) => {
  const folder = newFolder();
  const options = { directory: join(folder.path, "box"), maildir_format: true, maildir_tag: ",S=$message_size" };
  t.is((await deliver(options)).facts[0]?.kind, "delivered");
  const [name] = readdirSync(join(folder.path, "box/new"));
  const size = statSync(join(folder.path, "box/new", name as string)).size;
  t.true((name as string).endsWith(`,S=${size}`), name);
  const quota = async (more: object): Promise<RecipientFact["kind"] | undefined> => (await deliver({ ...options, ...more })).facts[0]?.kind;
  t.is(await quota({ quota: String(size + 10), quota_size_regex: ",S=(\\d+)" }), "deferred");
  t.is(await quota({ quota: "0", quota_filecount: "1" }), "deferred");
  t.is(await quota({ quota: `${size + 10}/no_check` }), "delivered");
  t.is(await quota({ quota: "10", mailbox_size: "5", quota_is_inclusive: false }), "delivered");
  folder.remove();
});

test("quota_filecount of a maildir counts its three directories, and is told before a quota of size", async (t) => {
  const folder = newFolder();
  const options = { directory: join(folder.path, "box"), maildir_format: true };
  const fact = async (more: object): Promise<RecipientFact | undefined> => (await deliver({ ...options, ...more })).facts[0];
  t.is((await fact({ quota: "10K", quota_filecount: "4" }))?.kind, "delivered");
  t.like(await fact({ quota: "1", quota_filecount: "4" }), { kind: "deferred", userMessage: "mailbox is full" });
  t.regex(((await fact({ quota: "1", quota_filecount: "4" })) as { message: string }).message, /MTA-imposed filecount quota exceeded/);
  t.is((await fact({ quota: "10K", quota_filecount: "5" }))?.kind, "delivered");
  folder.remove();
});

test("a string that cannot be expanded is a fault of the configuration", async (t) => {
  t.like((await deliver({ directory: "/nowhere", maildir_format: true, maildir_tag: "${if" })).facts[0], { kind: "deferred", panic: true });
});

test("maildirsize: made, added to, made anew when the quota changes", async (t) => {
  const folder = newFolder();
  const box = join(folder.path, "box");
  const options = { directory: box, maildir_format: true, maildir_use_size_file: true };
  await deliver({ ...options, quota: "10K" });
  await deliver({ ...options, quota: "10K" });
  const size = statSync(join(box, "new", readdirSync(join(box, "new"))[0] as string)).size;
  t.is(readFileSync(join(box, "maildirsize"), "latin1"), `10240S,0C\n0 0\n${size} 1\n${size} 1\n`);
  await deliver({ ...options, quota: "20K" });
  t.is(readFileSync(join(box, "maildirsize"), "latin1"), `20480S,0C\n${2 * size} 2\n${size} 1\n`);
  t.is((await deliver({ ...options, quota: String(3 * size) })).facts[0]?.kind, "deferred");
  folder.remove();
});

test("crossing the warning threshold gives one warning, to the one its text names", async (t) => {
  const folder = newFolder();
  const options = { file: join(folder.path, "m"), quota_warn_threshold: "75%", quota: "200" };
  const first = await deliver(options, { message: fakeMessage({ text: "x".repeat(40) + "\n" }) });
  t.is(first.submit, undefined);
  const second = await deliver({ ...options, quota: "300" }, { message: fakeMessage({ text: "x".repeat(40) + "\n" }) });
  t.is(second.submit?.length, 1);
  t.deepEqual(second.submit?.[0]?.recipients, ["user@example.com"]);
  t.regex(
    second.submit?.[0]?.text ?? "",
    /^Auto-Submitted: auto-replied\nFrom: Mail Delivery System <mailer-daemon@example.net>\nTo: user@example.com\nSubject: Your mailbox\n\n/,
  );
  folder.remove();
});

test("mailstore: an envelope and a message with the same base name", async (t) => {
  const folder = newFolder();
  await deliver({ directory: folder.path, mailstore_format: true, mailstore_prefix: "base $mailstore_basename" });
  const names = readdirSync(folder.path).sort();
  t.is(names.length, 2);
  const base = (names[0] as string).replace(/\.env$/, "");
  t.is(names[1], `${base}.msg`);
  t.is(readFileSync(join(folder.path, `${base}.env`), "latin1"), `base ${base}\nsender@example.org\nuser@example.com\n`);
  folder.remove();
});

test("a plain directory: one file, named after its inode", async (t) => {
  const folder = newFolder();
  await deliver({ directory: folder.path, directory_file: "q-$inode" });
  const [name] = readdirSync(folder.path);
  t.is(name, `q-${statSync(join(folder.path, name as string)).ino}`);
  t.is((await deliver({}, { generated: { kind: "file", path: "/dev/null" } })).facts[0]?.kind, "delivered");
  folder.remove();
});

test("file_format hands a mailbox of another format on", async (t) => {
  const folder = newFolder();
  const file = join(folder.path, "m");
  writeFileSync(file, "MMDF\n", { mode: 0o600 });
  t.is((await deliver({ file, file_format: "From : t1 : MMDF : mmdf" })).passTo, "mmdf");
  t.is(readFileSync(file, "latin1"), "MMDF\n");
  folder.remove();
});

test("a full disk: the mailbox is as long as before, and says No space", async (t) => {
  // /dev/full refuses every write; a FIFO-like device is not a regular file, so the write itself is what is tested.
  const { writeMessage, writeFault } = await import("./io.ts");
  const { openSync, closeSync } = await import("node:fs");
  const fd = openSync("/dev/full", "w");
  const error = await t.throwsAsync(writeMessage(fd, { form: {} } as never, { message: fakeMessage(), recipients: [], now: 0 }));
  closeSync(fd);
  t.like(writeFault(error, "/x").fault, { errno: 28, message: "error while writing to /x" });
});

test("mistakes that are seen at load", (t) => {
  const check = (given: Record<string, unknown>): string[] =>
    (
      driver.check?.({ use_lockfile: true, ...given } as never, {
        name: "t1",
        at: { file: "f", line: 1, column: 1 },
        isSet: () => false,
      }) ?? []
    ).map((d) => d.code);
  t.deepEqual(check({ file: {}, directory: {} }), ["MK0861"]);
  t.deepEqual(check({ file: {}, use_lockfile: false }), ["MK0864"]);
  t.deepEqual(check({ create_file: "somewhere" }), ["MK0865"]);
  t.deepEqual(check({ quota_size_regex: "(" }), ["MK0868"]);
});
