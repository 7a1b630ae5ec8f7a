/**
 * Peers that stop at every octet: clients in their commands and data, servers in their replies. Each is given up when its
 * time is over, the others are served, and nothing stays open. And clients that send without ever reading.
 */
import test, { type ExecutionContext } from "ava";
import { createServer, type Socket } from "node:net";
import { certificateFiles, TLS_OPTIONS } from "../support/certificate.ts";
import { socketsOf } from "../support/descriptors.ts";
import { freePort, listens } from "../support/loopback.ts";
import { startMailkit, type MailServer } from "../support/mailkit.ts";
import { needs, needsThat } from "../support/programs.ts";
import { peakMemory } from "../support/server-processes.ts";
import { siteConfiguration } from "../support/sites.ts";
import { rawClient } from "../support/smtp-client.ts";
import type { Teardown } from "../support/temporary.ts";
import { usersFile } from "../support/users.ts";
import { until } from "../support/wait.ts";

const SESSION =
  "EHLO a.test\r\nMAIL FROM:<>\r\nRCPT TO:<fred@truc.fr>\r\nDATA\r\nSubject: x\r\n\r\ntext\r\n.\r\n" +
  "MAIL FROM:<>\r\nRCPT TO:<fred@truc.fr>\r\nBDAT 20 LAST\r\nSubject: y\r\n\r\ntext\r\nQUIT\r\n";
const DOT = SESSION.indexOf("\r\n.\r\n") + 5;

function start(t: Teardown, main: string, more: { readonly routers?: string; readonly remoteSmtp?: string } = {}): Promise<MailServer> {
  return startMailkit(t, {
    config: siteConfiguration({
      domain: "truc.fr",
      format: "mbox",
      main: `smtp_accept_max = 0\nsmtp_connect_backlog = 512\n${main}`,
      ...more,
    }),
    files: { users: usersFile("fred"), aliases: "", "home/fred/": "", "mail/": "" },
    env: { MAILKIT_DNS: "127.0.0.1:1" },
  });
}

test("clients that stop at every octet of a session", async (t) => {
  const server = await start(t, "smtp_receive_timeout = 1s\nsmtp_enforce_sync = false\nqueue_only");
  await stopAt(server, DOT);
  const before = socketsOf(server.pid);
  const answers = await Promise.all(Array.from({ length: SESSION.length }, (_, at) => stopAt(server, at)));
  for (const [at, answer] of answers.entries()) {
    t.regex(answer, /\n421 [^\n]*(?:timeout|timed out)[^\n]*\r\n$/i, `stopped at ${at}`);
    t.is(answer.includes("250 OK id="), at >= DOT, `stopped at ${at}`);
  }
  await until(() => socketsOf(server.pid) <= before, { what: "the end of the last one", instead: () => String(socketsOf(server.pid)) });
  t.is(server.paniclog(), "");
  t.true(Number((await server.command(["queue", "count"])).stdout) >= SESSION.length - DOT);
});

needs(test, "openssl")("clients that stop in the TLS handshake", async (t) => {
  const server = await startMailkit(t, {
    config: siteConfiguration({ domain: "truc.fr", format: "mbox", main: `smtp_receive_timeout = 1s\n${TLS_OPTIONS}` }),
    files: { users: usersFile("fred"), aliases: "", ...certificateFiles(t, "mail.truc.fr") },
    env: { MAILKIT_DNS: "127.0.0.1:1" },
  });
  await Promise.all(
    ["", "\x16", "\x16\x03\x01\x00\xf0\x01\x00"].map(async (hello) => {
      const client = await rawClient(server.address, server.port);
      await client.say("EHLO a.test");
      t.regex(await client.say("STARTTLS"), /^220 /);
      client.send(hello);
      t.is(await client.rest(), "");
    }),
  );
  await server.logged(/TLS error on connection from \(a\.test\) \[127\.0\.0\.1\] \(handshake timed out\)$/, 3);
  t.is(server.paniclog(), "");
});

async function stopAt(server: MailServer, at: number): Promise<string> {
  const client = await rawClient(server.address, server.port);
  client.send(SESSION.slice(0, at));
  return `${client.greeting}\n${await client.rest()}`;
}

const REPLIES = [
  "220 sink.test ESMTP",
  "250-sink.test\r\n250 8BITMIME",
  "250 sender",
  "250 recipient",
  "354 go ahead",
  "250 taken",
  "221 bye",
];
/** Everything that a friendly server says. */
const SPEECH = REPLIES.map((reply) => `${reply}\r\n`).join("");
const TAKEN = SPEECH.indexOf("250 taken") + "250 taken\r\n".length;

/** What a server does when it has said its part. */
type Ending = "stop" | "reset" | "close";

