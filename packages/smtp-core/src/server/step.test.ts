import test, { type ExecutionContext } from "ava";
import fc from "fast-check";
import { formatReply } from "@mailkit/sdk";
import {
  newServer,
  step,
  type Extensions,
  type ServerEffect,
  type ServerEvent,
  type ServerSettings,
  type ServerState,
  type Verdict,
} from "../index.ts";

const settings: ServerSettings = {
  hostname: "my.host",
  helo: { allowChars: "", acceptJunk: false, utf8Domains: false },
  address: { domainLiterals: false, stripTrailingDot: false, utf8Domains: false },
  requireHelo: true,
  enforceSync: true,
  recipientsMax: 3,
  recipientsMaxReject: false,
  messagesMax: 0,
  nonMailMax: 50,
  unknownMax: 50,
  syntaxMax: 50,
  unqualifiedSender: false,
  unqualifiedRecipient: false,
  sizeLimit: 52_428_800,
  smtpRewriting: false,
  help: { starttls: false, etrn: false, expn: true, vrfy: true },
  earlyPipelining: false,
  enhancedCodes: false,
};

const offer: Extensions = {
  size: 52_428_800,
  eightBit: true,
  dsn: true,
  etrn: false,
  vrfy: true,
  expn: true,
  pipelining: true,
  pipeConnect: true,
  auth: [],
  chunking: true,
  starttls: true,
  prdr: true,
  smtputf8: true,
};

interface Answers {
  readonly settings?: Partial<ServerSettings>;
  readonly offer?: Partial<Extensions>;
  readonly verdict?: (effect: ServerEffect) => Verdict | undefined;
}

/** Answers asks as a friendly session would. */
function answer(effect: ServerEffect, answers: Answers): ServerEvent | undefined {
  switch (effect.kind) {
    case "greet":
      return { kind: "banner", text: "my.host ESMTP" };
    case "advertise":
      return { kind: "advertise", greeting: "my.host Hello a [1.2.3.4]", extensions: { ...offer, ...answers.offer } };
    case "connect":
    case "helo":
    case "mail":
    case "rcpt":
    case "predata":
    case "starttls":
    case "quit":
      return { kind: "verdict", verdict: answers.verdict?.(effect) ?? { kind: "accept" } };
    case "auth":
      return {
        kind: "auth",
        progress: effect.mechanism === "FOO" ? { kind: "unknown" } : { kind: "challenge", octets: Buffer.from("user") },
      };
    case "authResponse":
      return { kind: "auth", progress: effect.octets.toString() === "good" ? { kind: "success" } : { kind: "fail" } };
    case "startTls":
      return { kind: "tlsStarted" };
    case "vrfy":
    case "expn":
    case "etrn":
      return { kind: "answer", reply: { code: 250, lines: [effect.kind] } };
    case "rewrite":
      return { kind: "rewritten", argument: effect.argument };
    default:
      return undefined;
  }
}

function session(answers: Answers = {}) {
  let state: ServerState = newServer({ ...settings, ...answers.settings });
  const effects: ServerEffect[] = [];
  const feed = (first: ServerEvent): string => {
    let out = "";
    for (let event: ServerEvent | undefined = first; event !== undefined;) {
      const move = step(state, event);
      state = move.state;
      out += move.replies.map(formatReply).join("");
      effects.push(...move.effects);
      const last = move.effects.at(-1);
      event = last === undefined ? undefined : answer(last, answers);
    }
    return out.replace(/\r\n$/, "").replaceAll("\r\n", "|");
  };
  return {
    feed,
    effects,
    get state() {
      return state;
    },
  };
}

const line = (text: string, more = false): ServerEvent => ({ kind: "line", text, more, nul: text.includes("\0") });

function play(t: ExecutionContext, script: readonly (string | ServerEvent)[], answers: Answers = {}) {
  const s = session(answers);
  t.is(s.feed({ kind: "open" }), "220 my.host ESMTP");
  for (let i = 0; i < script.length; i += 2) {
    const given = script[i] as string | ServerEvent;
    t.is(s.feed(typeof given === "string" ? line(given) : given), script[i + 1] as string, JSON.stringify(given));
  }
  return s;
}

