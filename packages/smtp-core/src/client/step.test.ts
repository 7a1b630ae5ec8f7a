import test, { type ExecutionContext } from "ava";
import fc from "fast-check";
import {
  clientStep,
  newClient,
  timerOf,
  type ClientAsk,
  type ClientConfig,
  type ClientEvent,
  type ClientState,
  type ClientTransaction,
} from "../index.ts";

const config: ClientConfig = {
  protocol: "smtp",
  heloName: "me.test",
  tls: "never",
  auth: "never",
  pipelining: true,
  chunking: false,
  prdr: false,
};
const two: ClientTransaction = { sender: "s@x", recipients: [{ address: "a@y" }, { address: "b@y" }] };

/** Plays `S:` lines as octets and `E:` lines as events; `C:` lines must be what the machine writes. */
function play(t: ExecutionContext, conf: ClientConfig, script: readonly (string | ClientEvent)[]) {
  let state: ClientState = newClient(conf);
  let written = "";
  const asks: ClientAsk[] = [];
  const feed = (event: ClientEvent) => {
    const move = clientStep(state, event);
    state = move.state;
    for (const ask of move.asks) {
      if (ask.kind === "write") written += ask.octets.toString("latin1");
      else asks.push(ask);
    }
  };
  feed({ kind: "connected" });
  for (const item of script) {
    if (typeof item !== "string") feed(item);
    else if (item.startsWith("S: ")) feed({ kind: "octets", octets: Buffer.from(item.slice(3).replaceAll("|", "\r\n") + "\r\n") });
    else {
      t.is(written.replaceAll("\r\n", "|"), item.slice(3) + "|");
      written = "";
    }
  }
  t.is(written, "");
  return { state, asks, settled: asks.flatMap((ask) => (ask.kind === "settled" ? [ask] : [])) };
}

const body = (text: string, last = true): ClientEvent => ({ kind: "body", octets: Buffer.from(text), last });
const send = (transaction: ClientTransaction = two): ClientEvent => ({ kind: "send", transaction });

test("pipelined envelope, one recipient refused, dots doubled, second message without RSET", (t) => {
  const { settled, state } = play(t, config, [
    "S: 220-hi|220 there",
    "C: EHLO me.test",
    "S: 250-x|250-SIZE 1000|250 PIPELINING",
    send({ ...two, size: 10 }),
    "C: MAIL FROM:<s@x> SIZE=10|RCPT TO:<a@y>|RCPT TO:<b@y>|DATA",
    "S: 250 ok|550 5.1.1 no|250 ok|354 go",
    body("A: b\n\n.x\n", false),
    body("..\nend"),
    "C: A: b||..x|...|end|.",
    "S: 250 id=1",
    send({ ...two, recipients: [{ address: "c@y" }] }),
    "C: MAIL FROM:<s@x>|RCPT TO:<c@y>|DATA",
    { kind: "closed" },
  ]);
  t.like(settled[0]?.result.recipients, [
    { kind: "refused", after: "RCPT TO:<a@y>", pipelined: true, reply: { text: "550 5.1.1 no" } },
    { kind: "delivered", reply: { text: "250 id=1" } },
  ]);
  t.is(settled[0]?.result.failure, undefined);
  t.like(settled[1]?.result, { failure: { kind: "closed", after: "MAIL FROM:<s@x>", pipelined: true }, recipients: [{ kind: "undone" }] });
  t.false(settled[1]?.reusable);
  t.is(state.phase, "closed");
});

test("all recipients refused behind a pipelined DATA: the body is never sent", (t) => {
  const hello = [
    "S: 220 hi",
    "C: EHLO me.test",
    "S: 250-x|250 PIPELINING",
    send(),
    "C: MAIL FROM:<s@x>|RCPT TO:<a@y>|RCPT TO:<b@y>|DATA",
  ] as const;
  const taken = play(t, config, [...hello, "S: 250 ok|550 no|550 no|354 go", "C: .", "S: 250 ok"]);
  t.deepEqual(
    taken.settled[0]?.result.recipients.map((r) => r.kind),
    ["refused", "refused"],
  );
  const refused = play(t, config, [
    ...hello,
    "S: 250 ok|550 no|550 no|503 none",
    send(),
    "C: RSET",
    "S: 250 ok",
    "C: MAIL FROM:<s@x>|RCPT TO:<a@y>|RCPT TO:<b@y>|DATA",
  ]);
  t.is(refused.settled[0]?.result.failure, undefined);
  t.true(refused.settled[0]?.reusable);
});

