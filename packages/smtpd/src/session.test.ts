import test, { type ExecutionContext } from "ava";
import { fakeWorld, type FakeOptions, type FakeWorld } from "./fakes.ts";
import { newSession } from "./session.ts";
import type { SessionHandle, SessionOptions } from "./session-types.ts";

interface Play extends FakeWorld {
  readonly handle: SessionHandle;
  readonly writes: string[];
  readonly ended: () => boolean;
}

const PEER = { peer: { address: "192.0.2.1", port: 1025 }, local: { address: "192.0.2.9", port: 25 } };

function open(options: FakeOptions = {}, session: Partial<SessionOptions> = {}): Play {
  const world = fakeWorld(options);
  const writes: string[] = [];
  let ended = false;
  const handle = newSession(
    world.deps,
    { write: (text) => void writes.push(text), end: () => void (ended = true) },
    { kind: "tcp", facts: PEER, trusted: false, ...session },
  );
  handle.open();
  return { ...world, handle, writes, ended: () => ended };
}

/** `C:` lines go in one write each, `S:` lines must be all that came back since. */
async function play(
  t: ExecutionContext,
  script: readonly string[],
  options: FakeOptions = {},
  session: Partial<SessionOptions> = {},
): Promise<Play> {
  const p = open(options, session);
  let seen = 0;
  let at = 0;
  while (at < script.length) {
    const sent: string[] = [];
    while (script[at]?.startsWith("C: ") === true) sent.push((script[at++] as string).slice(3));
    if (sent.length > 0) p.handle.receive(Buffer.from(sent.map((line) => line.replaceAll("|", "\r\n") + "\r\n").join(""), "latin1"));
    const wanted: string[] = [];
    while (script[at]?.startsWith("S: ") === true) wanted.push((script[at++] as string).slice(3));
    for (let i = 0; i < 20; i++) await Promise.resolve();
    t.deepEqual(p.writes.slice(seen).join("").trimEnd().split("\r\n"), wanted, `after ${sent.join(" / ")}`);
    seen = p.writes.length;
  }
  return p;
}

const HELO = ["S: 220 mx.test ESMTP", "C: HELO c.test", "S: 250 mx.test Hello c.test [192.0.2.1]"];
const EHLO = [
  "S: 220 mx.test ESMTP",
  "C: EHLO c.test",
  "S: 250-mx.test Hello c.test [192.0.2.1]",
  "S: 250-SIZE 52428800",
  "S: 250-8BITMIME",
  "S: 250-PIPELINING",
  "S: 250-CHUNKING",
  "S: 250 HELP",
];

test("a message: Received on top, spool before 250, log line, delivery", async (t) => {
  const p = await play(t, [
    ...HELO,
    "C: MAIL FROM:<a@x.test>",
    "S: 250 OK",
    "C: RCPT TO:<b@y.test>",
    "S: 250 Accepted",
    "C: DATA",
    'S: 354 Enter message, ending with "." on a line by itself',
    "C: Subject: hi|Message-ID: <m@x>|Return-Path: <z@z>||..one|two|.",
    "S: 250 OK id=id-1",
    "C: QUIT",
    "S: 221 mx.test closing connection",
  ]);
  t.true(p.ended());
  t.deepEqual(p.acls, ["connect", "helo", "mail", "rcpt b@y.test", "predata", "data"]);
  const [message] = p.accepted;
  t.is(message?.body.bytes?.toString(), ".one\ntwo\n");
  t.deepEqual(
    message?.headers.map((h) => [h.type, h.text.split("\n")[0]]),
    [
      ["P", "Received: by mx.test;"],
      [" ", "Subject: hi"],
      ["I", "Message-ID: <m@x>"],
      ["*", "Return-Path: <z@z>"],
    ],
  );
  t.like(message?.envelope, {
    id: "id-1",
    sender: "a@x.test",
    recipients: [{ address: "b@y.test" }],
    protocol: "smtp",
    bodyLines: 2,
    bodySize: 9,
    maxReceivedLine: 18,
    origin: { helo: "c.test" },
  });
  t.deepEqual(p.delivered, ["id-1"]);
  t.regex(p.main[0] ?? "", /^id-1 <= a@x\.test H=\(c\.test\) \[192\.0\.2\.1\] P=smtp S=\d+ id=m@x$/);
});

