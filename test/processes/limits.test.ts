/** What is scarce: connections, memory, file descriptors. The server says no in time, and goes on by itself. */
import test, { type ExecutionContext } from "ava";
import { connect, type Socket } from "node:net";
import { ownDescriptors } from "../../packages/runtime/src/descriptors.ts";
import { descriptorsOf } from "../support/descriptors.ts";
import { startMailkit, type MailServer } from "../support/mailkit.ts";
import { findProgram, needsThat, run } from "../support/programs.ts";
import { peakMemory } from "../support/server-processes.ts";
import { siteConfiguration } from "../support/sites.ts";
import { rawClient, type RawClient } from "../support/smtp-client.ts";
import { asTester } from "../support/temporary.ts";
import { usersFile } from "../support/users.ts";
import { until } from "../support/wait.ts";

const MANY = 10_000;
/** Both ends of each, and what a process has open besides. */
const enough = (ownDescriptors()?.limit ?? 0) > MANY + 2000;
const crowded = needsThat(test, enough, `needs ${MANY + 2000} file descriptors`);
const limited = needsThat(test, findProgram("prlimit") !== undefined && ownDescriptors() !== undefined, "needs prlimit and /proc");

crowded(`${MANY} connections at once; the next one hears 421; none is left behind`, async (t) => {
  const server = await start(t, { main: `smtp_accept_max = ${MANY}\nsmtp_connect_backlog = 4096\nlog_selector = +smtp_connection` });
  await servesOne(t, server);
  const before = descriptors(server);
  const crowd = await gather(server, MANY);
  t.teardown(() => crowd.leave());
  t.deepEqual([...crowd.greetings], [["220", MANY]]);
  const beyond = await rawClient(server.address, server.port);
  t.is(beyond.greeting, "421 Too many concurrent SMTP connections; please try again later.");
  crowd.leave();
  await until(() => descriptors(server) <= before, { what: "the end of the crowd", instead: () => `${descriptors(server)} of ${before}` });
  await servesOne(t, server);
  t.regex(await server.logged(/count = \d+\)$/), /count = 1\)$/);
});

limited("few file descriptors: who is too many hears 421, who is in is served", async (t) => {
  const server = await start(t, { main: "smtp_accept_max = 0\nsmtp_connect_backlog = 1024", through: ["prlimit", "--nofile=64"] });
  await servesOne(t, server, 400_000);
  const before = descriptors(server);
  const crowd = await gather(server, 200);
  t.teardown(() => crowd.leave());
  const inside = crowd.greetings.get("220") ?? 0;
  t.true(inside >= 5, `${inside} connections`);
  t.is(crowd.greetings.get("421"), 200 - inside);
  await server.logged(/connection from \[127\.0\.0\.1\] refused: too few file descriptors: count=\d+ max=\d+$/);
  crowd.keep(2);
  await until(() => descriptors(server) <= before + 2, { what: "room" });
  await servesOne(t, server, 400_000);
  t.is(server.paniclog(), "");
});

limited("no file descriptor at all: a temporary refusal, and no help needed afterwards", async (t) => {
  const server = await start(t, { main: "queue_only" });
  const client = await rawClient(server.address, server.port);
  await client.say("EHLO a.test");
  await allow(server, 3);
  t.regex(await submit(client, 400_000), /^4\d\d /);
  // The system has taken the connection; the server cannot.
  const outside = rawClient(server.address, server.port);
  t.regex(await submit(client, 400_000), /^4\d\d /);
  await allow(server, ownDescriptors()?.limit as number);
  t.regex(await submit(client, 400_000), /^250 /);
  (await outside).reset();
  await servesOne(t, server);
  t.is((await server.command(["queue", "count"])).stdout, "2\n");
});

/** Messages at once, and the size of each. */
const FLOCK = 16;
const SIZE = 24_000_000;