test("one command at a time without PIPELINING; HELO after EHLO is refused; LF alone ends a reply", (t) => {
  const { settled } = play(t, config, [
    { kind: "octets", octets: Buffer.from("220 hi\n") },
    "C: EHLO me.test",
    "S: 500 what",
    "C: HELO me.test",
    "S: 250 ok",
    send(),
    "C: MAIL FROM:<s@x>",
    "S: 250 ok",
    "C: RCPT TO:<a@y>",
    "S: 450 later",
    "C: RCPT TO:<b@y>",
    "S: 250 ok",
    "C: DATA",
    "S: 451 no",
    { kind: "quit" },
    "C: QUIT",
    "S: 221 bye",
  ]);
  t.like(settled[0]?.result, {
    failure: { kind: "refused", after: "DATA", reply: { code: 451 } },
    recipients: [{ kind: "refused" }, { kind: "undone" }],
  });
});

test("LMTP: a reply for each accepted recipient", (t) => {
  const { settled } = play(t, { ...config, protocol: "lmtp" }, [
    "S: 220 hi",
    "C: LHLO me.test",
    "S: 250 x",
    send(),
    "C: MAIL FROM:<s@x>",
    "S: 250 ok",
    "C: RCPT TO:<a@y>",
    "S: 250 ok",
    "C: RCPT TO:<b@y>",
    "S: 250 ok",
    "C: DATA",
    "S: 354 go",
    body("x\n"),
    "C: x|.",
    "S: 250 good|452 full",
  ]);
  t.like(settled[0]?.result, {
    failure: undefined,
    recipients: [{ kind: "delivered" }, { kind: "refused", after: "end of data", reply: { code: 452 } }],
  });
});

test("BDAT: each piece a chunk, no stuffing", (t) => {
  const { settled } = play(t, { ...config, chunking: true }, [
    "S: 220 hi",
    "C: EHLO me.test",
    "S: 250-x|250-CHUNKING|250 PIPELINING",
    send(),
    "C: MAIL FROM:<s@x>|RCPT TO:<a@y>|RCPT TO:<b@y>",
    "S: 250 ok|250 ok|250 ok",
    body(".a\n", false),
    "C: BDAT 4|.a",
    "S: 250 ok",
    body("b"),
    "C: BDAT 3 LAST|b",
    "S: 250 done",
  ]);
  t.deepEqual(
    settled[0]?.result.recipients.map((r) => r.kind),
    ["delivered", "delivered"],
  );
});

test("PRDR: 353, then each recipient, then the whole", (t) => {
  const head = [
    "S: 220 hi",
    "C: EHLO me.test",
    "S: 250-x|250-PIPELINING|250 PRDR",
    send(),
    "C: MAIL FROM:<s@x> PRDR|RCPT TO:<a@y>|RCPT TO:<b@y>|DATA",
    "S: 250 ok|250 ok|250 ok|354 go",
    body("x\n"),
    "C: x|.",
  ] as const;
  const mixed = play(t, { ...config, prdr: true }, [...head, "S: 353 each|250 a|550 b|250 id"]);
  t.deepEqual(
    mixed.settled[0]?.result.recipients.map((r) => r.kind),
    ["delivered", "refused"],
  );
  const lost = play(t, { ...config, prdr: true }, [...head, "S: 353 each|250 a", { kind: "timeout" }]);
  t.deepEqual(
    lost.settled[0]?.result.recipients.map((r) => r.kind),
    ["undone", "undone"],
  );
  t.like(lost.settled[0]?.result.failure, { kind: "timeout", after: "end of data" });
});