test("pipelined group: one write for all its replies, refusals logged", async (t) => {
  const p = await play(
    t,
    [
      ...EHLO,
      "C: MAIL FROM:<a@x>|RCPT TO:<no@y>|RCPT TO:<later@y>|RCPT TO:<ok@y>",
      "S: 250 OK",
      "S: 550 relay not permitted",
      "S: 451 Temporary local problem - please try later",
      "S: 250 Accepted",
    ],
    {
      acl: ({ where, recipient }) =>
        where !== "rcpt"
          ? undefined
          : recipient === "no@y"
            ? { kind: "deny", message: "relay not permitted" }
            : recipient === "later@y"
              ? { kind: "defer", logMessage: "dns" }
              : undefined,
    },
  );
  t.is(p.writes.length, 3);
  t.deepEqual(p.main, [
    "H=(c.test) [192.0.2.1] F=<a@x> rejected RCPT <no@y>: relay not permitted",
    "H=(c.test) [192.0.2.1] F=<a@x> temporarily rejected RCPT <later@y>: dns",
  ]);
  t.deepEqual(p.rejected, p.main);
});

test("input before its turn: after DATA, before EHLO's answer, before the greeting", async (t) => {
  const early = await play(t, [
    ...EHLO,
    "C: MAIL FROM:<a@x>|RCPT TO:<b@y>|DATA|Subject: smuggled",
    "S: 250 OK",
    "S: 250 Accepted",
    "S: 554 SMTP synchronization error",
  ]);
  t.true(early.ended());
  t.regex(
    early.main[0] ?? "",
    /^SMTP protocol synchronization error \(next input sent too soon: pipelining was advertised\): rejected "DATA" H=\(c\.test\) \[192\.0\.2\.1\] next input="Subject: smuggled\\r\\n"$/,
  );
  const helo = await play(t, ["S: 220 mx.test ESMTP", "C: HELO a|MAIL FROM:<a@x>", "S: 554 SMTP synchronization error"]);
  t.true(helo.ended());
});

test("an ACL that waits holds back what follows, and nothing is lost", async (t) => {
  const p = await play(t, [...EHLO, "C: MAIL FROM:<a@x>|RCPT TO:<b@y>|RCPT TO:<c@y>", "S: 250 OK", "S: 250 Accepted", "S: 250 Accepted"], {
    acl: async () => undefined,
  });
  t.deepEqual(p.acls.slice(2), ["mail", "rcpt b@y", "rcpt c@y"]);
});

test("BDAT in two chunks; text that looks like commands is data", async (t) => {
  const p = await play(t, EHLO);
  p.handle.receive(Buffer.from("MAIL FROM:<a@x>\r\nRCPT TO:<b@y>\r\nBDAT 10\r\na: b\r\n\r\nQUBDAT 4 LAST\r\nIT\r\n"));
  for (let i = 0; i < 20; i++) await Promise.resolve();
  t.deepEqual(p.writes.at(-2)?.split("\r\n").slice(0, 3), ["250 OK", "250 Accepted", "250 10 byte chunk received"]);
  t.is(p.writes.at(-1), "250- 4 byte chunk, total 14\r\n250 OK id=id-1\r\n");
  t.is(p.accepted[0]?.body.bytes?.toString(), "QUIT\n");
  t.regex(p.main[0] ?? "", / P=esmtp K S=/);
});

test("a big body goes to the spool's writer, whatever the cuts", async (t) => {
  const p = open({ deps: { limits: { bodyInMemory: 100, commandLine: 1000, enhancedCodes: false } } });
  const body = Array.from({ length: 50 }, (_, i) => `line ${i}`).join("\r\n");
  const input = Buffer.from(`Subject: x\r\n\r\n${body}\r\n.\r\nQUIT\r\n`);
  for (const line of ["HELO c\r\n", "MAIL FROM:<>\r\n", "RCPT TO:<a@b>\r\n", "DATA\r\n"]) p.handle.receive(Buffer.from(line));
  for (let i = 0; i < input.length; i += 7) p.handle.receive(input.subarray(i, i + 7));
  for (let i = 0; i < 2000; i++) await Promise.resolve();
  t.is(p.accepted[0]?.body.bytes?.toString(), body.replaceAll("\r\n", "\n") + "\n");
  t.is(p.accepted[0]?.envelope.bodyLines, 50);
  t.true(p.ended());
});

