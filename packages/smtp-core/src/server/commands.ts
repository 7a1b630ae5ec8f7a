/** One command line: is it in time and legal here, is it counted, and what does its verb do. Manual §"smtp_enforce_sync". */
import { reply } from "@mailkit/sdk";
import { parseAddress } from "../grammar/address.ts";
import { isHeloSound } from "../grammar/helo.ts";
import { parseCommand, type Command, type Verb } from "../grammar/command.ts";
import { bdat, data, mail, needsDomain, noRecipient, rcpt } from "./envelope.ts";
import { helpLines } from "./extensions.ts";
import { auth } from "./greeting.ts";
import { ask, cleared, closing, fault, pipelining, say, shaped, withNote, type ServerMove } from "./moves.ts";
import { MAIL_COMMANDS, MAY_BE_FOLLOWED, REFUSALS, SEQUENCE } from "./sequence.ts";
import type { Counts, ServerState } from "./state.ts";

export interface Line {
  readonly text: string;
  readonly more: boolean;
  readonly nul: boolean;
}

export function command(state: ServerState, line: Line): ServerMove {
  const parsed = parseCommand(line.text);
  if (line.more && outOfSync(state, parsed)) return syncFault(state, line.text);
  if (line.nul) return fault(state, line.text, reply(501, "NUL characters are not allowed in SMTP commands", { enhanced: "5.2" }));
  const { refuseAll } = state.settings;
  if (refuseAll !== undefined && parsed.verb !== "QUIT") return say(state, reply(503, refuseAll, { enhanced: "5.1" }));
  const counts = counted(state.counts, parsed);
  const next = counts === state.counts ? state : { ...state, counts };
  const limit = state.settings.nonMailMax;
  if (limit !== undefined && counts.nonMail > limit) {
    const answer = reply(554, "Too many nonmail commands", { enhanced: "7.0" });
    return closing(next, answer, "bad-commands", { kind: "dropped", why: "nonmail commands", last: word(line.text) });
  }
  const move = remembering(inSequence(next, parsed, line.text), next, parsed.verb);
  return isHeard(parsed) ? { ...move, heard: parsed.verb } : move;
}

export function syncFault(state: ServerState, command: string): ServerMove {
  const note = { kind: "sync", command, pipelining: pipelining(state) } as const;
  return closing(state, reply(554, "SMTP synchronization error", { enhanced: "5.0" }), "synchronization-error", note);
}

/** Asked when an ask was answered late and more input is there: must the client have waited for the reply? */
export function isOutOfSync(state: ServerState, command: string): boolean {
  return LATE.has(state.waiting.for) && outOfSync(state, parseCommand(command));
}

const LATE: ReadonlySet<ServerState["waiting"]["for"]> = new Set(["helo", "advertise", "mail", "rcpt", "predata", "answer"]);

/** What is unknown, or has an argument where none belongs, leaves no trace in the history. */
function isHeard({ verb, argument }: Command): boolean {
  return verb !== "UNKNOWN" && (argument === "" || !BARE.has(verb));
}

const BARE: ReadonlySet<Command["verb"]> = new Set(["DATA", "QUIT", "RSET", "STARTTLS"]);

/** `after`, for the next command. */
function remembering(move: ServerMove, before: ServerState, verb: Verb): ServerMove {
  const orphan = verb === "RCPT" && SEQUENCE.RCPT[before.phase] === "noSender";
  const excused = orphan && isExcused(before);
  const refusedMail = verb === "MAIL" || excused;
  const rcpt = verb === "RCPT" && (!orphan || excused);
  const { after } = move.state;
  if (after.refusedMail === refusedMail && after.rcpt === rcpt) return move;
  return { ...move, state: { ...move.state, after: { refusedMail, rcpt } } };
}

function isExcused(state: ServerState): boolean {
  return state.after.refusedMail && pipelining(state);
}

function inSequence(state: ServerState, parsed: Command, line: string): ServerMove {
  const cell = SEQUENCE[parsed.verb][state.phase];
  if (cell === "ok") return act(state, parsed, line);
  if (cell === "noRecipient") return noRecipient(state, parsed, line);
  const answer = reply(503, REFUSALS[cell], { enhanced: "5.1" });
  const move = cell === "noSender" && isExcused(state) ? say(state, answer) : fault(state, line, answer);
  if (parsed.verb === "RCPT" && cell === "noSender") {
    return { ...move, state: { ...move.state, recipients: { ...state.recipients, refusal: `503 ${REFUSALS.noSender}` } } };
  }
  return cell === "onlyBdat"
    ? { ...move, state: { ...move.state, phase: "broken" }, effects: [{ kind: "reset", by: parsed.verb }, ...move.effects] }
    : move;
}

