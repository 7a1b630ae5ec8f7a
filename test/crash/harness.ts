/**
 * The crash test: a server under load is killed, in part or as a whole, at instants from a seed, and started again, until
 * the time is over. Then its queue is run empty and everything is counted.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { prepareMailkit, type MailServer } from "../support/mailkit.ts";
import { startSink, type Sink } from "../support/smtp-sink.ts";
import { isRoot, temporaryFolder, type Teardown } from "../support/temporary.ts";
import { until } from "../support/wait.ts";
import { startSenders, type SentMessage } from "./clients.ts";
import { judge, maildirDeliveries, type Delivery, type Judgement } from "./deliveries.ts";
import { seeded, strikes, type Strike, type Target } from "./plan.ts";
import { isAlive, killHard, processesOf } from "../support/server-processes.ts";
import { victims } from "./victims.ts";

export interface CrashOptions {
  readonly seed: number;
  readonly seconds: number;
  readonly workers: number;
  readonly connections: number;
  /** Longest life between two strikes, milliseconds. */
  readonly longest: number;
  readonly targets: readonly Target[];
  readonly tell?: (line: string) => void;
}

export interface CrashReport extends Judgement {
  readonly acknowledged: number;
  readonly uncertain: number;
  readonly strikes: Readonly<Record<string, number>>;
  /** Lines of the paniclog, but for writes that a kill cut short: nobody had been told that they were done. */
  readonly panics: readonly string[];
  readonly unfinished: number;
}

/** Whom there is to kill: one process has no parts; helpers are there when root delivers for others. */
export function targetsFor(workers: number): readonly Target[] {
  if (isRoot) return ["server", "worker", "supervisor", "helper"];
  return workers === 1 ? ["server"] : ["server", "worker", "supervisor"];
}

export async function crash(t: Teardown, options: CrashOptions): Promise<CrashReport> {
  const stand = await prepare(t, options);
  const { server } = stand;
  await server.start();
  const senders = startSenders({
    address: server.address,
    port: server.port,
    connections: options.connections,
    make: messageMaker(options.seed),
  });
  const counts: Record<string, number> = {};
  const struck: number[] = [];
  const end = Date.now() + options.seconds * 1000;
  for (const strike of strikes(options.seed, options.targets, options.longest)) {
    await sleep(Math.max(0, Math.min(strike.after, end - Date.now())));
    if (Date.now() >= end) break;
    const at = await hit(server, strike, options);
    if (at === undefined) continue;
    struck.push(at);
    counts[strike.target] = (counts[strike.target] ?? 0) + 1;
  }
  await senders.stop();
  await runEmpty(server, options);
  await server.stop();
  const lines = server.paniclog().split("\n").filter(Boolean);
  const panics = lines.filter((line) => !/: unfinished write of \d+ octets/.test(line));
  const judgement = judge(senders.ledger, stand.deliveries(), struck);
  return {
    ...judgement,
    acknowledged: senders.ledger.acknowledged.size,
    uncertain: senders.ledger.uncertain.size,
    strikes: counts,
    panics,
    unfinished: lines.length - panics.length,
  };
}

interface Stand {
  readonly server: MailServer;
  readonly deliveries: () => Delivery[];
}

const LOCAL = "box@here.test";
const REMOTE = ["a@there.test", "slow@there.test"] as const;

async function prepare(t: Teardown, options: CrashOptions): Promise<Stand> {
  const mail = join(temporaryFolder(t, "crash"), "box");
  const taken: Delivery[] = [];
  const sink = await startTimedSink(t, seeded(options.seed ^ 0x5eed), taken);
  const server = await prepareMailkit(t, {
    config: configuration(mail, sink),
    args: ["--workers", String(options.workers)],
    ...(isRoot ? { as: {}, env: { MAILKIT_EXIM_USER: "mail" } } : {}),
  });
  return {
    server,
    deliveries: () => [...(existsSync(mail) ? maildirDeliveries(mail, LOCAL) : []), ...taken],
  };
}

