/**
 * One message on a client session: MAIL, RCPTs and DATA (together when pipelining), the body, and the replies after it,
 * one or (LMTP, PRDR) one for each recipient. Manual §"Outgoing SMTP and LMTP over TCP/IP", RFC 2033 §4.2, RFC 3030.
 */
import { encodeEnd, encodeLines } from "../data-encoder.ts";
import { mailCommand, rcptCommand } from "./commands.ts";
import { good, nameOf, ready, refusal, send, wait, write, type ClientMove } from "./moves.ts";
import type { ClientState, OpenTransaction, PendingCommand } from "./state.ts";
import type { ClientAsk, ClientEvent, ClientFailure, ClientRecipient, ClientTransaction, ReceivedReply, RecipientResult } from "./types.ts";

export function begin(state: ClientState, envelope: ClientTransaction): ClientMove {
  const open = openTransaction(state, envelope);
  const lack = lacking(state, envelope);
  if (lack !== undefined) return settle({ ...state, transaction: { ...open, failure: lack } });
  if (envelope.probe === "same" && state.dirty) return nextCommand({ ...state, transaction: open }, open);
  if (state.dirty) return send({ ...state, transaction: open }, "rset", { kind: "rset", text: "RSET", pipelined: false });
  const text = mailCommand(envelope, { extensions: state.extensions, prdr: open.prdr });
  const mail: PendingCommand = { kind: "mail", text, pipelined: false };
  if (!open.pipelining) return send({ ...state, dirty: true, transaction: open }, "envelope", mail);
  const commands: PendingCommand[] = [{ ...mail, pipelined: true }];
  envelope.recipients.forEach((recipient, i) =>
    commands.push({ kind: "rcpt", ...rcptTexts(recipient, open.dsn), pipelined: true, recipient: i }),
  );
  if (!open.chunking && envelope.probe === undefined) commands.push({ kind: "data", text: "DATA", pipelined: true });
  const octets = commands.map((command) => `${command.text}\r\n`).join("");
  const sent = { ...open, sent: envelope.recipients.length };
  return { state: wait({ ...state, dirty: true, transaction: sent }, "envelope", ...commands), asks: [write(octets)] };
}

/** Errors name the address without parameters. */
function rcptTexts(recipient: ClientRecipient, dsn: boolean): Pick<PendingCommand, "text" | "name"> {
  return { text: rcptCommand(recipient, dsn), name: `RCPT TO:<${recipient.address}>` };
}

function openTransaction({ config, extensions }: ClientState, envelope: ClientTransaction): OpenTransaction {
  return {
    envelope,
    results: envelope.recipients.map(() => undefined),
    accepted: [],
    sent: 0,
    pipelining: config.pipelining && extensions.pipelining,
    chunking: config.chunking && extensions.chunking,
    prdr: config.prdr && extensions.prdr && config.protocol === "smtp" && envelope.recipients.length > 1,
    dsn: extensions.dsn,
    failure: undefined,
    at: "start",
    finalReply: undefined,
  };
}

function lacking({ extensions }: ClientState, envelope: ClientTransaction): ClientFailure | undefined {
  if (envelope.smtputf8 === true && !extensions.smtputf8) {
    return {
      kind: "unsupported",
      extension: "SMTPUTF8",
      message: "mail to internationalised addresses needs SMTPUTF8, which the server does not offer",
    };
  }
  if (extensions.size > 0 && (envelope.size ?? 0) > extensions.size) {
    return { kind: "unsupported", extension: "SIZE", message: `message is too big (transport limit = ${extensions.size})` };
  }
  return undefined;
}

export function transactionReply(state: ClientState, command: PendingCommand, reply: ReceivedReply): ClientMove {
  const open = state.transaction;
  if (open === undefined) return { state, asks: [] };
  switch (command.kind) {
    case "mail":
      if (!good(reply)) return nextCommand(state, { ...open, failure: refusal(command, reply) });
      return nextCommand(state, open);
    case "rcpt":
      return nextCommand(state, recipientReply(open, command, reply));
    case "data":
      return dataReply(state, command, reply);
    case "chunk":
      if (!good(reply)) return settle(withTransaction(state, { ...open, failure: refusal(command, reply) }));
      return { state, asks: [{ kind: "body", chunking: true }] };
    case "prdr":
      return prdrReply(state, command, reply);
    case "emptied":
      return settle({ ...state, dirty: false });
    default:
      return finalReply(state, command, reply);
  }
}

/** After a reply of the envelope: the next command when none is under way, or the body, or the end. */
function nextCommand(state: ClientState, open: OpenTransaction): ClientMove {
  const next = withTransaction(state, open);
  if (state.pending.length > 0) return { state: next, asks: [] };
  if (open.failure !== undefined) return settle(next);
  const recipient = open.envelope.recipients[open.sent];
  if (recipient !== undefined) {
    const command: PendingCommand = { kind: "rcpt", ...rcptTexts(recipient, open.dsn), pipelined: false, recipient: open.sent };
    return send(withTransaction(state, { ...open, sent: open.sent + 1 }), "envelope", command);
  }
  if (open.accepted.length === 0 || open.envelope.probe !== undefined) return settle(next);
  if (open.chunking) return { state: { ...next, phase: "data" }, asks: [{ kind: "body", chunking: true }] };
  return send(next, "envelope", { kind: "data", text: "DATA", pipelined: false });
}

