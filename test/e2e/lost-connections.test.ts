/**
 * Clients that vanish, by RST or by closing their side, in every state of a session: a line in the main log as Exim's, no
 * connection that stays, no descriptor that stays, nothing taken, and the server goes on. The table is held against a
 * real Exim, too, where there is one.
 */
import test from "ava";
import { certificateFiles, TLS_OPTIONS } from "../support/certificate.ts";
import { descriptorsOf } from "../support/descriptors.ts";
import { loopbackAddress } from "../support/loopback.ts";
import { startMailkit } from "../support/mailkit.ts";
import { missingPeer, startExim } from "../support/peers.ts";
import { needs, needsThat } from "../support/programs.ts";
import { siteConfiguration } from "../support/sites.ts";
import { rawClient, type RawClient } from "../support/smtp-client.ts";
import { usersFile } from "../support/users.ts";
import { until } from "../support/wait.ts";

const MAIN = `log_selector = +smtp_connection
queue_only
smtp_accept_max = 0
acl_smtp_predata = check_predata`;
// Time to vanish between the last dot and its reply.
const ACLS = `check_predata:\n  accept\n\ncheck_data:\n  warn senders = slow@a.test\n       delay = 1s\n  accept\n`;

const HELLO = ["EHLO a.test"];
const MAIL = [...HELLO, "MAIL FROM:<s@a.test>"];
const RCPT = [...MAIL, "RCPT TO:<fred@truc.fr>"];
const DATA = [...RCPT, "DATA"];
const SLOW = [...HELLO, "MAIL FROM:<slow@a.test>", "RCPT TO:<fred@truc.fr>", "DATA"];

interface State {
  readonly name: string;
  readonly commands: readonly string[];
  /** What is sent without an answer. */
  readonly part?: string;
  /** Log lines; PEER is the client's address, ID the message's. */
  readonly reset: readonly string[];
  readonly closed: readonly string[];
}

const LOST = " lost while reading message data";
const between = (who: string): Pick<State, "reset" | "closed"> => ({
  reset: [`SMTP connection from ${who} lost (error: Connection reset by peer) D=TIME`],
  closed: [`SMTP connection from ${who} lost D=TIME`],
});
const within = (): Pick<State, "reset" | "closed"> => ({
  reset: ["unexpected disconnection while reading SMTP command from (a.test) [PEER] (error: Connection reset by peer) D=TIME"],
  closed: ["unexpected disconnection while reading SMTP command from (a.test) [PEER] D=TIME"],
});
const inData = (where: string): Pick<State, "reset" | "closed"> => ({
  reset: [`SMTP connection from (a.test) [PEER]${LOST}${where}`],
  closed: [`SMTP connection from (a.test) [PEER]${LOST}${where}`],
});

const STATES: readonly State[] = [
  { name: "after the greeting", commands: [], ...between("[PEER]") },
  { name: "in a command", commands: [], part: "EHL", ...between("[PEER]") },
  { name: "after EHLO", commands: HELLO, ...between("(a.test) [PEER]") },
  { name: "after MAIL", commands: MAIL, ...within() },
  { name: "after RCPT", commands: RCPT, ...within() },
  { name: "in RCPT", commands: MAIL, part: "RCPT TO:<x", ...within() },
  { name: "after DATA", commands: DATA, ...inData(" (header)") },
  { name: "in a header line", commands: DATA, part: "Subject: ha", ...inData(" (header)") },
  {
    name: "after a header line",
    commands: DATA,
    part: "Subject: ha\r\n",
    ...inData(" (after header)"),
    reset: [
      "ID Message abandoned: Input read error (Connection reset by peer) while receiving message from (a.test) [PEER]",
      "SMTP connection from (a.test) [PEER] lost (error: Connection reset by peer) D=TIME",
    ],
  },
  { name: "after the header", commands: DATA, part: "Subject: ha\r\n\r\n", ...inData("") },
  { name: "in the body", commands: DATA, part: "Subject: ha\r\n\r\nhalf", ...inData("") },
  { name: "in the last line", commands: DATA, part: "Subject: ha\r\n\r\nhalf\r\n.\r", ...inData("") },
  { name: "in the header of a chunk", commands: RCPT, part: "BDAT 1000 LAST\r\nhalf", ...inData(" (header)") },
  { name: "in the body of a chunk", commands: RCPT, part: "BDAT 1000 LAST\r\nSubject: x\r\n\r\nhalf", ...inData("") },
  {
    name: "after the dot, before the 250",
    commands: SLOW,
    part: "Subject: ha\r\n\r\nhalf\r\n.\r\n",
    reset: ["ID SMTP connection lost after final dot H=(a.test) [PEER] P=esmtp"],
    closed: ["ID SMTP connection lost after final dot H=(a.test) [PEER] P=esmtp"],
  },
];

