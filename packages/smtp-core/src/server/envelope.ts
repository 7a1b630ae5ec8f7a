/** MAIL, RCPT, DATA, BDAT and the replies after the data. RFC 5321 §4.1.1.2 to §4.1.1.4, RFC 3030, RFC 1870. */
import { reply, type Reply } from "@mailkit/sdk";
import { parseAddress, type AddressRules } from "../grammar/address.ts";
import { parseBdat, type Command } from "../grammar/command.ts";
import { cutMailParameters, cutRcptParameters, noMailParameters, type Offered } from "../grammar/parameters.ts";
import {
  ask,
  cleared,
  closing,
  customCode,
  customReply,
  fault,
  listening,
  pipelining,
  quiet,
  refusalReply,
  refuse,
  refused,
  say,
  shaped,
  withNote,
  type ServerMove,
} from "./moves.ts";
import { REFUSALS } from "./sequence.ts";
import { AFTER_NEITHER, NO_RECIPIENTS, type ServerState, type Waiting } from "./state.ts";
import type { CloseReason, ServerSettings, Verdict } from "./types.ts";

export function mail(state: ServerState, argument: string, line: string): ServerMove {
  const { settings } = state;
  if (settings.requireHelo && !state.heloSeen)
    return withNote(say(state, reply(503, "HELO or EHLO required", { enhanced: "5.1" })), { kind: "noHelo" });
  if (argument === "") return fault(state, line, reply(501, "MAIL must have an address operand", { enhanced: "5.2" }), "protocol");
  if (settings.messagesMax > 0 && state.messages >= settings.messagesMax) {
    return withNote(say(state, reply(421, "too many messages in this connection", { enhanced: "7.0" })), { kind: "tooManyMessages" });
  }
  if (settings.smtpRewriting) return ask(state, { for: "rewrite", verb: "MAIL", line }, { kind: "rewrite", verb: "MAIL", argument });
  return mailArgument(state, argument, line);
}

function mailArgument(state: ServerState, argument: string, line: string): ServerMove {
  const { settings } = state;
  const cut = state.esmtp ? cutMailParameters(argument, offeredNow(state)) : undefined;
  if (cut?.ok === false) return fault(state, line, reply(501, cut.message, { enhanced: "5.4" }));
  const address = cut === undefined ? argument : cut.address;
  const parameters = cut?.parameters ?? noMailParameters();
  const parsed = parseAddress(address, addressRules(state, parameters.smtputf8), true);
  if (!parsed.ok) return fault(state, line, reply(501, `${address}: ${parsed.message}`, { enhanced: "1.7", log: parsed.message }));
  if (settings.sizeLimit > 0 && parameters.size > settings.sizeLimit) {
    const note = { kind: "tooBig", sender: parsed.address, size: parameters.size, limit: settings.sizeLimit } as const;
    return withNote(say(state, reply(552, "Message size exceeds maximum permitted", { enhanced: "3.4" })), note);
  }
  if (parsed.domain === "" && parsed.address !== "" && !settings.unqualifiedSender) {
    const move = say(state, reply(501, `${address}: sender address must contain a domain`, { enhanced: "1.7" }));
    return withNote(move, { kind: "unqualified", what: "sender", address: parsed.address });
  }
  const next: ServerState = { ...state, prdr: parameters.prdr, smtputf8: parameters.smtputf8 };
  return ask(next, { for: "mail" }, { kind: "mail", sender: parsed.address, parameters });
}

export function mailDecided(state: ServerState, verdict: Verdict): ServerMove {
  if (refused(verdict)) {
    const move = refuse({ ...state, prdr: false, smtputf8: false }, verdict);
    return { ...move, effects: [{ kind: "reset", by: "MAIL" }, ...move.effects] };
  }
  const next = listening({
    ...state,
    after: AFTER_NEITHER,
    phase: "mail",
    messages: state.messages + 1,
    recipients: NO_RECIPIENTS,
  });
  const text =
    verdict.kind === "accept" && verdict.message !== undefined && verdict.message !== ""
      ? verdict.message
      : state.prdr
        ? "OK, PRDR Requested"
        : "OK";
  return say(next, accepted(text, "1.0"));
}

export function rcpt(state: ServerState, argument: string, line: string): ServerMove {
  if (argument === "") return fault(state, line, reply(501, "RCPT must have an address operand", { enhanced: "5.2" }));
  if (state.settings.smtpRewriting) return ask(state, { for: "rewrite", verb: "RCPT", line }, { kind: "rewrite", verb: "RCPT", argument });
  return rcptArgument(state, argument, line);
}