function recipientReply(open: OpenTransaction, command: PendingCommand, reply: ReceivedReply): OpenTransaction {
  const index = command.recipient ?? 0;
  if (good(reply)) return { ...open, accepted: [...open.accepted, index] };
  // After a refused MAIL the refusals of RCPT say nothing about the recipients.
  if (open.failure !== undefined) return open;
  return withResult(open, index, { kind: "refused", after: nameOf(command), pipelined: command.pipelined, reply });
}

function dataReply(state: ClientState, command: PendingCommand, reply: ReceivedReply): ClientMove {
  const open = state.transaction as OpenTransaction;
  const wanted = open.failure === undefined && open.accepted.length > 0;
  if (reply.code >= 300 && reply.code < 400) {
    if (wanted) return { state: { ...state, phase: "data" }, asks: [{ kind: "body", chunking: false }] };
    // The server waits for a message that nobody shall get: it gets an empty one.
    return { state: wait(state, "final", { kind: "emptied", text: "end of data", pipelined: false }), asks: [write(".\r\n")] };
  }
  if (!wanted) return settle(state);
  return settle(withTransaction(state, { ...open, failure: refusal(command, reply) }));
}

export function bodyPiece(state: ClientState, { octets, last, room }: Extract<ClientEvent, { kind: "body" }>): ClientMove {
  const open = state.transaction as OpenTransaction;
  if (open.chunking && state.pending.length > 0) return { state, asks: [] };
  const encoded = encodeLines(octets, open.at, !open.chunking, room);
  const pieces = last ? [encoded.octets, encodeEnd(encoded.at, !open.chunking)] : [encoded.octets];
  let next = withTransaction(state, { ...open, at: encoded.at });
  let header = "";
  if (open.chunking) {
    const size = pieces.reduce((sum, piece) => sum + piece.length, 0);
    if (size === 0 && !last) return { state: next, asks: [{ kind: "body", chunking: true }] };
    header = `BDAT ${size}${last ? " LAST" : ""}`;
    if (!last) next = wait(next, "data", { kind: "chunk", text: header, pipelined: false });
    pieces.unshift(Buffer.from(`${header}\r\n`, "latin1"));
  }
  if (last) next = wait(next, "final", ...finalCommands(state, open));
  const filled = pieces.filter((piece) => piece.length > 0);
  return { state: next, asks: filled.map((piece) => ({ kind: "write", octets: piece })) };
}

function finalCommands(state: ClientState, open: OpenTransaction): readonly PendingCommand[] {
  if (open.prdr) return [{ kind: "prdr", text: "end of data", pipelined: false }];
  if (state.config.protocol === "smtp") return [{ kind: "final", text: "end of data", pipelined: false }];
  return open.accepted.map((recipient) => ({ kind: "final", text: "end of data", pipelined: false, recipient }));
}

/** 353 announces a reply for each recipient and one for the whole; anything else is the one for the whole. */
function prdrReply(state: ClientState, command: PendingCommand, reply: ReceivedReply): ClientMove {
  if (reply.code !== 353) return finalReply(state, { ...command, kind: "final" }, reply);
  const { accepted } = state.transaction as OpenTransaction;
  const each = accepted.map((recipient): PendingCommand => ({ kind: "final", text: "end of data", pipelined: false, recipient }));
  return { state: wait(state, "final", ...each, { kind: "final", text: "end of data", pipelined: false }), asks: [] };
}

function finalReply(state: ClientState, command: PendingCommand, reply: ReceivedReply): ClientMove {
  let open = state.transaction as OpenTransaction;
  if (command.recipient !== undefined) {
    const result: RecipientResult = good(reply)
      ? { kind: "delivered", reply }
      : { kind: "refused", after: command.text, pipelined: false, reply };
    open = withResult(open, command.recipient, result);
    if (good(reply) && state.config.protocol === "lmtp") open = { ...open, finalReply: reply };
  } else if (good(reply)) {
    open = { ...open, finalReply: reply };
    for (const index of open.accepted) {
      if (open.results[index] === undefined) open = withResult(open, index, { kind: "delivered", reply });
    }
  } else {
    // The whole message is refused: what PRDR said before is void.
    for (const index of open.accepted) if (open.results[index]?.kind === "delivered") open = withResult(open, index, { kind: "undone" });
    open = { ...open, failure: refusal(command, reply) };
  }
  if (state.pending.length > 0) return { state: withTransaction(state, open), asks: [] };
  return settle({ ...withTransaction(state, open), dirty: false });
}

function settle(state: ClientState): ClientMove {
  const asks = endTransaction(state, state.transaction?.failure, true);
  const next = ready({ ...state, transaction: undefined });
  return { state: next.state, asks: [...asks, ...next.asks] };
}

export function endTransaction(state: ClientState, failure: ClientFailure | undefined, reusable: boolean): readonly ClientAsk[] {
  const open = state.transaction as OpenTransaction;
  // With PRDR nothing is delivered before the last reply.
  const complete = reusable || !open.prdr;
  const recipients = open.results.map((result): RecipientResult =>
    result === undefined || (result.kind === "delivered" && !complete) ? { kind: "undone" } : result,
  );
  const why = open.failure ?? (recipients.some((result) => result.kind === "undone") ? failure : undefined);
  const { pipelining, chunking, dsn, prdr } = open;
  return [
    { kind: "settled", result: { recipients, failure: why, reply: open.finalReply, used: { pipelining, chunking, dsn, prdr } }, reusable },
  ];
}

function withTransaction(state: ClientState, transaction: OpenTransaction): ClientState {
  return { ...state, transaction };
}

function withResult(open: OpenTransaction, index: number, result: RecipientResult): OpenTransaction {
  const results = [...open.results];
  results[index] = result;
  return { ...open, results };
}