/** Notes when each message was taken; refuses a third of the slow one's recipients for now. */
async function startTimedSink(t: Teardown, random: () => number, taken: Delivery[]): Promise<Sink> {
  const sink = await startSink(t, {
    extensions: ["PIPELINING"],
    answer: (line) => (/^RCPT TO:<slow@/i.test(line) && random() < 0.3 ? "451 not now" : line === "." ? note() : undefined),
  });
  let seen = 0;
  // What ends with this answer is in `messages` a moment later.
  function note(): undefined {
    queueMicrotask(() => {
      for (; seen < sink.messages.length; seen++) {
        const message = sink.messages[seen];
        for (const recipient of message?.recipients ?? []) taken.push({ recipient, text: message?.text ?? "", at: Date.now() });
      }
    });
    return undefined;
  }
  return sink;
}

function configuration(mail: string, sink: Sink): string {
  return `primary_hostname = host.test
spool_directory = FOLDER/spool
local_interfaces = ADDRESS
daemon_smtp_ports = PORT
host_lookup =
tls_advertise_hosts =
smtp_accept_max = 0
smtp_accept_queue_per_connection = 0
acl_smtp_rcpt = accept
begin routers
here:
  driver = accept
  domains = here.test
  transport = maildir
there:
  driver = manualroute
  route_list = * ${sink.address}::${sink.port} byname
  self = send
  transport = out
begin transports
maildir:
  driver = appendfile
  directory = ${mail}
  create_directory
  maildir_format
  user = TESTER_UID
  group = TESTER_GID
out:
  driver = smtp
  hosts_avoid_tls = *
begin retry
* * F,1h,1s
`;
}

/** Each message its own mixture of recipients and a size of its own, some beyond what stays in memory. */
function messageMaker(seed: number): (number: number) => SentMessage {
  const random = seeded(seed ^ 0xc0ffee);
  const all = [LOCAL, ...REMOTE];
  return (number) => {
    const some = all.filter(() => random() < 0.5);
    const large = random() < 0.01;
    return { number, recipients: some.length > 0 ? some : [LOCAL], lines: Math.floor(random() * (large ? 8000 : 60)) };
  };
}

/** The time of the strike; undefined when there was nobody to hit. The server is up again afterwards. */
async function hit(server: MailServer, strike: Strike, { tell }: CrashOptions): Promise<number | undefined> {
  const before = processesOf(server.pid);
  const pids = victims(before, strike.target, strike.which);
  if (pids.length === 0) return undefined;
  const at = Date.now();
  killHard(pids);
  tell?.(`${strike.target} killed: ${pids.join(" ")}`);
  await until(() => pids.every((pid) => !isAlive(pid)), { what: "the end of what was killed" });
  if (strike.target === "server" || strike.target === "supervisor") {
    // Orphans must end by themselves: nobody else would.
    await until(() => before.every(({ pid }) => !isAlive(pid)), {
      what: "the end of the supervisor's workers",
      instead: () => server.describe(),
    });
    await server.stop("SIGKILL");
    await server.start();
  } else if (strike.target === "worker") {
    const wanted = before.filter(({ role }) => role === "worker").length;
    const count = (): number => processesOf(server.pid).filter(({ role }) => role === "worker").length;
    await until(() => count() >= wanted, { what: "a worker in the place of the killed one", instead: () => server.describe() });
  }
  return at;
}

/** Until nothing waits any more. */
async function runEmpty(server: MailServer, { tell }: CrashOptions): Promise<void> {
  await until(
    async () => {
      await server.command(["queue", "run", "--force", "--quiet"], asServer());
      const { stdout } = await server.command(["queue", "count"], asServer());
      tell?.(`${stdout.trim()} messages wait`);
      return stdout.trim() === "0";
    },
    { what: "an empty queue", limit: 120_000, instead: () => `${server.describe().slice(-5000)}${corruptFiles(server)}` },
  );
}

function asServer(): { uid?: number; gid?: number } {
  return isRoot ? { uid: 0, gid: 0 } : {};
}

function corruptFiles(server: MailServer): string {
  const folder = join(server.folder, "spool/corrupt");
  if (!existsSync(folder)) return "";
  return readdirSync(folder)
    .map((name) => `--- ${name}\n${readFileSync(join(folder, name), "latin1").slice(0, 500)}\n`)
    .join("");
}