test("STARTTLS: EHLO again; octets behind its reply are an attack; refusal goes on in clear only when allowed", (t) => {
  const tls: ClientConfig = { ...config, tls: "try" };
  const start = ["S: 220 hi", "C: EHLO me.test", "S: 250-x|250 STARTTLS", "C: STARTTLS"] as const;
  play(t, tls, [...start, "S: 220 go", { kind: "tlsStarted" }, "C: EHLO me.test", "S: 250 x"]);
  const injected = play(t, tls, [...start, "S: 220 go|250 injected"]);
  t.true(injected.asks.some((ask) => ask.kind === "lost" && ask.failure.kind === "tlsFailed"));
  t.is(play(t, tls, [...start, "S: 454 no"]).state.phase, "ready");
  t.is(play(t, { ...tls, tlsTempfailTryclear: false }, [...start, "S: 454 no"]).state.phase, "closed");
  t.is(play(t, { ...tls, tls: "require" }, [...start, "S: 500 no"]).state.phase, "closed");
});

test("AUTH dialogue: second mechanism after the first is refused", (t) => {
  const { asks } = play(t, { ...config, auth: "require" }, [
    "S: 220 hi",
    "C: EHLO me.test",
    "S: 250-x|250 AUTH PLAIN login",
    { kind: "authBegin", mechanism: "PLAIN", initial: Buffer.from("\0u\0p") },
    "C: AUTH PLAIN AHUAcA==",
    "S: 535 no",
    { kind: "authBegin", mechanism: "LOGIN" },
    "C: AUTH LOGIN",
    "S: 334 VXNlcg==",
    { kind: "authRespond", octets: Buffer.from("u") },
    "C: dQ==",
    "S: 235 ok",
  ]);
  t.deepEqual(
    asks.map((ask) => ask.kind),
    ["authenticate", "authenticated", "authChallenge", "authenticated", "ready"],
  );
});

test("421 in a transaction ends the session: no ready, not reusable", (t) => {
  const { asks } = play(t, config, ["S: 220 hi", "C: EHLO me.test", "S: 250 x", send(), "C: MAIL FROM:<s@x>", "S: 421 going"]);
  t.deepEqual(
    asks.map((ask) => ask.kind),
    ["ready", "settled", "lost"],
  );
  t.like(asks[1], { reusable: false, result: { failure: { kind: "refused", reply: { code: 421 } } } });
});

test("timers", (t) => {
  const { state } = play(t, config, []);
  t.is(timerOf(state), "command");
});

test("property: never throws, and the cuts of the input do not matter", (t) => {
  const hello = ["220 a\r\n", "250-x\r\n250 PIPELINING\r\n"];
  const replies = "250 ok\r\n550-no\n550 no\r\n250 ok\r\n354 go\r\n";
  const run = (cut: number) => {
    let state = clientStep(newClient(config), { kind: "connected" }).state;
    for (const text of hello) state = clientStep(state, { kind: "octets", octets: Buffer.from(text) }).state;
    state = clientStep(state, send()).state;
    return [replies.slice(0, cut), replies.slice(cut)].flatMap((text) => {
      const move = clientStep(state, { kind: "octets", octets: Buffer.from(text) });
      state = move.state;
      return move.asks.map((ask) => ask.kind);
    });
  };
  for (let at = 0; at < replies.length; at++) t.deepEqual(run(at), ["body"]);
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.string(), fc.constantFrom("220 x\r\n", "250-a\r\n", "250 b\r\n", "354 c\r\n", "421 d\r\n"))),
      (chunks) => {
        let state = clientStep(newClient({ ...config, tls: "try", auth: "try" }), { kind: "connected" }).state;
        for (const chunk of chunks) {
          const move = clientStep(state, { kind: "octets", octets: Buffer.from(chunk) });
          state = move.state;
          for (const ask of move.asks) {
            if (ask.kind === "ready") state = clientStep(state, send()).state;
            if (ask.kind === "startTls") state = clientStep(state, { kind: "tlsStarted" }).state;
          }
        }
      },
    ),
  );
});
