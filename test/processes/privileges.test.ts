/**
 * Started by root: what each process may still do, from /proc, and tried in its identity. Workers speak SMTP: they are
 * the server's user and nothing else for good. Helpers deliver: they are the recipient.
 */
import test from "ava";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { processesOf } from "../support/server-processes.ts";
import { openOf } from "../support/descriptors.ts";
import { mailIn } from "../support/mailbox.ts";
import { startMailkit, type MailServer } from "../support/mailkit.ts";
import { ROOT } from "../support/program.ts";
import { findProgram, needs, needsThat, run } from "../support/programs.ts";
import { rawClient } from "../support/smtp-client.ts";
import { isRoot, TEST_GID, TEST_UID } from "../support/temporary.ts";
import { until } from "../support/wait.ts";

const asRoot = needsThat(
  test,
  isRoot && findProgram("setpriv") !== undefined && existsSync("/proc/self/status"),
  isRoot ? "needs setpriv and /proc" : "needs root",
);

const CONFIG = `primary_hostname = host.test
spool_directory = FOLDER/spool
log_file_path = FOLDER/log/%slog
local_interfaces = ADDRESS
daemon_smtp_ports = PORT
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
  user = TESTER_UID
  group = TESTER_GID
`;

/** Debian's `mail`: a login that has no right to anything here. */
const SERVER = { name: "mail", uid: 8, gid: 8 };

asRoot("workers are the server's user without any capability, and reach nothing of others", async (t) => {
  const server = await startAsRoot(t);
  const workers = await until(() => some(pidsOf(server, "worker"), 2), { what: "two workers" });
  for (const pid of workers) {
    t.deepEqual(identityOf(pid), { Uid: [8, 8, 8, 8], Gid: [8, 8, 8, 8], Groups: [8] }, server.describe());
    t.deepEqual(capabilitiesOf(pid), { CapInh: "0", CapPrm: "0", CapEff: "0", CapAmb: "0" });
    // What it can still reach by what is open: nothing of root's but its streams, its spool and its logs.
    for (const path of openOf(pid).filter((path) => path.startsWith("/")))
      t.true(path.startsWith(server.folder) || path.startsWith("/dev/"), `worker ${pid} has ${path} open`);
  }
  for (const [what, argv] of attempts(server)) {
    const { code, stderr } = await run("setpriv", [
      `--reuid=${SERVER.uid}`,
      `--regid=${SERVER.gid}`,
      "--clear-groups",
      "--inh-caps=-all",
      ...argv,
    ]);
    t.not(code, 0, what);
    t.regex(stderr, /Permission denied|Operation not permitted/, what);
  }
});

asRoot("a helper is the recipient, for good; the supervisor opens no port", async (t) => {
  const server = await startAsRoot(t);
  const client = await rawClient(server.address, server.port);
  for (const line of ["EHLO a.test", "MAIL FROM:<>", "RCPT TO:<x@host.test>", "DATA"]) await client.say(line);
  t.regex(await client.say("Subject: x\r\n\r\nx\r\n."), /^250 /);
  await mailIn(server, "box");
  const helpers = await until(() => some(pidsOf(server, "helper"), 1), { what: "a helper", instead: () => server.describe() });
  for (const pid of helpers) {
    const { Uid, Gid } = identityOf(pid);
    t.deepEqual([Uid, Gid], [Array(4).fill(TEST_UID), Array(4).fill(TEST_GID)]);
    t.deepEqual(capabilitiesOf(pid), { CapInh: "0", CapPrm: "0", CapEff: "0", CapAmb: "0" });
  }
  t.is(identityOf(server.pid).Uid[0], 0);
  t.deepEqual(listeningInodes(server.pid), [], "who is root listens to nobody");
});

needs(test, "find")("nothing that is installed is setuid or setgid", async (t) => {
  for (const folder of ["packages/cli/bin", "packages/cli/dist", "node_modules/.bin"]) t.true(existsSync(join(ROOT, folder)), folder);
  const { stdout } = await run("find", [`${ROOT}/packages`, `${ROOT}/plugins`, `${ROOT}/node_modules`, "-type", "f", "-perm", "/6000"]);
  t.is(stdout, "");
});

async function startAsRoot(t: Parameters<typeof startMailkit>[0]): Promise<MailServer> {
  const server = await startMailkit(t, {
    config: CONFIG,

    args: ["--workers", "2"],
    as: {},
    env: { MAILKIT_EXIM_USER: SERVER.name },
  });
  mkdirSync(join(server.folder, "roots"), { mode: 0o700 });
  writeFileSync(join(server.folder, "roots/secret"), "x", { mode: 0o600 });
  return server;
}

/** What somebody who took a worker over would try first. */
function attempts({ folder, pid }: MailServer): readonly (readonly [what: string, argv: readonly string[]])[] {
  return [
    ["read /etc/shadow", ["cat", "/etc/shadow"]],
    ["write to /etc", ["touch", "/etc/mailkit-was-here"]],
    ["change the program", ["touch", "-c", "-m", join(ROOT, "packages/cli/dist/mailkit.mjs")]],
    ["change the configuration", ["cp", "/dev/null", join(folder, "exim.conf")]],
    ["read files of root", ["cat", join(folder, "roots/secret")]],
    ["write into the folder around the spool", ["touch", join(folder, "here")]],
    ["look into the home of root", ["ls", "/root"]],
    ["signal the supervisor", ["kill", "-9", String(pid)]],
    ["become root again", ["setpriv", "--reuid=0", "true"]],
  ];
}

function some(pids: readonly number[], count: number): readonly number[] | undefined {
  return pids.length >= count ? pids : undefined;
}

function pidsOf(server: MailServer, role: "worker" | "helper"): number[] {
  return processesOf(server.pid)
    .filter((one) => one.role === role)
    .map(({ pid }) => pid);
}

function statusOf(pid: number): Map<string, string> {
  const lines = readFileSync(`/proc/${pid}/status`, "latin1").split("\n");
  return new Map(lines.map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1).trim()]));
}

/** Real, effective, saved, file system; supplementary groups. */
function identityOf(pid: number): Record<"Uid" | "Gid" | "Groups", number[]> {
  const status = statusOf(pid);
  const numbers = (name: string): number[] => (status.get(name) ?? "").split(/\s+/).filter(Boolean).map(Number);
  return { Uid: numbers("Uid"), Gid: numbers("Gid"), Groups: numbers("Groups") };
}

function capabilitiesOf(pid: number): Record<string, string> {
  const status = statusOf(pid);
  return Object.fromEntries(["CapInh", "CapPrm", "CapEff", "CapAmb"].map((name) => [name, Number(`0x${status.get(name)}`).toString(16)]));
}

/** Inodes of TCP sockets in state LISTEN (0A) that the process holds. */
function listeningInodes(pid: number): string[] {
  const held = new Set(openOf(pid).map((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1]));
  return ["tcp", "tcp6"]
    .flatMap((name) => readFileSync(`/proc/${pid}/net/${name}`, "latin1").split("\n").slice(1))
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[3] === "0A" && held.has(fields[9]))
    .map((fields) => fields[9] as string);
}