function rcptArgument(state: ServerState, argument: string, line: string): ServerMove {
  const { settings } = state;
  const cut = state.esmtp ? cutRcptParameters(argument, offeredNow(state)) : ({ ok: true, address: argument, parameters: {} } as const);
  if (!cut.ok) return fault(state, line, reply(501, cut.message, { enhanced: "5.4" }));
  const parsed = parseAddress(cut.address, addressRules(state, state.smtputf8), false);
  if (!parsed.ok)
    return refusedRcpt(
      fault(state, line, reply(501, `${cut.address}: ${parsed.message}`, { enhanced: "1.3", log: parsed.message })),
      state,
    );
  if (needsDomain(parsed, settings)) {
    const move = say(state, reply(501, `${cut.address}: recipient address must contain a domain`, { enhanced: "1.3" }));
    return withNote(refusedRcpt(move, state), { kind: "unqualified", what: "recipient", address: parsed.address });
  }
  if (settings.recipientsMax > 0 && state.recipients.tried >= settings.recipientsMax) {
    const rejected = settings.recipientsMaxReject;
    const { recipients } = state;
    const move = say(
      { ...state, recipients: { ...recipients, tooMany: true } },
      reply(rejected ? 552 : 452, "too many recipients", { enhanced: "5.3" }),
    );
    return recipients.tooMany ? move : withNote(move, { kind: "tooManyRecipients", rejected });
  }
  return ask(state, { for: "rcpt" }, { kind: "rcpt", recipient: parsed.address, dsn: cut.parameters, argument: cut.address });
}

/** `recipient_unqualified_hosts`; `<postmaster>` is always welcome (RFC 5321 §4.5.1). */
export function needsDomain(parsed: { readonly localPart: string; readonly domain: string }, settings: ServerSettings): boolean {
  return parsed.domain === "" && !settings.unqualifiedRecipient && parsed.localPart.toLowerCase() !== "postmaster";
}

export function rcptDecided(state: ServerState, verdict: Verdict): ServerMove {
  const { recipients } = state;
  const tried = recipients.tried + 1;
  if (!refused(verdict)) {
    const next = listening({ ...state, recipients: { ...recipients, tried, accepted: recipients.accepted + 1 } });
    const custom = verdict.kind === "accept" && verdict.message !== undefined && verdict.message !== "" ? verdict.message : "Accepted";
    return say(next, accepted(custom, "1.5"));
  }
  const answer = refusalReply(verdict, { code: 550, text: "Administrative prohibition" });
  const next: ServerState = {
    ...state,
    recipients: {
      ...recipients,
      tried,
      refusal: sameRefusal(recipients.refusal, answer.lines.slice(verdict.details?.length ?? 0).join("\n")),
    },
  };
  return verdict.close === true ? closing(next, answer, "acl-drop") : say(listening(next), answer);
}

function refusedRcpt(move: ServerMove, { recipients }: ServerState): ServerMove {
  const answer = move.replies[0] as Reply;
  const refusal = sameRefusal(recipients.refusal, `${answer.code} ${answer.lines[0] ?? ""}`);
  return { ...move, state: { ...move.state, recipients: { ...move.state.recipients, refusal } } };
}

function sameRefusal(before: string | null | undefined, now: string): string | null {
  return before === undefined || before === now ? now : null;
}

export function rewritten(state: ServerState, argument: string): ServerMove {
  if (state.waiting.for !== "rewrite") return quiet(state);
  const { verb, line } = state.waiting;
  const next = listening(state);
  return verb === "MAIL" ? mailArgument(next, argument, line) : rcptArgument(next, argument, line);
}

export function data(state: ServerState, line: string): ServerMove {
  if (state.recipients.accepted === 0) return noRecipient(state, { verb: "DATA", argument: "" }, line);
  if (isOverfull(state)) return overfull(state, "DATA");
  return ask(state, { for: "predata", verb: "DATA", size: 0, last: true }, { kind: "predata", verb: "DATA" });
}

export function bdat(state: ServerState, argument: string, line: string): ServerMove {
  if (state.offered?.chunking !== true)
    return fault(state, line, reply(503, "BDAT command used when CHUNKING not advertised", { enhanced: "5.1" }));
  const chunk = parseBdat(argument);
  if (chunk === undefined) return fault(state, line, reply(501, "missing size for BDAT command", { enhanced: "5.4" }));
  if (state.phase === "chunks") return readChunk(state, chunk.size, chunk.last, false);
  if (state.recipients.accepted === 0) return noRecipient(state, { verb: "BDAT", argument }, line);
  if (isOverfull(state)) {
    const move = overfull(state, "BDAT");
    return { ...move, effects: [{ kind: "skip", octets: chunk.size }, ...move.effects] };
  }
  return ask(state, { for: "predata", verb: "BDAT", ...chunk }, { kind: "predata", verb: "BDAT" });
}

/** `recipients_max_reject`: one recipient too many, and nobody gets the message. */
function isOverfull({ recipients, settings }: ServerState): boolean {
  return recipients.tooMany && settings.recipientsMaxReject;
}

function overfull(state: ServerState, by: "DATA" | "BDAT"): ServerMove {
  return say(cleared(state), reply(554, "Too many recipients", { enhanced: "5.3" }), [{ kind: "reset", by }]);
}