limited(`${FLOCK} messages of the largest size at once: memory stays within bounds`, async (t) => {
  const server = await start(t, { main: `message_size_limit = ${SIZE + 1000}\nqueue_only`, transport: "/dev/null" });
  await servesOne(t, server, 400_000);
  const before = memory(server);
  const clients = await Promise.all(Array.from({ length: FLOCK }, () => rawClient(server.address, server.port)));
  for (const client of clients) await client.say("EHLO a.test");
  const replies = await Promise.all(clients.map((client) => submit(client, SIZE)));
  for (const reply of replies) t.regex(reply, /^250 /);
  const received = memory(server);
  // All of them are 384 MB; what is there is on its way to the disk, or waits for the collector.
  t.true(received - before < 192e6, `${before} before, ${received} while ${FLOCK} x ${SIZE} octets were received`);
  await server.command(["queue", "run", "--force"]);
  await server.logged(/ Completed$/, FLOCK);
  t.log(
    `memory: ${Math.round(before / 1e6)} MB before, ${Math.round(received / 1e6)} MB received, ${Math.round(memory(server) / 1e6)} MB delivered`,
  );
  t.true(memory(server) - before < 192e6, `${memory(server)} after their delivery`);
});

interface Wish {
  readonly main: string;
  readonly through?: readonly string[];
  readonly transport?: string;
}

function start(t: ExecutionContext, { main, through = [], transport }: Wish): Promise<MailServer> {
  const config = siteConfiguration({ domain: "truc.fr", format: "mbox", main });
  return startMailkit(t, {
    config: transport === undefined ? config : config.replace("FOLDER/mail/$local_part_data", transport),
    files: { users: usersFile("fred"), aliases: "", "home/fred/": "", "mail/": "" },
    env: { MAILKIT_DNS: "127.0.0.1:1" },
    through,
  });
}

function descriptors(server: MailServer): number {
  return descriptorsOf(server.pid);
}

/** Octets; what is not told is within no bound. */
function memory(server: MailServer): number {
  return peakMemory(server.pid) ?? Number.NaN;
}

/** `more`: beside what is open now none. */
async function allow(server: MailServer, limit: number): Promise<void> {
  const ran = await run("prlimit", [`--pid=${server.pid}`, `--nofile=${limit}:`], asTester);
  if (ran.code !== 0) throw new Error(ran.stderr);
}

async function submit(client: RawClient, size: number): Promise<string> {
  for (const line of ["RSET", "MAIL FROM:<>", "RCPT TO:<fred@truc.fr>", "DATA"]) {
    const reply = await client.say(line);
    if (!/^[23]/.test(reply)) return reply;
  }
  const line = `${"x".repeat(98)}\r\n`;
  const piece = line.repeat(1000);
  for (let sent = 0; sent < size; sent += piece.length)
    await client.push(size - sent > piece.length ? piece : line.repeat(Math.ceil((size - sent) / 100)));
  return client.say(".");
}

async function servesOne(t: ExecutionContext, server: MailServer, size = 100): Promise<void> {
  const client = await rawClient(server.address, server.port);
  t.regex(client.greeting, /^220 /);
  await client.say("EHLO a.test");
  t.regex(await submit(client, size), /^250 OK/);
  t.regex(await client.say("QUIT"), /^221 /);
}

interface Crowd {
  /** How often each code came. */
  readonly greetings: ReadonlyMap<string, number>;
  keep(count: number): void;
  leave(): void;
}

/** So many connections, some at a time, once each has been greeted in one way or another. */
async function gather({ address, port }: MailServer, count: number): Promise<Crowd> {
  const sockets: Socket[] = [];
  const greetings = new Map<string, number>();
  let started = 0;
  const one = (): Promise<string> =>
    new Promise((resolve) => {
      const socket = connect(port, address);
      socket.once("data", (octets: Buffer) => {
        const code = octets.toString("latin1", 0, 3);
        if (code === "220") sockets.push(socket);
        else socket.destroy();
        resolve(code);
      });
      socket.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? "error"));
      socket.once("end", () => resolve("end"));
    });
  const run = async (): Promise<void> => {
    while (started++ < count) {
      const code = await one();
      greetings.set(code, (greetings.get(code) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: 100 }, run));
  const keep = (left: number): void => {
    for (const socket of sockets.splice(left)) socket.destroy();
  };
  return { greetings, keep, leave: () => keep(0) };
}