const HELO = ["HELO a", "250 my.host Hello a [1.2.3.4]"] as const;
const EHLO = [
  "EHLO a",
  "250-my.host Hello a [1.2.3.4]|250-SIZE 52428800|250-8BITMIME|250-DSN|250-VRFY|250-EXPN|250-PIPELINING|250-PIPECONNECT|250-CHUNKING|250-STARTTLS|250-PRDR|250-SMTPUTF8|250 HELP",
] as const;
const GO = '354 Enter message, ending with "." on a line by itself';

// Transcripts of a real Exim 4.96 (-bh), same configuration.
test("syntax and sequence, as Exim answers", (t) => {
  play(t, [
    "FOO",
    "500 unrecognized command",
    "",
    "500 unrecognized command",
    "EHLO",
    "501 Syntactically invalid EHLO argument(s)",
    "EHLO a_b",
    "501 Syntactically invalid EHLO argument(s)",
    "HELO x y",
    "501 Syntactically invalid HELO argument(s)",
    "EHLO [1.2.3",
    "501 Syntactically invalid EHLO argument(s)",
    "MAIL FROM:<x@y>",
    "503 HELO or EHLO required",
    "STARTTLS",
    "503 STARTTLS command used when not advertised",
    "AUTH PLAIN",
    "503 AUTH command used when not advertised",
    ...EHLO,
    "RCPT TO:<a@b>",
    "503 sender not yet given",
    "DATA",
    "503-All RCPT commands were rejected with this error:|503-503 sender not yet given|503 valid RCPT command must precede DATA",
    "MAIL",
    "500 unrecognized command",
    "MAIL  FROM:<a@b>",
    "500 unrecognized command",
    "MAIL FROM:",
    "501 MAIL must have an address operand",
    "MAIL FROM:<a b>",
    '501 <a b>: "@" or "." expected after "a"',
    "MAIL FROM:<abc>",
    "501 <abc>: sender address must contain a domain",
    "MAIL FROM:<a@b> FOO=x",
    "501 <a@b> FOO=x: malformed address: FOO=x may not follow <a@b> ",
    "MAIL FROM:<a@b> BODY=foo",
    "501 invalid data for BODY",
    "MAIL FROM:<a@b> SIZE=99999999",
    "552 Message size exceeds maximum permitted",
    "MAIL FROM:<a@b> RET=x",
    "501 Value for RET is invalid",
    "MAIL FROM:<a@b> ENVID=x ENVID=y",
    "501 ENVID can be specified once only",
    "MAIL FROM:<a@b> AUTH=a+2",
    "501 invalid data for AUTH",
    "MAIL FROM:<a@b> SIZE=x",
    "250 OK",
    "MAIL FROM:<a@b>",
    "503 sender already given",
    "RCPT TO:",
    "501 RCPT must have an address operand",
    "RCPT TO:<>",
    "501 <>: missing or malformed local part",
    "RCPT TO:<a>",
    "501 <a>: recipient address must contain a domain",
    "RCPT TO:<a@b> NOTIFY=x",
    "501 Invalid value for NOTIFY parameter",
    "RCPT TO:<a@b> NOTIFY=never,success",
    "501 Invalid value for NOTIFY parameter",
    "RCPT TO:<a@b> NOTIFY=NEVER NOTIFY=NEVER",
    "501 NOTIFY can be specified once only",
    "RCPT TO:<a@b> FOO",
    "501 <a@b>=FOO: malformed address: =FOO may not follow <a@b>",
    "RCPT TO:<a b@c>",
    "250 Accepted",
    "RCPT TO:<Postmaster>",
    "250 Accepted",
    "DATA foo",
    "501 unexpected argument data",
    "ETRN #x",
    "503 ETRN is not permitted inside a transaction",
    "VRFY",
    "501 empty address",
    "HELP",
    "214-Commands supported:|214 AUTH HELO EHLO MAIL RCPT DATA BDAT NOOP QUIT RSET HELP EXPN VRFY",
    "NOOP x",
    "250 OK",
    "RSET x",
    "501 unexpected argument data",
    "RSET",
    "250 Reset OK",
    "QUIT x",
    "501 unexpected argument data",
    "QUIT",
    "221 my.host closing connection",
  ]);
});

