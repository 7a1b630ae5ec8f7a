/**
 * Hostile and broken clients: each gets a clear reply or is dropped, nothing that was accepted is lost, the server lives
 * and serves the next client. One server for all of it.
 */
import test from "ava";
import type { ExecutionContext } from "ava";
import { mailIn, messagesIn } from "../support/mailbox.ts";
import { startMailkit } from "../support/mailkit.ts";
import type { MailServer } from "../support/mailkit.ts";
import { rawClient } from "../support/smtp-client.ts";
import type { RawClient } from "../support/smtp-client.ts";
import { forAllTests } from "../support/suite.ts";
import { usersFile } from "../support/users.ts";
import { siteConfiguration } from "../support/sites.ts";
import { join } from "node:path";

const shared = forAllTests(test);
let server: MailServer;

test.before(async () => {
  server = await startMailkit(shared, {
    config: siteConfiguration({
      domain: "truc.fr",
      format: "maildir",
      main: "message_size_limit = 200K\nrecipients_max = 1000\nsmtp_receive_timeout = 20s",
    }),
    files: { users: usersFile("fred"), aliases: "", "home/fred/": "" },
    env: { MAILKIT_DNS: "127.0.0.1:1" },
  });
});

const client = () => rawClient(server.address, server.port);
const mailbox = () => messagesIn(join(server.folder, "mail/fred"));

/** What must hold after each attack. */
async function servesTheNext(t: ExecutionContext): Promise<void> {
  const before = mailbox().length;
  const next = await client();
  t.regex(next.greeting, /^220 mail\.truc\.fr /);
  await next.say("EHLO next.test");
  await submit(t, next, "next");
  t.regex(await next.say("QUIT"), /^221 /);
  await mailIn(server, "mail/fred", before + 1);
  t.true(server.running);
  t.is(server.paniclog(), "");
}

async function submit(t: ExecutionContext, session: RawClient, subject: string): Promise<void> {
  t.regex(await session.say("MAIL FROM:<>"), /^250 /);
  t.regex(await session.say("RCPT TO:<fred@truc.fr>"), /^250 /);
  t.regex(await session.say("DATA"), /^354 /);
  t.regex(await session.say(`Subject: ${subject}\r\n\r\ntext\r\n.`), /^250 OK id=/);
}

test.serial("a line without end", async (t) => {
  const session = await client();
  await session.push("A".repeat(3_000_000));
  session.send("\r\n");
  t.regex(await session.reply(), /^500 .*(?:too long|unrecognized)/i);
  await servesTheNext(t);
});

test.serial("many lines of garbage: the session ends, with a reply", async (t) => {
  const session = await client();
  session.send("\x00\x01\xff GET / HTTP/1.1\r\nHost: x\r\n\r\n".repeat(20));
  const all = await session.rest();
  t.regex(all, /^5\d\d /);
  t.regex(all, /(?:Too many|unrecognized|synchronization|500|554)/i);
  await servesTheNext(t);
});

test.serial("commands before the greeting are a synchronization error", async (t) => {
  const session = await client();
  session.send("EHLO a.test\r\nMAIL FROM:<>\r\n");
  t.regex(await session.reply(), /^250-/);
  session.send("NOOP\r\nRSET\r\nDATA\r\nQUIT\r\n");
  const all = await session.rest();
  t.regex(all, /250|503|554/);
  await servesTheNext(t);
});

for (const [title, ending] of [
  ["LF . LF", "\n.\n"],
  ["LF . CRLF", "\n.\r\n"],
  ["CRLF . LF", "\r\n.\n"],
  ["CR . CR", "\r.\r"],
  ["CR LF . CR", "\r\n.\r"],
  ["NUL before the dot", "\r\n\0.\r\n"],
] as const) {
  test.serial(`smuggling: ${title} does not end a message`, async (t) => {
    const before = mailbox().length;
    const session = await client();
    await session.say("EHLO a.test");
    await session.say("MAIL FROM:<>");
    await session.say("RCPT TO:<fred@truc.fr>");
    await session.say("DATA");
    session.send(
      `Subject: outer\r\n\r\ntext${ending}MAIL FROM:<evil@evil.test>\r\nRCPT TO:<fred@truc.fr>\r\nDATA\r\nSubject: smuggled\r\n\r\nx\r\n.\r\n`,
    );
    t.regex(await session.reply(), /^(?:250 OK id=|5\d\d )/);
    session.send("QUIT\r\n");
    const rest = await session.rest();
    t.notRegex(rest, /354/);
    await servesTheNext(t);
    const subjects = mailbox()
      .slice(before)
      .map((message) => /^Subject: (.*)$/m.exec(message)?.[1]);
    t.false(subjects.includes("smuggled"), subjects.join());
  });
}

