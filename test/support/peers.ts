/**
 * Other people's mail servers, each with a configuration, queue and mailboxes of its own, on a loopback address of its
 * own: Debian's Exim, and Postfix unpacked (not installed: two mail servers exclude each other) by `.ci/run`. Both are
 * made to run as root. They know domains of ours by a table instead of DNS.
 */
import { spawn } from "node:child_process";
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort, loopbackAddress } from "./loopback.ts";
import { run } from "./programs.ts";
import { isRoot, temporaryFolder } from "./temporary.ts";
import type { Teardown } from "./temporary.ts";
import { until } from "./wait.ts";

export interface Peer {
  readonly address: string;
  readonly port: number;
  /** Maildir of a user under `mail/`, which `messagesIn` reads. */
  readonly folder: string;
  readonly domain: string;
  log(): string;
  describe(): string;
}

export interface PeerOptions {
  readonly domain: string;
  readonly users: readonly string[];
  /** Where other domains are: HOST and PORT. */
  readonly routes: Readonly<Record<string, { readonly address: string; readonly port: number }>>;
  /** Exim: further main options. */
  readonly main?: string;
  /** Exim: further ACLs. */
  readonly acls?: string;
}

export const EXIM = "/usr/sbin/exim4";
const POSTFIX = "/opt/mailkit-test/postfix";

/** Why a peer cannot run here; undefined = it can. */
export function missingPeer(name: "exim" | "postfix"): string | undefined {
  if (!isRoot) return `${name} needs root`;
  if (name === "exim") return existsSync(EXIM) ? undefined : "exim4 not installed";
  return existsSync(join(POSTFIX, "usr/lib/postfix/sbin/master")) ? undefined : `postfix not unpacked in ${POSTFIX}`;
}

export async function startExim(t: Teardown, options: PeerOptions): Promise<Peer> {
  const place = await makePlace(t, "exim");
  const { folder, address, port } = place;
  const [uid, gid] = await Promise.all(["-u", "-g"].map(async (flag) => Number((await run("id", [flag, "Debian-exim"])).stdout)));
  chownSync(folder, uid as number, gid as number);
  for (const name of ["spool", "mail"]) folderOf(folder, name, { uid: uid as number, gid: gid as number });
  writeFileSync(join(folder, "exim.conf"), eximConfiguration(folder, options));
  launch(t, EXIM, ["-C", join(folder, "exim.conf"), "-bdf", "-q1s", "-oX", `${address}.${port}`], {});
  const log = (): string => ["mainlog", "paniclog"].map((name) => readText(join(folder, name))).join("");
  await listening(place, log);
  return { ...place, domain: options.domain, log, describe: () => `--- exim\n${log()}` };
}

function eximConfiguration(folder: string, { domain, users, routes, main = "", acls = "" }: PeerOptions): string {
  const table = Object.entries(routes).map(([name, to]) => `${name} ${to.address}::${to.port}`);
  return `primary_hostname = mail.${domain}
qualify_domain = ${domain}
domainlist local_domains = ${domain}
spool_directory = ${folder}/spool
log_file_path = ${folder}/%slog
keep_environment =
host_lookup =
tls_advertise_hosts =
never_users =
acl_smtp_rcpt = check_rcpt
${main}
begin acl
${acls}
check_rcpt:
  deny domains = +local_domains
      !verify = recipient
       message = Unknown user
  accept
begin routers
away:
  driver = manualroute
  domains = ! +local_domains
  route_list = ${table.join(" ; ")}
  transport = remote_smtp
  self = send
people:
  driver = accept
  local_parts = ${users.join(" : ")}
  transport = mailbox
begin transports
remote_smtp:
  driver = smtp
mailbox:
  driver = appendfile
  directory = ${folder}/mail/\${if match_local_part{$local_part}{${users.join(" : ")}}{$value}}
  maildir_format
  create_directory
  user = Debian-exim
  group = Debian-exim
  return_path_add
  envelope_to_add
begin retry
* * F,1h,2s
`;
}

export async function startPostfix(t: Teardown, options: PeerOptions): Promise<Peer> {
  const place = await makePlace(t, "postfix");
  const { folder } = place;
  const ids = async (name: string) => ({
    uid: Number((await run("id", ["-u", name])).stdout),
    gid: Number((await run("id", ["-g", name])).stdout),
  });
  const [owner, nobody] = [await ids(OWNER), await ids("nobody")];
  folderOf(folder, "etc", { uid: 0, gid: 0 });
  folderOf(folder, "data", owner);
  folderOf(folder, "mail", nobody);
  await makeQueue(folder, owner.uid);
  writeFileSync(join(folder, "etc/main.cf"), mainCf(folder, options));
  writeFileSync(join(folder, "etc/master.cf"), masterCf(place));
  const env = {
    PATH: "/usr/bin:/bin",
    LD_LIBRARY_PATH: `${POSTFIX}/usr/lib/postfix`,
    MAIL_CONFIG: join(folder, "etc"),
    MAIL_LOGTAG: "postfix",
  };
  launch(t, `${POSTFIX}/usr/lib/postfix/sbin/master`, ["-d", "-c", join(folder, "etc")], env);
  const log = (): string => readText(join(folder, "log"));
  await listening(place, log);
  return { ...place, domain: options.domain, log, describe: () => `--- postfix\n${log()}` };
}