test("the message of the ACL for HELO stands for the greeting, that for QUIT behind 221", (t) => {
  const say = (message: string): Answers => ({
    verdict: (effect) => (effect.kind === "helo" || effect.kind === "quit" ? { kind: "accept", message } : undefined),
  });
  play(t, ["HELO a", "250 welcome", "QUIT", "221 welcome"], say("welcome"));
  play(t, ["HELO a", "251 2.1.0 in", "QUIT", "221 251 2.1.0 in"], say("251 2.1.0 in"));
  play(t, ["HELO a", "250 in", "QUIT", "221 550 2.1.0 in"], say("550 2.1.0 in"));
  play(t, ["HELO a", "250 my.host Hello a [1.2.3.4]", "QUIT", "221 my.host closing connection"], say(""));
});

test("behind a refused MAIL a client that pipelines is excused, until it says something else", (t) => {
  const refuses: Answers = {
    settings: { syntaxMax: 3 },
    verdict: (effect) => (effect.kind === "mail" ? { kind: "deny", message: "no" } : undefined),
  };
  const nothing = "All RCPT commands were rejected with this error:|503-503 sender not yet given";
  const orphans = ["RCPT TO:<a@b>", "503 sender not yet given"];
  const many = Array.from({ length: 5 }, () => orphans).flat();
  play(
    t,
    [...EHLO, "MAIL FROM:<x@y>", "550 no", ...many, "DATA", `503-${nothing}|503 Valid RCPT command must precede DATA`, "NOOP", "250 OK"],
    refuses,
  );
  const counted = [...orphans, ...orphans, ...orphans, "RCPT TO:<a@b>", "503-sender not yet given|503 Too many syntax or protocol errors"];
  play(t, [...EHLO, "MAIL FROM:<x@y>", "550 no", ...orphans, "NOOP", "250 OK", ...counted], refuses);
  play(t, [...HELO, "MAIL FROM:<x@y>", "550 no", ...counted], refuses);
});

test("the fourth bad HELO ends the session without a further word", (t) => {
  const bad = ["HELO a b", "501 Syntactically invalid HELO argument(s)"];
  const played = play(t, [...bad, ...bad, ...bad, ...bad], { settings: { syntaxMax: 3 } });
  t.is(played.feed(line("NOOP")), "");
});

test("the reason of all refusals is told without the details of the first", (t) => {
  const verdict: Verdict = { kind: "deny", details: ["Verification failed for <x>", "why"], message: "Sender verify failed" };
  const first = "550-Verification failed for <x>|550-why|550 Sender verify failed";
  const last = "503-All RCPT commands were rejected with this error:|503-Sender verify failed|503 Valid RCPT command must precede DATA";
  play(t, [...EHLO, "MAIL FROM:<x@y>", "250 OK", "RCPT TO:<a@b>", first, "DATA", last], {
    verdict: (effect) => (effect.kind === "rcpt" ? verdict : undefined),
  });
});

const refusing: Answers = {
  verdict: (effect) =>
    effect.kind !== "rcpt"
      ? undefined
      : effect.recipient === "no@b"
        ? { kind: "deny" }
        : effect.recipient === "msg@b"
          ? { kind: "deny", message: "go away" }
          : effect.recipient === "later@b"
            ? { kind: "defer" }
            : undefined,
};

