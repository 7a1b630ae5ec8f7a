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
  const { code, lines, enhanced, log } = answer;
  const extra = { ...(enhanced !== undefined && state.settings.enhancedCodes && { enhanced }), ...(log !== undefined && { log }) };
  return reply(code, single ? [lines.at(-1) ?? ""] : lines, extra);
}

/**
 * The reply that a refusal makes. A code at the start of the message counts when its class is that of the default; a
 * wrong one is taken off (manual §"ACL modifiers", message). An enhanced code stays part of the text.
 */
export function refusalReply(verdict: Verdict, fallback: { code: number; text: string; anyCode?: boolean }): Reply {
  const base = verdict.code ?? (verdict.kind === "defer" ? 451 : fallback.code);
  const text = verdict.message ?? (verdict.kind === "defer" ? "Temporary local problem - please try later" : fallback.text);
  const coded = fallback.anyCode === true ? anyCode(text, base) : customCode(text, base);
  // The enhanced code stands in every line of the text.
  const prefix = coded.enhanced === undefined ? "" : `${coded.enhanced} `;
  const own = coded.text.split("\n").flatMap(wrapped);
  const lines = [...(verdict.details ?? []), ...own.map((line) => prefix + line)];
  return reply(coded.code, lines, coded.enhanced === undefined ? SECURITY_STATUS : undefined);
}

/** RFC 3463 §3.8: the default of a refusal by policy. */
const SECURITY_STATUS = { enhanced: "7.1" } as const;

export interface CustomCode {
  readonly code: number;
  /** Without any code. */
  readonly text: string;
  readonly enhanced: string | undefined;
  /** A code is there, of another class than the reply: it does not count. */
  readonly wrong: boolean;
}

/** A text for a reply that is no refusal: one line of it, with its enhanced code in place. */
export function customReply(text: string, code: number): Reply {
  const coded = customCode(text, code);
  return reply(coded.code, coded.enhanced === undefined ? coded.text : `${coded.enhanced} ${coded.text}`);
}

/** `550 5.7.1 text`; the code of a text that has none is that of the fallback (manual §"ACL modifiers", message). */
export function customCode(text: string, fallback: number): CustomCode {
  const match = /^([0-9]{3})\s(?:([0-9]\.[0-9]{1,3}\.[0-9]{1,3})\s)?/.exec(text);
  if (match === null) return { code: fallback, text, enhanced: undefined, wrong: false };
  const [whole, digits, enhanced] = match as unknown as [string, string, string | undefined];
  const rest = text.slice(whole.length);
  const expected = String(fallback).charAt(0);
  if (!digits.startsWith(expected)) return { code: fallback, text: rest, enhanced: undefined, wrong: true };
  return { code: Number(digits), text: rest, enhanced, wrong: false };
}

/** VRFY answers 252 for what it does not tell: any code may stand instead. */
function anyCode(text: string, fallback: number): ReturnType<typeof customCode> {
  const given = /^([2-5][0-9][0-9])\s/.exec(text);
  return customCode(text, given === null ? fallback : Number(given[1]));
}

/**
 * Lines beyond 75 octets are cut, as Exim answers long texts of ACLs: behind a colon if there is one far enough to the
 * right, else at a space; where neither is, at the next space.
 */
function wrapped(line: string): string[] {
  const lines: string[] = [];
  let rest = line;
  while (rest.length > WIDTH) {
    const cut = cutAt(rest);
    if (cut < 0) break;
    lines.push(rest.slice(0, cut));
    rest = rest.slice(cut).replace(/^ +/, "");
  }
  lines.push(rest);
  return lines;
}

const WIDTH = 75;
/** A line is not made shorter than this. */
const LEAST = 35;

function cutAt(text: string): number {
  const colon = text.lastIndexOf(": ", WIDTH - 1);
  if (colon >= LEAST) return colon + 1;
  const space = text.lastIndexOf(" ", WIDTH);
  return space >= LEAST ? space : text.indexOf(" ", WIDTH);
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