/** OpenSSL words them, and Debian's Exim has GnuTLS. */
const TLS_STATES: readonly State[] = [
  {
    name: "after STARTTLS",
    commands: [...HELLO, "STARTTLS"],
    reset: ["TLS error on connection from (a.test) [PEER] (Connection reset by peer)"],
    closed: ["TLS error on connection from (a.test) [PEER] (connection closed in the handshake)"],
  },
  {
    name: "in the TLS handshake",
    commands: [...HELLO, "STARTTLS"],
    part: "\x16\x03\x01\x00\xf0\x01\x00",
    reset: ["TLS error on connection from (a.test) [PEER] (Connection reset by peer)"],
    closed: ["TLS error on connection from (a.test) [PEER] (connection closed in the handshake)"],
  },
  {
    name: "with something else than TLS",
    commands: [...HELLO, "STARTTLS"],
    part: "GET / HTTP/1.0\r\n\r\n",
    reset: ["TLS error on connection from (a.test) [PEER] (http request)"],
    closed: ["TLS error on connection from (a.test) [PEER] (http request)"],
  },
];

interface Server {
  readonly address: string;
  readonly port: number;
  readonly log: () => string;
}

const WAYS = ["reset", "closed"] as const;

/** The client's lines in the log, once there are enough of them. */
async function vanish(server: Server, state: State, way: (typeof WAYS)[number]): Promise<readonly string[]> {
  const from = loopbackAddress();
  const client = await rawClient(server.address, server.port, { from });
  for (const command of state.commands) await client.say(command);
  if (state.part !== undefined) await client.push(state.part);
  await leave(client, way);
  const lines = (): string[] =>
    server
      .log()
      .split("\n")
      .filter((line) => line.includes(`[${from}]`) && !line.includes("connection count"))
      .map((line) => shown(line, from));
  const wanted = state[way].length;
  await until(() => lines().length >= wanted, { what: `${state.name}, ${way}: ${wanted} lines`, instead: () => lines().join("\n") });
  return lines();
}

async function leave(client: RawClient, way: (typeof WAYS)[number]): Promise<void> {
  if (way === "reset") return client.reset();
  client.halfClose();
  await client.rest();
}

function shown(line: string, peer: string): string {
  return line
    .replace(/^\S+ \S+ /, "")
    .replaceAll(peer, "PEER")
    .replace(/^\w{6}-\w{6,11}-\w{2,4}\b/, "ID")
    .replace(/D=[\d.]+m?s/, "D=TIME");
}

const certified = needs(test, "openssl");

certified("RST and half-close in every state: Exim's line, nothing taken, nothing left behind", async (t) => {
  const config = siteConfiguration({
    domain: "truc.fr",
    format: "maildir",
    main: `${MAIN}\n${TLS_OPTIONS}`,
  });
  const server = await startMailkit(t, {
    config: config.replace("acl_smtp_data = accept", "acl_smtp_data = check_data").replace("check_rcpt:", `${ACLS}\ncheck_rcpt:`),
    files: { users: usersFile("fred"), aliases: "", "home/fred/": "", ...certificateFiles(t, "mail.truc.fr") },
  });
  const descriptors = (): number => descriptorsOf(server.pid);
  const peer = { address: server.address, port: server.port, log: () => server.mainlog() };
  await vanish(peer, STATES[0] as State, "closed");
  for (const state of TLS_STATES.slice(0, 1)) await vanish(peer, state, "closed");
  const before = descriptors();
  for (const state of [...STATES, ...TLS_STATES])
    for (const way of WAYS) t.deepEqual(await vanish(peer, state, way), state[way], `${state.name}, ${way}`);
  await until(() => descriptors() <= before, { what: `${before} descriptors`, instead: () => String(descriptors()) });
  const next = await rawClient(server.address, server.port);
  t.regex(next.greeting, /^220 /);
  t.regex(await server.logged(/connection count = /), /connection count = 1\)$/, "no connection is left");
  await next.say("QUIT");
  t.is((await server.command(["queue", "count"])).stdout, "0\n");
  t.is(server.paniclog(), "");
});

const missing = missingPeer("exim");
const beside = needsThat(test, missing === undefined, missing ?? "");

beside("the same lines come from a real Exim", async (t) => {
  const exim = await startExim(t, {
    domain: "truc.fr",
    users: ["fred"],
    routes: {},
    main: `${MAIN}\nacl_smtp_data = check_data`,
    acls: ACLS,
  });
  for (const state of STATES) for (const way of WAYS) t.deepEqual(await vanish(exim, state, way), state[way], `${state.name}, ${way}`);
});