/** With the reason of all refusals before it, if it was one (manual §"smtp_return_error_details" leaves it so). */
export function noRecipient(state: ServerState, { verb, argument }: Command, line: string): ServerMove {
  const chunk = verb === "BDAT" ? parseBdat(argument) : undefined;
  if (verb === "BDAT" && state.offered?.chunking !== true)
    return fault(state, line, reply(503, "BDAT command used when CHUNKING not advertised", { enhanced: "5.1" }));
  if (verb === "BDAT" && chunk === undefined) return fault(state, line, reply(501, "missing size for BDAT command", { enhanced: "5.4" }));
  const { recipients } = state;
  const reason =
    typeof recipients.refusal === "string" ? ["All RCPT commands were rejected with this error:", ...recipients.refusal.split("\n")] : [];
  // A client that pipelines could not know: that is no fault of protocol.
  const excused = pipelining(state) && state.after.rcpt;
  const text = `${REFUSALS.noRecipient} ${verb}`;
  const move = excused
    ? say(state, reply(503, [...reason, text.replace("valid", "Valid")], { enhanced: "5.1" }))
    : fault(state, line, { ...reply(503, [...reason, text], { enhanced: "5.1", log: text }) });
  return chunk === undefined ? move : { ...move, effects: [...move.effects, { kind: "skip", octets: chunk.size }] };
}

type Predata = Extract<Waiting, { for: "predata" }>;

export function predataDecided(state: ServerState, waiting: Predata, verdict: Verdict): ServerMove {
  // The transaction goes on after a refused DATA; of a refused chunk the rest must not be taken for commands.
  if (refused(verdict) && waiting.verb === "DATA") return refuse(state, verdict);
  if (refused(verdict)) {
    const move = refuse({ ...cleared(state), phase: waiting.last ? "ready" : "broken" }, verdict);
    return { ...move, effects: [{ kind: "skip", octets: waiting.size }, { kind: "reset", by: "BDAT" }, ...move.effects] };
  }
  if (waiting.verb === "BDAT") return readChunk(state, waiting.size, waiting.last, true);
  const go = customGo(verdict);
  const reading: ServerState = { ...state, reading: "data", waiting: { for: "data" } };
  return { state: reading, replies: [shaped(state, go)], effects: [{ kind: "readData" }] };
}

function customGo({ message }: Verdict): Reply {
  if (message === undefined || message === "") return reply(354, 'Enter message, ending with "." on a line by itself');
  return customReply(message, 354);
}

function readChunk(state: ServerState, size: number, last: boolean, first: boolean): ServerMove {
  const next: ServerState = {
    ...state,
    phase: "chunks",
    chunkTotal: state.chunkTotal + size,
    reading: "chunk",
    waiting: { for: "chunk", size, last },
  };
  return { state: next, replies: [], effects: [{ kind: "readChunk", size, last, first }] };
}

export function chunkRead(state: ServerState): ServerMove {
  if (state.waiting.for !== "chunk") return quiet(state);
  return say(listening(state), reply(250, `${state.waiting.size} byte chunk received`, { enhanced: "0.0" }));
}

/** The message is done with, one way or the other. */
export function received(state: ServerState, replies: readonly Reply[], close: CloseReason | undefined): ServerMove {
  const { waiting } = state;
  if (waiting.for !== "data" && waiting.for !== "chunk") return quiet(state);
  const unfinished = waiting.for === "chunk" && !waiting.last;
  const next = listening({ ...cleared(state), phase: unfinished ? "broken" : state.heloSeen ? "ready" : "start" });
  const total = state.chunkTotal;
  const spoken = replies.map((answer, i) => {
    const counted = waiting.for === "chunk" && i === replies.length - 1 && answer.code === 250;
    return shaped(state, counted ? { ...answer, lines: [` ${waiting.size} byte chunk, total ${total}`, ...answer.lines] } : answer);
  });
  if (close !== undefined) return { ...closing(next, undefined, close), replies: spoken };
  return { state: next, replies: spoken, effects: [] };
}

function accepted(text: string, enhanced: string): Reply {
  const coded = customCode(text, 250);
  const line = coded.text.split("\n")[0] as string;
  return coded.enhanced === undefined ? reply(coded.code, line, { enhanced }) : reply(coded.code, `${coded.enhanced} ${line}`);
}

function offeredNow({ offered }: ServerState): Offered {
  return {
    eightBit: offered?.eightBit ?? false,
    smtputf8: offered?.smtputf8 ?? false,
    prdr: offered?.prdr ?? false,
    dsn: offered?.dsn ?? false,
  };
}

function addressRules({ settings }: ServerState, smtputf8: boolean): AddressRules {
  return smtputf8 && !settings.address.utf8Domains ? { ...settings.address, utf8Domains: true } : settings.address;
}