test("DATA after refusals: with HELO a fault, when pipelining excused; one reason for all is told", (t) => {
  play(
    t,
    [
      ...HELO,
      "MAIL FROM:<a@b>",
      "250 OK",
      "RCPT TO:<no@b>",
      "550 Administrative prohibition",
      "RCPT TO:<msg@b>",
      "550 go away",
      "DATA",
      "503 valid RCPT command must precede DATA",
    ],
    refusing,
  );
  play(
    t,
    [
      ...EHLO,
      "MAIL FROM:<a@b>",
      "250 OK",
      "RCPT TO:<no@b>",
      "550 Administrative prohibition",
      "DATA",
      "503-All RCPT commands were rejected with this error:|503-Administrative prohibition|503 Valid RCPT command must precede DATA",
      "RSET",
      "250 Reset OK",
      "DATA",
      "503 valid RCPT command must precede DATA",
    ],
    refusing,
  );
  play(
    t,
    [
      ...EHLO,
      "MAIL FROM:<a@b>",
      "250 OK",
      "RCPT TO:<no@b>",
      "550 Administrative prohibition",
      "RCPT TO:<later@b>",
      "451 Temporary local problem - please try later",
      "DATA",
      "503 Valid RCPT command must precede DATA",
    ],
    refusing,
  );
});

test("BDAT: chunks, only BDAT between them, a wanted skip, and the last reply", (t) => {
  const s = play(t, [
    ...EHLO,
    "BDAT 3",
    "503 valid RCPT command must precede BDAT",
    "MAIL FROM:<>",
    "250 OK",
    "RCPT TO:<a@b>",
    "250 Accepted",
    "BDAT x",
    "501 missing size for BDAT command",
    "BDAT 12",
    "",
    { kind: "chunkRead" },
    "250 12 byte chunk received",
    "BDAT 0 LAST",
    "",
    { kind: "received", replies: [{ code: 250, lines: ["OK id=1"] }] },
    "250- 0 byte chunk, total 12|250 OK id=1",
    "MAIL FROM:<>",
    "250 OK",
    "RCPT TO:<a@b>",
    "250 Accepted",
    "BDAT 1",
    "",
    { kind: "chunkRead" },
    "250 1 byte chunk received",
    "NOOP",
    "250 OK",
    "RCPT TO:<a@b>",
    "503 only BDAT permissible after non-LAST BDAT",
    "NOOP",
    "503 only RSET accepted now",
    "RSET",
    "250 Reset OK",
  ]);
  t.deepEqual(
    s.effects.filter((effect) => effect.kind === "skip" || effect.kind === "readChunk"),
    [
      { kind: "skip", octets: 3 },
      { kind: "readChunk", size: 12, last: false, first: true },
      { kind: "readChunk", size: 0, last: true, first: false },
      { kind: "readChunk", size: 1, last: false, first: true },
    ],
  );
  t.is(session().feed(line("BDAT 3 LAST")), "");
  play(t, [...HELO, "BDAT 3 LAST", "503 BDAT command used when CHUNKING not advertised"]);
});

test("data can never be commands: while the body is read lines are ignored", (t) => {
  const s = play(t, [
    ...EHLO,
    "MAIL FROM:<a@b> PRDR",
    "250 OK, PRDR Requested",
    "RCPT TO:<a@b>",
    "250 Accepted",
    "DATA",
    GO,
    "QUIT",
    "",
    "RSET",
    "",
  ]);
  t.is(s.state.reading, "data");
  t.is(s.feed({ kind: "received", replies: [{ code: 550, lines: ["no"] }] }), "550 no");
  t.is(s.feed(line("MAIL FROM:<a@b>")), "250 OK");
});