test.serial("a hundred thousand recipients: refused beyond the limit, in bounded time", async (t) => {
  const session = await client();
  await session.say("EHLO a.test");
  await session.say("MAIL FROM:<>");
  const sent = session.push(Array.from({ length: 100_000 }, () => "RCPT TO:<fred@truc.fr>\r\n").join(""));
  const codes = new Map<string, number>();
  for (let i = 0; i < 100_000; i++) {
    const reply = await session.reply();
    if (reply === "") break;
    codes.set(reply.slice(0, 3), (codes.get(reply.slice(0, 3)) ?? 0) + 1);
    if (reply.startsWith("421") || reply.startsWith("554")) break;
  }
  await sent;
  t.is(codes.get("250"), 1000);
  t.true((codes.get("452") ?? 0) > 0, JSON.stringify([...codes]));
  session.reset();
  await servesTheNext(t);
});

test.serial("a message beyond the size limit: said before, said after", async (t) => {
  const session = await client();
  t.regex(await session.say("EHLO a.test"), /\n250-SIZE 204800\n/);
  t.regex(await session.say("MAIL FROM:<> SIZE=300000"), /^552 /);
  await session.say("MAIL FROM:<>");
  await session.say("RCPT TO:<fred@truc.fr>");
  await session.say("DATA");
  t.regex(await session.say(`Subject: big\r\n\r\n${"x".repeat(70)}\r\n`.padEnd(300_000, "y") + "\r\n."), /^552 /);
  await submit(t, session, "small, on the same connection");
  await session.say("QUIT");
  t.is(mailbox().filter((message) => message.includes("Subject: big")).length, 0);
  await servesTheNext(t);
});

test.serial("BDAT beyond the size limit, out of order, with a bad length", async (t) => {
  const session = await client();
  await session.say("EHLO a.test");
  t.regex(await session.say("BDAT 5 LAST"), /^5\d\d/);
  session.send("hello");
  session.reset();
  for (const bad of ["BDAT -1", "BDAT", "BDAT x", "BDAT 99999999999999999999", "BDAT 10x LAST"]) {
    const one = await client();
    for (const command of ["EHLO a.test", "MAIL FROM:<>", "RCPT TO:<fred@truc.fr>"]) await one.say(command);
    t.regex(await one.say(bad), /^5\d\d[ -]/, bad);
    one.reset();
  }
  const big = await client();
  await big.say("EHLO a.test");
  await big.say("MAIL FROM:<>");
  await big.say("RCPT TO:<fred@truc.fr>");
  big.send(`BDAT 300000 LAST\r\n${"z".repeat(300_000)}`);
  t.regex(await big.reply(), /^552 /);
  big.reset();
  await servesTheNext(t);
});

/** How far the client goes before it disappears. */
const STATES: readonly (readonly [string, readonly string[], string])[] = [
  ["after the greeting", [], ""],
  ["in the middle of a command", [], "EHL"],
  ["after EHLO", ["EHLO a.test"], ""],
  ["after MAIL", ["EHLO a.test", "MAIL FROM:<>"], ""],
  ["after RCPT", ["EHLO a.test", "MAIL FROM:<>", "RCPT TO:<fred@truc.fr>"], ""],
  ["after DATA", ["EHLO a.test", "MAIL FROM:<>", "RCPT TO:<fred@truc.fr>", "DATA"], ""],
  ["in the header", ["EHLO a.test", "MAIL FROM:<>", "RCPT TO:<fred@truc.fr>", "DATA"], "Subject: ha"],
  ["in the body", ["EHLO a.test", "MAIL FROM:<>", "RCPT TO:<fred@truc.fr>", "DATA"], "Subject: half\r\n\r\nhalf a line"],
  ["before the last LF", ["EHLO a.test", "MAIL FROM:<>", "RCPT TO:<fred@truc.fr>", "DATA"], "Subject: half\r\n\r\ntext\r\n.\r"],
  ["in a chunk", ["EHLO a.test", "MAIL FROM:<>", "RCPT TO:<fred@truc.fr>"], "BDAT 1000 LAST\r\nhalf"],
];

for (const [state, commands, part] of STATES) {
  for (const how of ["RST", "half-close"] as const) {
    test.serial(`${how} ${state}`, async (t) => {
      const session = await client();
      for (const command of commands) await session.say(command);
      if (part !== "") await session.push(part);
      if (how === "RST") session.reset();
      else {
        session.halfClose();
        t.notRegex(await session.rest(), /250 OK id=/);
      }
      await servesTheNext(t);
      t.is(mailbox().filter((message) => message.includes("half")).length, 0);
    });
  }
}