for (const [ending, reason] of [
  ["stop", "(?:timeout|timed out)"],
  ["reset", "(?:closed connection|Connection reset by peer)"],
  ["close", "closed connection"],
] as const)
  test(`servers that ${ending} at every octet of their replies`, (t) => deliverToAll(t, ending, reason));

async function deliverToAll(t: ExecutionContext, ending: Ending, reason: string): Promise<void> {
  const port = await faultyServers(t, ending);
  const server = await start(t, "queue_only\nremote_max_parallel = 200", {
    routers: `away:\n  driver = manualroute\n  domains = ! +local_domains\n  transport = remote_smtp\n  self = send\n  route_data = \${sg{$domain}{\\\\.test\\$}{}}::${port} byname\n`,
    remoteSmtp: "  connect_timeout = 1s\n  command_timeout = 1s\n  data_timeout = 1s\n  final_timeout = 1s\n  hosts_avoid_tls = *",
  });
  const client = await rawClient(server.address, server.port);
  await client.say("EHLO a.test");
  await client.say("MAIL FROM:<>");
  for (let at = 0; at <= SPEECH.length; at++) t.regex(await client.say(`RCPT TO:<x@127.1.0.${at}.test>`), /^250/);
  await client.say("DATA");
  const id = /id=(\S+)/.exec(await client.say("Subject: x\r\n\r\ntext\r\n."))?.[1] as string;
  const before = socketsOf(server.pid);
  await server.command(["queue", "run", "--force"]);
  for (let at = 0; at <= SPEECH.length; at++) {
    const wanted = at < TAKEN ? "==" : "(?:=>|->)";
    await server.logged(new RegExp(`${id} ${wanted} x@127\\.1\\.0\\.${at}\\.test `));
    if (at < TAKEN) await server.logged(new RegExp(`${id} == x@127\\.1\\.0\\.${at}\\.test .*${reason}`, "i"));
  }
  await until(() => socketsOf(server.pid) <= before, { what: "closed connections", instead: () => String(socketsOf(server.pid)) });
  t.is(server.paniclog(), "");
}

/** On every address of 127.1.0/24: who is asked for as 127.1.0.N says N octets and no more. */
async function faultyServers(t: Teardown, ending: Ending): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    let left = Number(/\d+$/.exec(socket.localAddress ?? "")?.[0]);
    const say = (reply: string): void => {
      const text = `${reply}\r\n`.slice(0, left);
      left -= text.length;
      if (text !== "") socket.write(text);
      if (left > 0 || ending === "stop") return;
      if (ending === "close") socket.end();
      else socket.resetAndDestroy();
    };
    let asked = 1;
    let data = false;
    say(REPLIES[0] as string);
    socket.setEncoding("latin1").on("data", (text: string) => {
      for (const line of text.split("\r\n").slice(0, -1)) {
        if (data && line !== ".") continue;
        data = line === "DATA";
        if (left > 0) say(REPLIES[asked++] ?? "");
      }
    });
  });
  const port = await freePort("0.0.0.0");
  await until(() => listens(server, "0.0.0.0", port), { what: "room for servers" });
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return port;
}

/** Each refusal is half a kilobyte for 20 octets. */
const REFUSALS = 200_000;
const measured = needsThat(test, peakMemory(process.pid) !== undefined, "needs /proc");

measured("a client that sends and never reads: what waits for it is bounded, and it gets every reply once it reads", async (t) => {
  const rcpt = `  deny message = ${"no ".repeat(160)}\n`;
  const server = await startMailkit(t, {
    config: siteConfiguration({
      domain: "truc.fr",
      format: "mbox",
      main: "recipients_max = 0\nsmtp_enforce_sync = false\nlog_selector = -all",
      rcpt,
    }),
    files: { users: usersFile("fred"), aliases: "", "home/fred/": "", "mail/": "" },
    env: { MAILKIT_DNS: "127.0.0.1:1" },
  });
  const client = await rawClient(server.address, server.port);
  await client.say("EHLO a.test");
  await client.say("MAIL FROM:<>");
  const memory = (): number => peakMemory(server.pid) ?? Number.NaN;
  const before = memory();
  client.pause();
  const sent = client.push(`${"RCPT TO:<fred@b.c>\r\n".repeat(REFUSALS)}QUIT\r\n`);
  for (let i = 0; i < 30; i++) {
    const other = await rawClient(server.address, server.port);
    await other.say("EHLO b.test");
    await other.say("QUIT");
  }
  client.resume();
  const all = await client.rest();
  await sent;
  t.is(all.split("\n550 no").length - 1, REFUSALS);
  t.regex(all.slice(-60), /\n221 [^\n]*\r\n$/);
  // The replies are 100 MB, and would be kept in pieces that take several times as much.
  t.true(memory() - before < 400e6, `${before} before, ${memory()} at most`);
});
