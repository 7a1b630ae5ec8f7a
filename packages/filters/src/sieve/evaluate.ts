/** Runs the tree of a Sieve script (RFC 5228 §2.10): an implicit keep, unless an action takes its place. */
import { chain, isPromise } from "@mailkit/sdk";
import type { AutoReply, Maybe, Scope } from "@mailkit/sdk";
import { isPersonalFor } from "../exim/personal.ts";
import { variableText } from "../exim/filter-scope.ts";
import type { Notify, SieveCommand, SieveFault, Vacation } from "./ast.ts";
import { evaluateTest, headerValues } from "./evaluate-test.ts";
import { parseMailto } from "./mailto.ts";
import { notification, vacationReply } from "./replies.ts";
import type { Notification } from "./replies.ts";

export interface SieveRequest {
  readonly text: string;
  readonly scope: Scope;
  readonly qualifyDomain: string;
  /** The user; the first is the sender of replies. */
  readonly ownAddresses: readonly string[];
  /** The recipient as it was addressed, affixes and all. */
  readonly recipient: string;
  readonly inbox: string;
  readonly useraddress?: string;
  readonly subaddress?: string;
  readonly vacationDirectory?: string;
  readonly enotifyMailtoOwner?: string;
  /** Shows what `-bf` shows: `vacation` needs no directory. */
  readonly test: boolean;
}

export type SieveAction =
  | { readonly kind: "fileinto"; readonly folder: string }
  | { readonly kind: "redirect"; readonly address: string }
  | { readonly kind: "vacation"; readonly reply: AutoReply }
  | { readonly kind: "notify"; readonly notification: Notification };

export interface SieveRun {
  readonly actions: readonly SieveAction[];
  /** Nothing took the place of the delivery to the inbox, which is among the actions then. */
  readonly implicitKeep: boolean;
  /** The message goes to the inbox too, whatever came before. */
  readonly fault: SieveFault | undefined;
}

export interface SieveState {
  readonly request: SieveRequest;
  readonly actions: SieveAction[];
  keep: boolean;
  vacationDone: boolean;
}

export function evaluateSieve(commands: readonly SieveCommand[], request: SieveRequest): Maybe<SieveRun> {
  const state: SieveState = { request, actions: [], keep: true, vacationDone: false };
  return chain(runCommands(commands, state), (step) => {
    const fault = step === "stop" ? undefined : step;
    if (state.keep || fault !== undefined) fileInto(request.inbox, state);
    return { actions: state.actions, implicitKeep: state.keep, fault };
  });
}

/** Undefined: go on. */
type Step = "stop" | SieveFault | undefined;

function runCommands(commands: readonly SieveCommand[], state: SieveState, from = 0): Maybe<Step> {
  for (let i = from; i < commands.length; i++) {
    const step = runCommand(commands[i] as SieveCommand, state);
    if (isPromise(step)) return step.then((known) => known ?? runCommands(commands, state, i + 1));
    if (step !== undefined) return step;
  }
  return undefined;
}

function runCommand(command: SieveCommand, state: SieveState): Maybe<Step> {
  switch (command.kind) {
    case "keep":
      state.keep = false;
      return fileInto(state.request.inbox, state);
    case "discard":
      state.keep = false;
      return undefined;
    case "stop":
      return "stop";
    case "fileinto":
      if (!command.copy) state.keep = false;
      return fileInto(command.folder, state);
    case "redirect":
      if (!command.copy) state.keep = false;
      return redirect(command.address, state);
    case "vacation":
      return runVacation(command.vacation, command.line, state);
    case "notify":
      return runNotify(command.notify, command.line, state);
    case "if":
      return runIf(command, state);
    case "fault":
      return { message: command.message, line: command.line };
  }
}

function runIf({ branches, otherwise }: Extract<SieveCommand, { kind: "if" }>, state: SieveState, from = 0): Maybe<Step> {
  const branch = branches[from];
  if (branch === undefined) return runCommands(otherwise, state);
  return chain(evaluateTest(branch.test, state.request), (verdict) =>
    verdict ? runCommands(branch.commands, state) : runIf({ kind: "if", branches, otherwise }, state, from + 1),
  );
}

/** The same folder or address counts once (RFC 5228 §2.10.3). */
function fileInto(folder: string, { actions }: SieveState): undefined {
  if (!actions.some((action) => action.kind === "fileinto" && action.folder === folder)) actions.push({ kind: "fileinto", folder });
}

function redirect(address: string, { actions }: SieveState): undefined {
  if (!actions.some((action) => action.kind === "redirect" && action.address === address)) actions.push({ kind: "redirect", address });
}

/** Answers personal mail alone (RFC 5230 §4.5, §4.6), and once in a script. */
function runVacation(vacation: Vacation, line: number, state: SieveState): Maybe<Step> {
  if (state.vacationDone) return { message: "trying to execute vacation more than once", line };
  state.vacationDone = true;
  const { scope, qualifyDomain, ownAddresses, vacationDirectory } = state.request;
  return chain(variableText(scope, "sender_address"), (sender) => {
    if (sender === "") return undefined;
    const mine = [...ownAddresses, ...vacation.addresses];
    if (!isPersonalFor(mine, { scope, qualifyDomain, copies: true })) return undefined;
    const subject = headerValues(scope, "subject")[0] ?? "";
    const facts = { to: sender, ownAddress: ownAddresses[0] ?? "", subject, directory: vacationDirectory };
    state.actions.push({ kind: "vacation", reply: vacationReply(vacation, facts) });
    return undefined;
  });
}

/** Not for a message that is a notification itself (RFC 5436 §2.7.1). */
function runNotify(notify: Notify, line: number, state: SieveState): Step {
  const mailto = parseMailto(notify.method);
  if (typeof mailto === "string") return { message: mailto, line };
  const { scope, ownAddresses, enotifyMailtoOwner = "" } = state.request;
  if (headerValues(scope, "auto-submitted").some((value) => !/^no\b/i.test(value))) return undefined;
  const facts = { ownAddress: ownAddresses[0] ?? "", owner: enotifyMailtoOwner, subject: headerValues(scope, "subject")[0] ?? "" };
  const made = notification(notify, mailto, facts);
  if (made.recipients.length > 0) state.actions.push({ kind: "notify", notification: made });
  return undefined;
}