test("too many: unknown commands, faults, non-mail commands, recipients", (t) => {
  const unknown = play(
    t,
    [
      "A",
      "500 unrecognized command",
      "B",
      "500 unrecognized command",
      "C",
      "500 unrecognized command",
      "D",
      "500 Too many unrecognized commands",
    ],
    { settings: { unknownMax: 3, syntaxMax: 3 } },
  );
  t.like(unknown.effects.at(-1), { kind: "close", how: "bad-commands" });
  play(
    t,
    [
      "HELO _",
      "501 Syntactically invalid HELO argument(s)",
      "RCPT TO:<a@b>",
      "503 sender not yet given",
      "DATA",
      "503-All RCPT commands were rejected with this error:|503-503 sender not yet given|503 valid RCPT command must precede DATA",
      "MAIL FROM:<a b>",
      "503 HELO or EHLO required",
      "E",
      "500-unrecognized command|500 Too many syntax or protocol errors",
    ],
    { settings: { unknownMax: 3, syntaxMax: 3 } },
  );
  play(t, ["VRFY", "501 empty address", "VRFY", "501 empty address", "HELP", "554 Too many nonmail commands"], {
    settings: { nonMailMax: 2 },
  });
  // One RSET and one HELO between messages are free.
  play(t, [...HELO, "RSET", "250 Reset OK", "MAIL FROM:<>", "250 OK", "RSET", "250 Reset OK", "MAIL FROM:<>", "250 OK"], {
    settings: { nonMailMax: 0 },
  });
  play(t, [
    ...HELO,
    "MAIL FROM:<>",
    "250 OK",
    "RCPT TO:<a@b>",
    "250 Accepted",
    "RCPT TO:<a@b>",
    "250 Accepted",
    "RCPT TO:<a@b>",
    "250 Accepted",
    "RCPT TO:<a@b>",
    "452 too many recipients",
  ]);
});

test("synchronization: what may be pipelined, and what not", (t) => {
  const sync = "554 SMTP synchronization error";
  play(t, [line("HELO a", true), sync]);
  play(t, [...HELO, line("MAIL FROM:<>", true), sync]);
  play(t, [...EHLO, line("MAIL FROM:<>", true), "250 OK", line("RCPT TO:<a@b>", true), "250 Accepted", line("DATA", true), sync]);
  play(t, [...EHLO, line("NOOP", true), sync]);
  play(t, [...EHLO, line("STARTTLS", true), sync]);
  play(t, [line("EHLO a", true), EHLO[1], line("EHLO a", true), sync], { settings: { earlyPipelining: true } });
  play(t, [line("HELO a", true), sync], { settings: { earlyPipelining: true } });
  play(t, [...EHLO, { kind: "set", change: { enforceSync: false } }, "", line("NOOP", true), "250 OK"]);
});

test("STARTTLS forgets what was said in clear", (t) => {
  const s = play(t, [
    ...EHLO,
    "MAIL FROM:<a@b>",
    "250 OK",
    "STARTTLS",
    "220 TLS go ahead",
    "RCPT TO:<a@b>",
    "503 sender not yet given",
    "MAIL FROM:<a@b>",
    "503 HELO or EHLO required",
    ...EHLO.slice(0, 1),
    EHLO[1],
    "STARTTLS",
    "503 STARTTLS command used when not advertised",
  ]);
  t.true(s.state.tls);
});

test("AUTH: dialogue, cancel, bad base64, unknown mechanism, twice", (t) => {
  const auth: Answers = { offer: { auth: ["PLAIN", "LOGIN"], starttls: false } };
  const hello = ["EHLO a", EHLO[1].replace("250-STARTTLS|", "").replace("250-CHUNKING", "250-AUTH PLAIN LOGIN|250-CHUNKING")] as const;
  play(
    t,
    [
      ...hello,
      "AUTH FOO",
      "504 FOO authentication mechanism not supported",
      "AUTH a%b",
      "501 invalid character in authentication mechanism name",
      "AUTH PLAIN !!",
      "501 Invalid base64 data",
      "AUTH LOGIN",
      "334 dXNlcg==",
      "*",
      "501 Authentication cancelled",
      "AUTH LOGIN",
      "334 dXNlcg==",
      "QUIT!",
      "501 Invalid base64 data",
      "AUTH LOGIN",
      "334 dXNlcg==",
      "YmFk",
      "535 Incorrect authentication data",
      "AUTH LOGIN",
      "334 dXNlcg==",
      "Z29vZA==",
      "235 Authentication succeeded",
      "AUTH LOGIN",
      "503 already authenticated",
      "MAIL FROM:<a@b>",
      "250 OK",
      "AUTH LOGIN",
      "503 not permitted in mail transaction",
    ],
    auth,
  );
});

