/**
 * The client machine: `clientStep(state, event) -> { state, asks }`, pure and synchronous. It knows which command is
 * sent when, whose reply is whose, and what a reply means for the session or a recipient. It must not know sockets,
 * timers, retry or what a failure means for a message. Manual §"Outgoing SMTP and LMTP over TCP/IP", RFC 5321 §4.
 */
import { readReplies } from "./replies.ts";
import { readExtensions } from "./commands.ts";
import { noExtensions, type ClientState, type PendingCommand } from "./state.ts";
import { good, nameOf, ready, refusal, send, wait, write, type ClientMove } from "./moves.ts";
import { begin, bodyPiece, endTransaction, transactionReply } from "./transaction.ts";
import type { ClientAsk, ClientEvent, ClientFailure, ReceivedReply } from "./types.ts";

export function clientStep(state: ClientState, event: ClientEvent): ClientMove {
  if (state.phase === "closed") return { state, asks: [] };
  switch (event.kind) {
    case "connected":
      return { state: wait(state, "greeting", { kind: "greeting", text: "initial connection", pipelined: false }), asks: [] };
    case "octets":
      return state.phase === "tls" ? { state, asks: [] } : octetsCame(state, event.octets);
    case "tlsStarted":
      return state.phase !== "tls" ? { state, asks: [] } : sayHello({ ...state, tlsActive: true, extensions: noExtensions });
    case "tlsFailed":
      return lose(state, { kind: "tlsFailed", message: event.message });
    case "authBegin":
    case "authRespond":
    case "authCancel":
    case "authSkip":
      return authEvent(state, event);
    case "send":
      return state.phase !== "ready" ? { state, asks: [] } : begin(state, event.transaction);
    case "body":
      return state.phase !== "data" ? { state, asks: [] } : bodyPiece(state, event);
    case "quit":
      return state.phase !== "ready" && state.phase !== "authChoice"
        ? { state: { ...state, phase: "closed" }, asks: [{ kind: "close" }] }
        : send(state, "quit", { kind: "quit", text: "QUIT", pipelined: false });
    case "closed":
    case "timeout":
      return state.phase === "quit"
        ? { state: { ...state, phase: "closed" }, asks: [{ kind: "close" }] }
        : lose(state, { kind: event.kind, ...place(state) });
    case "failed":
      return lose(state, { kind: "io", ...place(state), message: event.message });
  }
}

function octetsCame(state: ClientState, octets: Buffer): ClientMove {
  const read = readReplies(state.reader, octets);
  let now: ClientState = read.kind === "replies" ? { ...state, reader: read.reader } : state;
  const asks: ClientAsk[] = [];
  for (const reply of read.replies) {
    const move = replyCame(now, reply);
    now = move.state;
    asks.push(...move.asks);
    if (now.phase === "closed") return { state: now, asks };
    if (now.phase === "tls") break;
  }
  // Whatever came in clear with the answer to STARTTLS may be injected (RFC 3207 §4.2, CVE-2021-38371).
  const behind = read.kind === "malformed" || read.reader.rest !== "" || read.reader.lines.length > 0 || read.replies.length > 1;
  if (now.phase === "tls" && behind)
    return follow({ state: now, asks: [] }, lose(now, { kind: "tlsFailed", message: "octets after the reply to STARTTLS" }));
  if (read.kind === "malformed") {
    const lost = lose(now, { kind: "malformed", ...place(now), text: read.text });
    return { state: lost.state, asks: [...asks, ...lost.asks] };
  }
  return { state: now, asks };
}

/** Every reply belongs to the oldest command that waits for one. */
function replyCame(state: ClientState, reply: ReceivedReply): ClientMove {
  const command = state.pending[0];
  if (command === undefined) return lose(state, { kind: "refused", after: state.last, pipelined: false, reply });
  const rest: ClientState = { ...state, pending: state.pending.slice(1), last: nameOf(command) };
  switch (command.kind) {
    case "greeting":
      return good(reply) ? sayHello(rest) : lose(rest, refusal(command, reply));
    case "hello":
      return helloReply(rest, command, reply);
    case "starttls":
      return starttlsReply(rest, command, reply);
    case "auth":
      return authReply(rest, reply);
    case "quit":
      return { state: { ...rest, phase: "closed" }, asks: [{ kind: "close" }] };
    case "rset":
      if (!good(reply)) return lose(rest, refusal(command, reply));
      return begin({ ...rest, dirty: false }, rest.transaction?.envelope ?? { sender: "", recipients: [] });
    default: {
      const move = transactionReply(rest, command, reply);
      // 421: the server is closing the channel, whatever the command was (RFC 5321 §3.8).
      return reply.code === 421 ? follow(unusable(move), lose(move.state, refusal(command, reply))) : move;
    }
  }
}