test.serial("half-close after the last dot: the message was accepted, and arrives", async (t) => {
  const before = mailbox().length;
  const session = await client();
  session.send("EHLO a.test\r\n");
  await session.reply();
  session.send("MAIL FROM:<>\r\nRCPT TO:<fred@truc.fr>\r\nDATA\r\n");
  for (const code of ["250", "250", "354"]) t.true((await session.reply()).startsWith(code));
  session.send("Subject: last words\r\n\r\nx\r\n.\r\n");
  session.halfClose();
  t.regex(await session.rest(), /250 OK id=/);
  await mailIn(server, "mail/fred", before + 1);
  await servesTheNext(t);
});

test.serial("a pipelined session in one packet", async (t) => {
  const before = mailbox().length;
  const session = await client();
  await session.say("EHLO a.test");
  session.send("MAIL FROM:<>\r\nRCPT TO:<fred@truc.fr>\r\nRCPT TO:<nobody@truc.fr>\r\nDATA\r\n");
  const replies = [await session.reply(), await session.reply(), await session.reply(), await session.reply()];
  t.deepEqual(
    replies.map((reply) => reply.slice(0, 3)),
    ["250", "250", "550", "354"],
  );
  t.regex(await session.say("Subject: piped\r\n\r\nx\r\n."), /^250 OK/);
  await session.say("QUIT");
  await mailIn(server, "mail/fred", before + 1);
});

test.serial("a header without end, ten thousand header lines, a header line of a megabyte", async (t) => {
  for (const header of [
    `${"X-Line: ".padEnd(900, "x")}\r\n`.repeat(150),
    "A: b\r\n".repeat(10_000),
    `Subject: ${"y".repeat(180_000)}\r\n`,
    `To: ${"(".repeat(50_000)}\r\n`,
    `From: ${"<".repeat(20_000)}${">".repeat(20_000)}\r\n`,
    ": nothing\r\n\r\n\r\n",
    "no header at all\r\n",
  ]) {
    const session = await client();
    await session.say("EHLO a.test");
    await session.say("MAIL FROM:<>");
    await session.say("RCPT TO:<fred@truc.fr>");
    await session.say("DATA");
    t.regex(await session.say(`${header}\r\nx\r\n.`), /^(?:250|5\d\d) /);
    await session.say("QUIT");
  }
  await servesTheNext(t);
});

const NO_SENDERS = [
  "<<>>", "<a@b@c>", "<@>", "<a@[>", '<"@x>', `<${"a".repeat(5000)}@b>`, "a b c", "<a@b> <c@d>", "<\x80@\xff>", "<a@b", "<>x", "<a@b>\0",
]; // prettier-ignore
const NO_RECIPIENTS = [
  "<>",
  "<../../x@truc.fr>",
  "<|/bin/sh@truc.fr>",
  "</etc/passwd@truc.fr>",
  "<fred@truc.fr\0x>",
  "<@>",
  "<fred@truc.fr",
];

test.serial("addresses that are none", async (t) => {
  for (const [before, verb, addresses] of [
    [["EHLO a.test"], "MAIL FROM", NO_SENDERS],
    [["EHLO a.test", "MAIL FROM:<>"], "RCPT TO", NO_RECIPIENTS],
  ] as const) {
    for (const address of addresses) {
      const session = await client();
      for (const command of before) await session.say(command);
      t.regex(await session.say(`${verb}:${address}`), /^5\d\d[ -]/, address);
      session.reset();
    }
  }
  await servesTheNext(t);
});

test.serial("connections that say nothing do not keep others out", async (t) => {
  const silent = await Promise.all(Array.from({ length: 15 }, () => client()));
  await servesTheNext(t);
  for (const session of silent) session.reset();
});

test.serial("the name server is dead: mail for others waits, mail for us arrives", async (t) => {
  const session = await client();
  await session.say("EHLO a.test");
  await session.say("MAIL FROM:<fred@truc.fr>");
  t.regex(await session.say("RCPT TO:<x@elsewhere.test>"), /^250 /);
  await session.say("DATA");
  t.regex(await session.say("Subject: out\r\n\r\nx\r\n."), /^250 OK id=/);
  await session.say("QUIT");
  await server.logged(/== x@elsewhere\.test R=remote defer \(-1\): host lookup did not complete/);
  await servesTheNext(t);
});