test("messages of ACLs: codes of the same class count, wrong ones go, long lines are cut, drop closes", (t) => {
  const say = (verdict: Verdict): Answers => ({ verdict: (effect) => (effect.kind === "rcpt" ? verdict : undefined) });
  const rcpt = (verdict: Verdict, expected: string) =>
    play(t, [...HELO, "MAIL FROM:<>", "250 OK", "RCPT TO:<a@b>", expected], say(verdict));
  rcpt({ kind: "deny", message: "599 5.2.3 own code" }, "599 5.2.3 own code");
  rcpt({ kind: "deny", message: "450 wrong code" }, "550 wrong code");
  rcpt({ kind: "defer", message: "450 4.2.1 wait" }, "450 4.2.1 wait");
  rcpt({ kind: "accept", message: "250 fine" }, "250 fine");
  rcpt({ kind: "deny", message: "two\nlines" }, "550-two|550 lines");
  rcpt(
    { kind: "deny", details: ["Verification failed for <x>", "why"], message: "Sender verify failed" },
    "550-Verification failed for <x>|550-why|550 Sender verify failed",
  );
  rcpt(
    {
      kind: "deny",
      message:
        "This is a very long blacklisting message, continuing for ages and ages and certainly being longer than 128 characters which was a previous limit on the length that Exim was prepared to handle.",
    },
    "550-This is a very long blacklisting message, continuing for ages and ages and|550-certainly being longer than 128 characters which was a previous limit on|550 the length that Exim was prepared to handle.",
  );
  const dropped = rcpt({ kind: "deny", close: true }, "550 Administrative prohibition");
  t.like(dropped.effects.at(-1), { kind: "close", how: "acl-drop" });
  play(
    t,
    [...HELO, { kind: "set", change: { noMultiline: true } }, "", "MAIL FROM:<>", "250 OK", "RCPT TO:<a@b>", "550 lines"],
    say({ kind: "deny", message: "two\nlines" }),
  );
});

test("enhanced codes only when they are wanted", (t) => {
  play(t, ["FOO", "500 5.5.1 unrecognized command", "NOOP", "250 2.0.0 OK"], { settings: { enhancedCodes: true } });
});

test("NUL and over-long lines", (t) => {
  play(t, [line("NO\0OP"), "501 NUL characters are not allowed in SMTP commands", { kind: "tooLong" }, "500 Line too long"]);
});

test("property: whatever comes, the machine does not throw, and after close it says nothing more", (t) => {
  const words = fc.constantFrom(
    "EHLO a",
    "HELO a",
    "MAIL FROM:<a@b>",
    "MAIL FROM:<>",
    "RCPT TO:<a@b>",
    "DATA",
    "BDAT 3",
    "BDAT 4 LAST",
    "RSET",
    "QUIT",
    "AUTH LOGIN",
    "*",
    "Z29vZA==",
    "STARTTLS",
    "VRFY a@b",
    "EXPN x",
    "ETRN #x",
    "HELP",
    "NOOP",
    "x\0",
  );
  const events: fc.Arbitrary<ServerEvent> = fc.oneof(
    fc.tuple(fc.oneof(words, fc.string()), fc.boolean()).map(([text, more]) => line(text, more)),
    fc.constantFrom<ServerEvent>(
      { kind: "chunkRead" },
      { kind: "received", replies: [{ code: 250, lines: ["OK"] }] },
      { kind: "tooLong" },
      { kind: "tlsStarted" },
      { kind: "verdict", verdict: { kind: "deny" } },
      { kind: "eof" },
      { kind: "timeout" },
    ),
  );
  fc.assert(
    fc.property(fc.array(events, { maxLength: 40 }), (all) => {
      const s = session({
        settings: { enforceSync: false, syntaxMax: 1000, unknownMax: 1000, nonMailMax: undefined },
        offer: { auth: ["LOGIN"] },
      });
      s.feed({ kind: "open" });
      for (const event of all) {
        const out = s.feed(event);
        t.regex(out, /^(?:[2-5]\d\d[ -][^|]*(?:\||$))*$/);
      }
    }),
  );
});
