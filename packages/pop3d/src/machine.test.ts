import test from "ava";
import { encrypted, loggedIn, newPop3State, step, updated } from "./machine.ts";
import type { Pop3State } from "./machine.ts";

const fresh = (known: Partial<Parameters<typeof newPop3State>[0]> = {}): Pop3State =>
  newPop3State({ encrypted: false, offersTls: true, plainAllowed: true, ...known });
const inside = (): Pop3State =>
  loggedIn(fresh(), {
    ok: true,
    messages: [
      { size: 120, uid: "a" },
      { size: 200, uid: "b" },
      { size: 300, uid: "c" },
    ],
  }).state;

/** Runs `C:` lines and gives what the server said. */
function talk(state: Pop3State, lines: readonly string[]): { state: Pop3State; said: string[]; effects: string[] } {
  const said: string[] = [];
  const effects: string[] = [];
  let now = state;
  for (const line of lines) {
    const made = step(now, line);
    now = made.state;
    said.push(made.reply);
    if (made.effect !== undefined) effects.push(made.effect.kind);
  }
  return { state: now, said, effects };
}

const table: readonly [string, string, string][] = [
  ["STAT", "+OK 3 620\r\n", "count and octets"],
  ["LIST", "+OK 3 messages\r\n1 120\r\n2 200\r\n3 300\r\n.\r\n", "all"],
  ["LIST 2", "+OK 2 200\r\n", "one"],
  ["LIST 4", "-ERR no such message, there are 3\r\n", "out of range"],
  ["LIST 0", "-ERR no such message, there are 3\r\n", "numbers begin at 1"],
  ["LIST x", "-ERR which message?\r\n", "not a number"],
  ["UIDL 3", "+OK 3 c\r\n", "stable id"],
  ["RETR 1", "+OK 120 octets\r\n", "the message follows as an effect"],
  ["TOP 1", "-ERR TOP needs a number of lines\r\n", "two arguments"],
  ["NOOP", "+OK\r\n", ""],
  ["USER x", "-ERR already logged in\r\n", "not in this state"],
  ["XYZZY", "-ERR unknown command\r\n", ""],
  ["stat", "+OK 3 620\r\n", "verbs are caseless"],
];
for (const [line, reply, why] of table) {
  test(`transaction: ${line}${why === "" ? "" : `: ${why}`}`, (t) => {
    t.is(step(inside(), line).reply, reply);
  });
}

test("DELE hides a message from every listing until RSET", (t) => {
  const { said } = talk(inside(), ["DELE 2", "STAT", "LIST", "RETR 2", "DELE 2", "RSET", "STAT"]);
  t.deepEqual(said, [
    "+OK message 2 deleted\r\n",
    "+OK 2 420\r\n",
    "+OK 2 messages\r\n1 120\r\n3 300\r\n.\r\n",
    "-ERR message 2 is deleted\r\n",
    "-ERR message 2 is deleted\r\n",
    "+OK\r\n",
    "+OK 3 620\r\n",
  ]);
});

test("QUIT asks for the update with what was deleted and what was read and kept", (t) => {
  const { state } = talk(inside(), ["RETR 1", "RETR 3", "DELE 3"]);
  t.deepEqual(step(state, "QUIT").effect, { kind: "update", deleted: [2], retrieved: [0] });
  t.is(updated(state, 0).reply, "+OK bye\r\n");
  t.regex(updated(state, 1).reply, /^-ERR/);
});

test("QUIT before login changes nothing", (t) => {
  const made = step(fresh(), "QUIT");
  t.deepEqual(made.effect, { kind: "close" });
});

test("a password is the whole rest of the line", (t) => {
  const { state } = talk(fresh(), ["USER fred"]);
  t.deepEqual(step(state, "PASS two  words ").effect, { kind: "login", user: "fred", password: "two  words " });
});

test("PASS without USER, and mailbox commands before login", (t) => {
  t.deepEqual(talk(fresh(), ["PASS x", "STAT", "RETR 1"]).said, ["-ERR USER first\r\n", "-ERR log in first\r\n", "-ERR log in first\r\n"]);
});

test("the third wrong password ends the connection", (t) => {
  let state = fresh();
  for (let i = 0; i < 2; i++) {
    const made = loggedIn(state, { ok: false, code: "AUTH", text: "no" });
    t.is(made.effect, undefined);
    state = made.state;
  }
  t.deepEqual(loggedIn(state, { ok: false, code: "AUTH", text: "no" }).effect, { kind: "close" });
});

test("a mailbox in use is no failed login", (t) => {
  const made = loggedIn(fresh(), { ok: false, code: "IN-USE", text: "busy" });
  t.is(made.reply, "-ERR [IN-USE] busy\r\n");
  t.is(made.state.failures, 0);
});

test("AUTH PLAIN, with and without initial response", (t) => {
  const response = Buffer.from("\0fred\0secret").toString("base64");
  t.deepEqual(step(fresh(), `AUTH PLAIN ${response}`).effect, { kind: "login", user: "fred", password: "secret" });
  const { state, said } = talk(fresh(), ["AUTH PLAIN"]);
  t.deepEqual(said, ["+ \r\n"]);
  t.deepEqual(step(state, response).effect, { kind: "login", user: "fred", password: "secret" });
  t.is(step(state, "*").reply, "-ERR cancelled\r\n");
  t.is(step(state, "!!!").reply, "-ERR malformed response\r\n");
  const other = Buffer.from("root\0fred\0secret").toString("base64");
  t.regex(step(state, other).reply, /^-ERR \[AUTH\]/);
});

test("without TLS on a network, passwords are refused and not offered", (t) => {
  const state = fresh({ plainAllowed: false });
  t.is(step(state, "USER fred").reply, "-ERR say STLS first\r\n");
  t.false(step(state, "CAPA").reply.includes("USER"));
  t.true(step(state, "CAPA").reply.includes("STLS"));
  t.true(step(encrypted(state), "CAPA").reply.includes("USER"));
});