test("refusals after the data: too big, ACL; the session goes on", async (t) => {
  const message = [
    "C: MAIL FROM:<a@x>",
    "S: 250 OK",
    "C: RCPT TO:<b@y>",
    "S: 250 Accepted",
    "C: DATA",
    'S: 354 Enter message, ending with "." on a line by itself',
  ];
  const p = await play(
    t,
    [
      ...HELO,
      ...message,
      "C: x: y||0123456789012345678901234567890123456789|.",
      "S: 552 Message size exceeds maximum permitted",
      ...message,
      "C: x: y||x|.",
      "S: 550 no spam",
    ],
    {
      settings: { message_size_limit: "40" },
      acl: ({ where }) => (where === "data" ? { kind: "deny", message: "no spam" } : undefined),
    },
  );
  t.is(p.accepted.length, 0);
  t.deepEqual(p.main, [
    "id-1 rejected from <a@x> H=(c.test) [192.0.2.1]: message too big: read=47 max=40",
    "id-2 H=(c.test) [192.0.2.1] F=<a@x> rejected after DATA: no spam",
  ]);
});

test("connection lost in the data: nothing is kept, both places are named", async (t) => {
  for (const [data, where] of [
    ["", " (header)"],
    ["x: y\r\nz", " (header)"],
    ["x: y\r\n", " (after header)"],
    ["x: y\r\n\r\nbody", ""],
  ] as const) {
    const p = open();
    for (const line of ["HELO c\r\n", "MAIL FROM:<>\r\n", "RCPT TO:<a@b>\r\n", "DATA\r\n", data]) p.handle.receive(Buffer.from(line));
    p.handle.ended();
    t.is(p.accepted.length, 0);
    t.is(p.main.at(-1), `SMTP connection from (c) [192.0.2.1] lost while reading message data${where}`);
  }
});

test("a broken spool gives 421, not 250", async (t) => {
  const p = open({
    deps: {
      spool: {
        newId: () => "i",
        shortage: () => undefined,
        openBody: () => {
          throw new Error("x");
        },
        accept: async () => {
          throw new Error("disk gone");
        },
      },
    },
  });
  for (const line of ["HELO c\r\n", "MAIL FROM:<>\r\n", "RCPT TO:<a@b>\r\n", "DATA\r\n", "x: y\r\n\r\nb\r\n.\r\n"])
    p.handle.receive(Buffer.from(line));
  for (let i = 0; i < 20; i++) await Promise.resolve();
  t.regex(p.writes.at(-1) ?? "", /^421 /);
  t.regex(p.panic[0] ?? "", /disk gone/);
  t.true(p.ended());
});

/** The client keeps the message; the session, and the next message, go on. */
for (const [title, code, expected] of [
  ["a full disk", "ENOSPC", "452 Space shortage, please try later"],
  ["a quota", "EDQUOT", "452 Space shortage, please try later"],
  ["a broken disk", "EIO", "451 Error while writing spool file"],
] as const) {
  const fault = (): Error => Object.assign(new Error(`spool: ${code}`), { code });
  const large = `x: y\r\n\r\n${"b".repeat(70)}`.concat(`\r\n${"b".repeat(70)}`.repeat(10_000), "\r\n.\r\n");
  const sinks: Readonly<Record<string, () => void | Promise<void>>> = {
    "at once": () => {
      throw fault();
    },
    later: () => Promise.reject(fault()),
  };
  for (const [when, fails] of Object.entries(sinks)) {
    test(`${title}, told ${when}, while a body is written`, async (t) => {
      let discarded = 0;
      const p = open({
        deps: {
          spool: {
            newId: () => "i",
            shortage: () => undefined,
            openBody: () => ({ write: fails, finish: () => t.fail() as never, discard: () => void discarded++ }),
            accept: () => Promise.reject(fault()),
          },
        },
      });
      for (const data of [large, "x: y\r\n\r\nsmall\r\n.\r\n"]) {
        for (const line of ["HELO c\r\n", "MAIL FROM:<>\r\n", "RCPT TO:<a@b>\r\n", "DATA\r\n", data]) {
          p.handle.receive(Buffer.from(line));
          for (let i = 0; i < 40; i++) await Promise.resolve();
        }
        t.is(p.writes.at(-1)?.trimEnd(), expected);
      }
      t.is(discarded, 1);
      t.deepEqual(
        p.panic,
        Array.from({ length: 2 }, () => `i spool file write error H=(c) [192.0.2.1]: spool: ${code}`),
      );
      t.false(p.ended());
    });
  }
}