function act(state: ServerState, { verb, argument }: Command, line: string): ServerMove {
  switch (verb) {
    case "RCPT":
      return rcpt(state, argument, line);
    case "MAIL":
      return mail(state, argument, line);
    case "HELO":
    case "EHLO":
      return helo(state, verb, argument);
    case "DATA":
      return argument === "" ? data(state, line) : unexpectedArgument(state, line);
    case "BDAT":
      return bdat(state, argument, line);
    case "RSET":
      if (argument !== "") return unexpectedArgument(state, line);
      return say(cleared(state), reply(250, "Reset OK", { enhanced: "0.0" }), [{ kind: "reset", by: "RSET" }]);
    case "NOOP":
      return say(state, reply(250, "OK", { enhanced: "0.0" }));
    case "HELP":
      return say(state, reply(214, helpLines(state.settings), { enhanced: "0.0" }));
    case "QUIT":
      return argument === "" ? ask(state, { for: "quit" }, { kind: "quit" }) : unexpectedArgument(state, line);
    case "STARTTLS":
      return starttls(state, argument, line);
    case "AUTH":
      return auth(state, argument, line);
    case "VRFY":
      return vrfy(state, argument);
    case "EXPN":
      return ask(state, { for: "answer" }, { kind: "expn", argument });
    case "ETRN":
      return ask(state, { for: "answer" }, { kind: "etrn", argument });
    case "UNKNOWN":
      return unknown(state, line);
  }
}

function outOfSync(state: ServerState, { verb }: Command): boolean {
  // A chunk follows its command at once.
  if (!state.switches.enforceSync || verb === "QUIT" || verb === "BDAT") return false;
  if (verb === "EHLO" && !state.heloSeen && state.settings.earlyPipelining) return false;
  return !pipelining(state) || !MAY_BE_FOLLOWED.has(verb);
}

function counted(counts: Counts, { verb }: Command): Counts {
  if (verb === "RCPT") return counts;
  if (verb === "MAIL")
    return counts.freeRset && counts.freeHelo && counts.freeStarttls
      ? counts
      : { ...counts, freeRset: true, freeHelo: true, freeStarttls: true };
  if (MAIL_COMMANDS.has(verb)) return counts;
  if (verb === "RSET" && counts.freeRset) return { ...counts, freeRset: false };
  if ((verb === "HELO" || verb === "EHLO") && counts.freeHelo) return { ...counts, freeHelo: false };
  if (verb === "AUTH" && counts.freeAuth) return { ...counts, freeAuth: false };
  if (verb === "STARTTLS" && counts.freeStarttls) return { ...counts, freeStarttls: false };
  return { ...counts, nonMail: counts.nonMail + 1 };
}

function helo(state: ServerState, verb: "HELO" | "EHLO", argument: string): ServerMove {
  if (!isHeloSound(argument, state.settings.helo)) {
    const answer = reply(501, `Syntactically invalid ${verb} argument(s)`, { enhanced: "5.4" });
    const move = fault(state, `${verb} ${argument}`, answer);
    // Its own line in the log instead of the general one; the last of too many says no more than the others.
    const effects = move.effects.filter((effect) => effect.kind !== "note" || effect.note.kind !== "syntax");
    const replies = move.replies.map((given) => (given.lines.length > 1 ? shaped(state, answer) : given));
    return withNote({ ...move, replies, effects }, { kind: "badHelo", verb, argument });
  }
  return ask(state, { for: "helo", verb }, { kind: "helo", verb, name: argument });
}

function starttls(state: ServerState, argument: string, line: string): ServerMove {
  if (argument !== "") return unexpectedArgument(state, line);
  if (state.offered?.starttls !== true || state.tls) {
    return fault(state, line, reply(503, "STARTTLS command used when not advertised", { enhanced: "5.1" }));
  }
  return ask(cleared(state), { for: "starttls" }, { kind: "reset", by: "STARTTLS" }, { kind: "starttls" });
}

function vrfy(state: ServerState, argument: string): ServerMove {
  const parsed = parseAddress(argument, state.settings.address, false);
  if (!parsed.ok) return say(state, reply(501, parsed.message, { enhanced: "1.3" }));
  if (needsDomain(parsed, state.settings)) {
    const move = say(state, reply(501, `${argument}: recipient address must contain a domain`, { enhanced: "1.3" }));
    return withNote(move, { kind: "unqualified", what: "verify", address: parsed.address });
  }
  return ask(state, { for: "answer" }, { kind: "vrfy", address: parsed.address });
}

function unknown(state: ServerState, line: string): ServerMove {
  const { counts, settings } = state;
  if (counts.unknown >= settings.unknownMax) {
    return closing(state, reply(500, "Too many unrecognized commands", { enhanced: "5.0" }), "bad-commands", {
      kind: "dropped",
      why: "unrecognized commands",
      last: line,
    });
  }
  return fault(
    { ...state, counts: { ...counts, unknown: counts.unknown + 1 } },
    line,
    reply(500, "unrecognized command", { enhanced: "5.1" }),
  );
}

export function unexpectedArgument(state: ServerState, line: string): ServerMove {
  return fault(state, line, reply(501, "unexpected argument data", { enhanced: "5.4" }));
}

function word(line: string): string {
  const space = line.indexOf(" ");
  return space < 0 ? line : line.slice(0, space);
}
