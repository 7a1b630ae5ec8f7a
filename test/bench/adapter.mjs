/**
 * Adapter of the server benchmark: runs this checkout's bundle with an Exim configuration that asks of mailkit what the
 * other servers are asked. All durability is on: it cannot be switched off. As for the peers, only limits that would make a
 * load test from one address meaningless are raised. Delivery to the maildir is under the uid of its owner.
 */
import { execFileSync } from "node:child_process";
import { join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "../..");
const workers = process.env.MAILKIT_BENCH_WORKERS ?? "1";
const nodeOptions = process.env.MAILKIT_BENCH_NODE_OPTIONS;
const program = join(root, "packages/cli/bin/mailkit");

export const name = "mailkit" + (workers === "1" ? "" : workers);
export const label = `mailkit, ${workers} worker${workers === "1" ? "" : "s"}`;
export const modes = ["maildir", "relay", "reject", "idle", "hold", "pop3"];

/** Uids of the benchmark: a login for the server, and the owner of the mailboxes. */
const SERVER = { name: "Debian-exim", uid: 3001 };
const OWNER = 3010;
/** "secret", argon2id at its cheapest: the peer's passwords stand there as they are. */
const SECRET = "$argon2id$v=19$m=64,t=1,p=1$bWFpbGtpdC10ZXN0c2FsdA$Nl7EcbmSabajFBuu6mZB/7WePTYwWD4z9sDzj+6k7wk";
const CONFIG = "/etc/mailkit/mailkit.conf";

export function setup(context) {
  execFileSync(join(root, "node_modules/.bin/node"), [join(root, "scripts/build.ts"), "--if-stale"]);
  context.mkdirs({ "var/spool/mailkit": [SERVER.uid, SERVER.uid, 0o750], "etc/mailkit": [0, 0, 0o755] });
  context.write("etc/mailkit/mailkit.conf", configuration(context));
  if (context.mode === "pop3") context.write("var/spool/users", `${context.user}@${context.domain}:${SECRET}\n`);
}

export const command = (context) => ({
  ns: "-",
  argv: [program, "serve", "-C", CONFIG, "--workers", workers, ...(context.mode === "pop3" ? ["--pop3", `127.0.0.1:${context.port}`] : [])],
  env: environment(),
});

function environment() {
  return {
    MAILKIT_EXIM_USER: SERVER.name,
    MAILKIT_HOSTNAME: "mx.bench.test",
    ...(nodeOptions === undefined ? {} : { NODE_OPTIONS: nodeOptions }),
  };
}

const exim = (...args) => ["/usr/bin/env", `MAILKIT_EXIM_USER=${SERVER.name}`, program, "exim", ...args];
const ID = /\b(\w{6}-\w{6}-\w{2}|\w{6}-\w{11}-\w{4})\b/g;

export const tools = {
  list: exim("-bp"),
  count: exim("-bpc"),
  run: exim("-q"),
  parseId: (out) => out.match(ID)?.[0],
  allIds: (out) => [...out.matchAll(ID)].map((found) => found[1]),
  remove: (id) => exim("-Mrm", id),
};

export const startup = [
  ["mailkit exim -bV", exim("-bV")],
  ["mailkit exim -bt user@domain", exim("-bt", "user@bench.test")],
  ["mailkit exim -be '${lc:ABC}'", exim("-be", "${lc:ABC}")],
  ["mailkit exim -bpc", exim("-bpc")],
  ["mailkit queue list", [program, "queue", "list"]],
  ["mailkit --version", [program, "--version"]],
];

function configuration(context) {
  const relay = context.mode === "relay" || context.mode === "hold";
  const port = context.mode === "pop3" ? context.port + 1 : context.port;
  return `# As the peers' configurations: one local domain with one user, or a relay for this host.
primary_hostname = mx.bench.test
spool_directory = /var/spool/mailkit
domainlist local_domains = ${context.domain}
hostlist relay_hosts = ${relay ? "127.0.0.1" : ""}
daemon_smtp_ports = ${port}
local_interfaces = 127.0.0.1
tls_advertise_hosts =
host_lookup =
rfc1413_hosts =
smtp_accept_max = 3000
smtp_accept_queue_per_connection = 0
smtp_connect_backlog = 1024
${context.mode === "hold" ? "queue_only = true" : ""}
acl_smtp_rcpt = acl_rcpt
acl_smtp_data = acl_data

begin acl
acl_rcpt:
  accept hosts = +relay_hosts
  require message = relay not permitted
          domains = +local_domains
  require verify = recipient
  accept
acl_data:
  accept

begin routers
virtual:
  driver = accept
  domains = +local_domains
  local_parts = ${context.user}
  transport = maildir
smart:
  driver = manualroute
  domains = ! +local_domains
  route_list = * 127.0.0.1::${context.sinkPort} byname
  transport = out
  self = send

begin transports
maildir:
  driver = appendfile
  directory = ${context.maildir}
  maildir_format
  user = ${OWNER}
  group = ${OWNER}
  delivery_date_add
  envelope_to_add
  return_path_add
out:
  driver = smtp
  hosts_avoid_tls = *
  hosts_try_dane =

begin retry
* * F,2h,15m; G,16h,1h,1.5; F,4d,6h
`;
}
