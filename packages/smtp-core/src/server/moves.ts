/** How a move is put together: replies with Exim's texts, asks, and the errors that are counted (manual §"smtp_max_synprot_errors"). */
import { reply, type Reply } from "@mailkit/sdk";
import { NO_RECIPIENTS, type ServerState, type Waiting } from "./state.ts";
import type { Verb } from "../grammar/command.ts";
import type { CloseReason, Note, ServerEffect, Verdict } from "./types.ts";

export interface ServerMove {
  readonly state: ServerState;
  readonly replies: readonly Reply[];
  readonly effects: readonly ServerEffect[];
  /** A command that was understood, for `$smtp_command_history`. */
  readonly heard?: Verb;
}

const NONE: readonly never[] = [];

export function say(state: ServerState, answer: Reply, effects: readonly ServerEffect[] = NONE): ServerMove {
  return { state, replies: [shaped(state, answer)], effects };
}

export function quiet(state: ServerState): ServerMove {
  return { state, replies: NONE, effects: NONE };
}

/** Orders, then the ask; nothing is read until its answer comes. */
export function ask(state: ServerState, waiting: Waiting, ...effects: readonly ServerEffect[]): ServerMove {
  return { state: { ...state, waiting, reading: "nothing" }, replies: NONE, effects };
}

export function withNote(move: ServerMove, note: Note): ServerMove {
  return { ...move, effects: [{ kind: "note", note }, ...move.effects] };
}

export function closing(state: ServerState, answer: Reply | undefined, how: CloseReason, note?: Note): ServerMove {
  const effects: ServerEffect[] = note === undefined ? [] : [{ kind: "note", note }];
  effects.push({ kind: "close", how });
  return {
    state: { ...state, reading: "nothing", waiting: { for: "nothing" } },
    replies: answer === undefined ? NONE : [shaped(state, answer)],
    effects,
  };
}

/** A reply of class 500 for bad syntax (501) or sequence (503): noted, counted, and one too many ends the session. */
export function fault(
  state: ServerState,
  command: string,
  answer: Reply,
  kind: "syntax" | "protocol" = answer.code === 503 ? "protocol" : "syntax",
): ServerMove {
  const syntax = state.counts.syntax + 1;
  const next: ServerState = { ...state, counts: { ...state.counts, syntax } };
  const note: Note = { kind, command, message: answer.log ?? answer.lines.join("\n") };
  if (syntax <= state.settings.syntaxMax) return withNote(say(next, answer), note);
  const last = reply(answer.code, [...answer.lines, "Too many syntax or protocol errors"], { enhanced: "5.0" });
  return withNote(closing(next, last, "bad-commands", { kind: "dropped", why: "syntax or protocol errors", last: command }), note);
}

/** Enhanced codes only when they were asked for; one line only under `no_multiline_responses`. */
export function shaped(state: ServerState, answer: Reply): Reply {
  const single = state.switches.noMultiline && answer.lines.length > 1;
  if (!single && (answer.enhanced === undefined || state.settings.enhancedCodes)) return answer;
  const { enhanced, lines, ...rest } = answer;
  const kept = single ? [lines.at(-1) ?? ""] : lines;
  return enhanced !== undefined && state.settings.enhancedCodes ? { ...rest, lines: kept, enhanced } : { ...rest, lines: kept };
}

/**
 * The reply that a refusal makes. A code at the start of the message counts when its class is that of the default; a
 * wrong one is taken off (manual §"ACL modifiers", message). An enhanced code stays part of the text.
 */
export function refusalReply(verdict: Verdict, fallback: { code: number; text: string; anyCode?: boolean }): Reply {
  const base = verdict.code ?? (verdict.kind === "defer" ? 451 : fallback.code);
  const text = verdict.message ?? (verdict.kind === "defer" ? "Temporary local problem - please try later" : fallback.text);
  const coded = fallback.anyCode === true ? anyCode(text, base) : customCode(text, base);
  const lines = [...(verdict.details ?? []), ...coded.text.split("\n")].flatMap(wrapped);
  return reply(coded.code, lines, { ...(coded.enhanced === undefined && { enhanced: verdict.kind === "defer" ? "7.1" : "7.1" }) });
}

export function customCode(text: string, fallback: number): { code: number; text: string; enhanced: string | undefined } {
  const match = /^([2-5][0-9][0-9])(?: ([245]\.[0-9]{1,3}\.[0-9]{1,4}))?(?: |$)/.exec(text);
  if (match === null) return { code: fallback, text, enhanced: undefined };
  const given = Number(match[1]);
  const code = Math.floor(given / 100) === Math.floor(fallback / 100) ? given : fallback;
  const rest = code === given ? text.slice(4) : text.slice((match[0] as string).length);
  return { code, text: rest, enhanced: code === given ? match[2] : undefined };
}

/** VRFY answers 252 for what it does not tell: any code may stand instead. */
function anyCode(text: string, fallback: number): ReturnType<typeof customCode> {
  const given = /^([2-5][0-9][0-9])(?: |$)/.exec(text);
  return customCode(text, given === null ? fallback : Number(given[1]));
}

/** Lines beyond 75 octets are cut at a space, as Exim answers long texts of ACLs. */
function wrapped(line: string): string[] {
  const lines: string[] = [];
  let rest = line;
  while (rest.length > 75) {
    const cut = rest.lastIndexOf(" ", 75);
    if (cut <= 0) break;
    lines.push(rest.slice(0, cut));
    rest = rest.slice(cut + 1);
  }
  lines.push(rest);
  return lines;
}

/** The default refusal; `drop` closes. */
export function refuse(state: ServerState, verdict: Verdict, code = 550): ServerMove {
  const answer = refusalReply(verdict, { code, text: "Administrative prohibition" });
  return verdict.close === true ? closing(state, answer, "acl-drop") : say(listening(state), answer);
}

export function refused(verdict: Verdict): boolean {
  return verdict.kind === "deny" || verdict.kind === "defer";
}

export function listening(state: ServerState): ServerState {
  return { ...state, reading: "command", waiting: { for: "nothing" } };
}

/** No transaction. */
export function cleared(state: ServerState): ServerState {
  return { ...state, phase: state.heloSeen ? "ready" : "start", recipients: NO_RECIPIENTS, chunkTotal: 0, prdr: false, smtputf8: false };
}

export function pipelining({ offered, switches }: ServerState): boolean {
  return offered !== undefined && offered.pipelining && !switches.noPipelining;
}