function sayHello(state: ClientState): ClientMove {
  const text = `${state.helloKind} ${state.config.heloName}`;
  return send(state, "hello", { kind: "hello", text, pipelined: false });
}

function helloReply(state: ClientState, command: PendingCommand, reply: ReceivedReply): ClientMove {
  if (!good(reply)) {
    if (state.helloKind === "EHLO" && reply.code >= 500 && state.config.tls !== "require") return sayHello({ ...state, helloKind: "HELO" });
    return lose(state, refusal(command, reply));
  }
  const extensions = state.helloKind === "HELO" ? noExtensions : readExtensions(reply);
  const next: ClientState = { ...state, extensions };
  const { tls } = state.config;
  if (state.tlsActive || tls === "never") return offerAuth(next);
  if (extensions.starttls) return send(next, "starttls", { kind: "starttls", text: "STARTTLS", pipelined: false });
  if (tls === "require")
    return lose(next, { kind: "tlsRequired", message: "a TLS session is required, but the server did not offer TLS support" });
  return offerAuth(next);
}

function starttlsReply(state: ClientState, command: PendingCommand, reply: ReceivedReply): ClientMove {
  if (good(reply)) return { state: { ...state, phase: "tls" }, asks: [{ kind: "startTls" }] };
  const tryClear = reply.code >= 500 || state.config.tlsTempfailTryclear !== false;
  if (state.config.tls === "require" || !tryClear || reply.code === 421) return lose(state, refusal(command, reply));
  return offerAuth(state);
}

function offerAuth(state: ClientState): ClientMove {
  const { auth } = state.config;
  if (auth === "never") return ready(state);
  if (state.extensions.auth.length === 0) {
    if (auth === "require")
      return lose(state, { kind: "authRequired", message: "authentication required but server does not advertise AUTH support" });
    return ready(state);
  }
  return { state: { ...state, phase: "authChoice" }, asks: [{ kind: "authenticate", mechanisms: state.extensions.auth }] };
}

type AuthEvent = Extract<ClientEvent, { kind: "authBegin" | "authRespond" | "authCancel" | "authSkip" }>;

function authEvent(state: ClientState, event: AuthEvent): ClientMove {
  const choosing = state.phase === "authChoice";
  if (event.kind === "authSkip") {
    if (!choosing) return { state, asks: [] };
    if (state.config.auth === "require")
      return lose(state, { kind: "authRequired", message: "authentication required but authentication attempt(s) failed" });
    return ready(state);
  }
  if (event.kind === "authBegin") {
    if (!choosing) return { state, asks: [] };
    const initial = event.initial === undefined ? "" : " " + (event.initial.length === 0 ? "=" : event.initial.toString("base64"));
    // The secret stays out of what is logged.
    return send(state, "auth", { kind: "auth", text: `AUTH ${event.mechanism}`, pipelined: false }, initial);
  }
  if (state.phase !== "auth" || state.pending.length > 0) return { state, asks: [] };
  const answer = event.kind === "authCancel" ? "*" : event.octets.toString("base64");
  const next = wait(state, "auth", { kind: "auth", text: state.last, pipelined: false });
  return { state: next, asks: [write(`${answer}\r\n`)] };
}

function authReply(state: ClientState, reply: ReceivedReply): ClientMove {
  if (reply.code === 334) return { state, asks: [{ kind: "authChallenge", octets: Buffer.from(reply.lines[0] ?? "", "base64") }] };
  if (good(reply)) return follow({ state, asks: [{ kind: "authenticated", ok: true, reply }] }, ready(state));
  if (reply.code === 421) return lose(state, { kind: "refused", after: state.last, pipelined: false, reply });
  return { state: { ...state, phase: "authChoice" }, asks: [{ kind: "authenticated", ok: false, reply }] };
}

/** The session is over: first what became of an open transaction, then why. */
function lose(state: ClientState, failure: ClientFailure): ClientMove {
  const settled = state.transaction === undefined ? [] : endTransaction(state, failure, false);
  return { state: { ...state, phase: "closed", transaction: undefined, pending: [] }, asks: [...settled, { kind: "lost", failure }] };
}

function place(state: ClientState): { after: string; pipelined: boolean } {
  const waiting = state.pending[0];
  return waiting === undefined ? { after: state.last, pipelined: false } : { after: nameOf(waiting), pipelined: waiting.pipelined };
}

function follow(first: ClientMove, second: ClientMove): ClientMove {
  return { state: second.state, asks: [...first.asks, ...second.asks] };
}

function unusable(move: ClientMove): ClientMove {
  const asks = move.asks.filter((ask) => ask.kind === "settled").map((ask) => ({ ...ask, reusable: false }));
  return { state: move.state, asks };
}