/** Logins that every Debian has and nothing uses, in place of postfix and postdrop. */
const OWNER = "news";
const DROP = "uucp";

async function makeQueue(folder: string, owner: number): Promise<void> {
  const group = Number((await run("id", ["-g", DROP])).stdout);
  folderOf(folder, "queue", { uid: 0, gid: 0 });
  for (const name of ["active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "private", "saved", "trace"])
    folderOf(folder, `queue/${name}`, { uid: owner, gid: 0, mode: 0o700 });
  folderOf(folder, "queue/maildrop", { uid: owner, gid: group, mode: 0o730 });
  folderOf(folder, "queue/public", { uid: owner, gid: group, mode: 0o710 });
  folderOf(folder, "queue/pid", { uid: 0, gid: 0 });
}

function mainCf(folder: string, { domain, users, routes }: PeerOptions): string {
  const table = Object.entries(routes).map(([name, to]) => `{ ${name} = smtp:[${to.address}]:${to.port} }`);
  return `compatibility_level = 3.6
mail_owner = ${OWNER}
setgid_group = ${DROP}
default_privs = games
daemon_directory = ${POSTFIX}/usr/lib/postfix/sbin
command_directory = ${POSTFIX}/usr/sbin
shlib_directory = ${POSTFIX}/usr/lib/postfix
meta_directory = ${folder}/etc
queue_directory = ${folder}/queue
data_directory = ${folder}/data
import_environment = MAIL_CONFIG TZ LANG=C MAIL_LOGTAG LD_LIBRARY_PATH=${POSTFIX}/usr/lib/postfix
maillog_file = ${folder}/log
maillog_file_prefixes = /tmp, /var, ${folder}
myhostname = mail.${domain}
mydestination =
alias_maps =
alias_database =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination
smtpd_peername_lookup = no
smtpd_tls_security_level = none
smtp_tls_security_level = none
smtp_dns_support_level = disabled
smtp_host_lookup = native
minimal_backoff_time = 1s
maximal_backoff_time = 2s
queue_run_delay = 1s
transport_maps = inline:{ ${table.join(", ")} }
virtual_mailbox_domains = ${domain}
virtual_mailbox_base = ${folder}/mail
virtual_mailbox_maps = inline:{ ${users.map((user) => `{ ${user}@${domain} = ${user}/ }`).join(", ")} }
virtual_uid_maps = static:65534
virtual_gid_maps = static:65534
virtual_minimum_uid = 100
`;
}

function masterCf({ address, port }: Place): string {
  return `${address}:${port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 1 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
proxywrite unix - - n - 1 proxymap
smtp unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
`;
}

interface Place {
  readonly folder: string;
  readonly address: string;
  readonly port: number;
}

async function makePlace(t: Teardown, name: string): Promise<Place> {
  const folder = temporaryFolder(t, name);
  chownSync(folder, 0, 0);
  const address = loopbackAddress();
  return { folder, address, port: await freePort(address) };
}

function folderOf(folder: string, name: string, owner: { readonly uid: number; readonly gid: number; readonly mode?: number }): void {
  const path = join(folder, name);
  mkdirSync(path, { recursive: true });
  chownSync(path, owner.uid, owner.gid);
  chmodSync(path, owner.mode ?? 0o755);
}

/** In a process group of its own, which ends with the test. */
function launch(t: Teardown, command: string, argv: readonly string[], env: Readonly<Record<string, string>>): void {
  const child = spawn(command, argv, { detached: true, stdio: "ignore", env: { ...process.env, ...env } });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  t.teardown(async () => {
    try {
      process.kill(-(child.pid as number), "SIGTERM");
    } catch {
      return;
    }
    await ended;
  });
}

async function listening({ address, port }: Place, log: () => string): Promise<void> {
  const probe = async (): Promise<boolean> =>
    (await run("curl", ["-s", "--max-time", "5", `telnet://${address}:${port}`], { input: "QUIT\r\n" })).stdout.startsWith("220");
  await until(probe, { what: `a greeting from ${address}:${port}`, instead: log });
}

function readText(path: string): string {
  return existsSync(path) ? readFileSync(path, "latin1") : "";
}
