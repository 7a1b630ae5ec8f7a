/** The state of one ACL while it runs, and the few things that every item does with it. */
import type { PlacedHeader } from "@mailkit/message";
import { type Expansion, type Maybe, type Position, type Template, type Text, clean, isPromise, tainted } from "@mailkit/sdk";
import type { AclControl } from "./controls.ts";
import type { AclSet } from "./compile.ts";
import { hookBit } from "./legality.ts";
import type { AclContext, AclLogLine, LogName, SenderFailure } from "./types.ts";

/** What a condition or modifier says. "skip" = forced failure: as if the item were not there. */
export type Outcome = "yes" | "no" | "defer" | "error" | "discard" | "skip";

export interface Run {
  readonly set: AclSet;
  readonly context: AclContext;
  readonly hookBit: number;
  level: number;
  verb: string;
  /** Texts that conditions have left, then the final ones. */
  userMessage: string | undefined;
  logMessage: string | undefined;
  /** A nested ACL said `drop`: if this one denies, the connection is closed. */
  dropped: boolean;
  decidedAt: Position | undefined;
  senderFailure: SenderFailure | undefined;
  logTargets: readonly LogName[];
  /** For explanations: what made the last condition say so. */
  detail: string | undefined;
  /** Made when the first one comes. */
  headersAdd: PlacedHeader[] | undefined;
  headersRemove: string[] | undefined;
  controls: AclControl[] | undefined;
  queueName: string | undefined;
  /** Rates that were worked out for this command already. */
  rates: Map<string, number> | undefined;
}

export function newRun(set: AclSet, context: AclContext): Run {
  return {
    set,
    context,
    hookBit: hookBit(context.hook),
    level: 0,
    verb: "",
    userMessage: undefined,
    logMessage: undefined,
    dropped: false,
    decidedAt: undefined,
    senderFailure: undefined,
    logTargets: DEFAULT_TARGETS,
    detail: undefined,
    headersAdd: undefined,
    headersRemove: undefined,
    controls: undefined,
    queueName: undefined,
    rates: undefined,
  };
}

export const DEFAULT_TARGETS: readonly LogName[] = ["main", "reject"];

/** The item ends with an error (451) that only the log explains. */
export function fault(run: Run, message: string): "error" {
  run.logMessage = message;
  return "error";
}

export function deferral(run: Run, message: string): "defer" {
  run.logMessage = message;
  return "defer";
}

/** The owner of the session puts the message's id before it, and the host where that is wanted. */
export function writeLog({ context }: Run, line: AclLogLine): void {
  context.host.log(line, context);
}

/** A variable that a condition leaves behind; undefined takes it away. */
export function setVariable(run: Run, name: string, value: string | Text | undefined): void {
  const { extra } = run.context.session;
  if (value === undefined) extra.delete(name);
  else extra.set(name, typeof value === "string" ? tainted(value) : value);
}

export function setClean(run: Run, name: string, value: string): void {
  run.context.session.extra.set(name, clean(value));
}

/** Expands the value of an item and goes on with it; a forced failure leaves the item out, other failures end the ACL. */
export function withText(run: Run, template: Template, next: (text: string, isTainted: boolean) => Maybe<Outcome>): Maybe<Outcome> {
  if (template.constant !== undefined) return next(template.constant, false);
  const expansion = template.evaluate(run.context.scope);
  return isPromise(expansion) ? expansion.then((value) => proceed(run, template, value, next)) : proceed(run, template, expansion, next);
}

function proceed(
  run: Run,
  template: Template,
  expansion: Expansion,
  next: (text: string, isTainted: boolean) => Maybe<Outcome>,
): Maybe<Outcome> {
  if (expansion.kind === "value") return next(expansion.text, expansion.tainted);
  if (expansion.kind === "forcedFailure") return "skip";
  run.logMessage = `failed to expand ACL string "${template.source}": ${expansion.message}`;
  return expansion.defer ? "defer" : "error";
}