test("discard, fakereject, queue, submission: controls of ACLs", async (t) => {
  const script = [
    ...HELO,
    "C: MAIL FROM:<a@x>",
    "S: 250 OK",
    "C: RCPT TO:<b@y>",
    "S: 250 Accepted",
    "C: DATA",
    'S: 354 Enter message, ending with "." on a line by itself',
    "C: Subject: x||b|.",
  ];
  const discarded = await play(t, [...script, "S: 250 OK id=id-1"], {
    acl: ({ where }) => (where === "data" ? { kind: "discard" } : undefined),
  });
  t.is(discarded.accepted.length, 0);
  t.is(discarded.main[1], "id-1 => blackhole (DATA ACL discarded recipients)");
  const early: string[] = [];
  const nobody = await play(t, [...script, "S: 250 OK id=id-1"], {
    acl: ({ where }) => {
      early.push(where);
      return where === "mail" ? { kind: "discard" } : undefined;
    },
  });
  t.is(nobody.main.at(-2), "id-1 => blackhole (MAIL ACL discarded recipients)");
  t.false(early.includes("rcpt") || early.includes("data"), "nothing is left to decide");
  const fake = await play(t, [...script, "S: 550 kept"], {
    acl: ({ where }) =>
      where === "rcpt"
        ? {
            kind: "accept",
            effects: [
              { kind: "control", control: { name: "fakereject", message: "kept" } },
              { kind: "control", control: { name: "queue", firstPassRoute: false } },
            ],
          }
        : undefined,
  });
  t.is(fake.accepted.length, 1);
  t.deepEqual(fake.delivered, []);
  const submission = await play(t, [...script, "S: 250 OK id=id-1"], {
    acl: ({ where }) =>
      where === "mail"
        ? { kind: "accept", effects: [{ kind: "control", control: { name: "submission", senderRetain: false } }] }
        : undefined,
  });
  t.true(submission.accepted[0]?.headers.some((h) => h.text.startsWith("Message-Id: <Eid-1@mx.test>")));
});

test("smtp_ratelimit_rcpt: recipients beyond the threshold wait", async (t) => {
  const waits: number[] = [];
  const clock = { now: () => 0, sleep: async (time: number) => void waits.push(time) };
  await play(
    t,
    [
      ...EHLO,
      "C: MAIL FROM:<a@x>|RCPT TO:<b@y>|RCPT TO:<c@y>|RCPT TO:<d@y>",
      "S: 250 OK",
      "S: 250 Accepted",
      "S: 250 Accepted",
      "S: 250 Accepted",
    ],
    {
      settings: { smtp_ratelimit_hosts: "*", smtp_ratelimit_rcpt: "1,2s,2,1m" },
      deps: { clock },
    },
  );
  t.deepEqual(waits, [2000, 4000]);
});

test("input before the greeting: refused, but for EHLO where PIPECONNECT is offered", async (t) => {
  const early = (text: string, settings: Record<string, string>) => {
    const world = fakeWorld({ settings, acl: async () => undefined });
    const writes: string[] = [];
    const handle = newSession(
      world.deps,
      { write: (out) => void writes.push(out), end: () => {} },
      { kind: "tcp", facts: PEER, trusted: false },
    );
    handle.open();
    handle.receive(Buffer.from(text));
    return { ...world, writes };
  };
  const refused = early("HELO abcd\r\n", { pipelining_connect_advertise_hosts: "*" });
  const taken = early("EHLO c\r\nMAIL FROM:<a@x>\r\nRCPT TO:<b@y>\r\n", { pipelining_connect_advertise_hosts: "*" });
  const notOffered = early("EHLO c\r\n", {});
  for (let i = 0; i < 50; i++) await Promise.resolve();
  t.is(refused.writes.join(""), "554 SMTP synchronization error\r\n");
  t.is(
    refused.main[0],
    'SMTP protocol synchronization error (input sent without waiting for greeting): rejected connection from H=[192.0.2.1] input="HELO abcd\\r\\n"',
  );
  t.regex(taken.writes.join(""), /^220 [^]*250 HELP\r\n250 OK\r\n250 Accepted\r\n$/);
  t.is(notOffered.writes.join(""), "554 SMTP synchronization error\r\n");
});

test("a stop while the spool works: the message gets its 250 first", async (t) => {
  let stored = (): void => {};
  const accept = () => new Promise<void>((resolve) => void (stored = resolve));
  const p = open({
    deps: {
      spool: {
        newId: () => "i",
        shortage: () => undefined,
        openBody: () => ({
          write: () => {},
          finish: () => {
            throw new Error("unused");
          },
          discard: () => {},
        }),
        accept,
      },
    },
  });
  for (const line of ["HELO c\r\n", "MAIL FROM:<>\r\n", "RCPT TO:<a@b>\r\n", "DATA\r\n", "x: y\r\n\r\nb\r\n.\r\n"])
    p.handle.receive(Buffer.from(line));
  p.handle.stop();
  t.false(p.ended());
  stored();
  for (let i = 0; i < 20; i++) await Promise.resolve();
  t.is(p.writes.slice(-1).join(""), "250 OK id=i\r\n421 mx.test: Service not available - closing connection\r\n");
  t.true(p.ended());
});
