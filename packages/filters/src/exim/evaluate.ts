/** Runs the tree of an Exim filter: commands in order, to actions. Nothing is delivered here, and nothing thrown. */
import { chain, isPromise } from "@mailkit/sdk";
import type { Maybe, Text } from "@mailkit/sdk";
import type { EximRun, FilterEnd } from "../actions.ts";
import type { Command, ParsedFilter } from "./ast.ts";
import { applyAdd, applyHeaders, applyLogfile, applyLogwrite, applyPipe, applySave, applyTestprint } from "./commands.ts";
import { applyDeliver } from "./deliver.ts";
import { evaluateCondition } from "./evaluate-condition.ts";
import { expandIn } from "./filter-scope.ts";
import { applyMail } from "./mail.ts";
import { newRun } from "./run.ts";
import type { EximRequest, Run } from "./run.ts";

export function evaluateFilter(filter: ParsedFilter, request: EximRequest): Maybe<EximRun> {
  if (!filter.ok) return { end: { kind: "error", message: filter.message }, actions: [], delivered: false, numbers: [] };
  const run = newRun(request);
  return chain(runCommands(filter.commands, run), (end) => ({
    end: end === undefined || end.kind === "finish" ? { kind: "done" } : end,
    actions: run.actions,
    delivered: run.delivered,
    numbers: run.numbers,
  }));
}

/** Undefined: go on with the next command. */
export type Step = Exclude<FilterEnd, { kind: "done" }> | { readonly kind: "finish" } | undefined;

function runCommands(commands: readonly Command[], run: Run, from = 0): Maybe<Step> {
  for (let i = from; i < commands.length; i++) {
    const step = runCommand(commands[i] as Command, run);
    if (isPromise(step)) return step.then((known) => known ?? runCommands(commands, run, i + 1));
    if (step !== undefined) return step;
  }
  return undefined;
}

function runCommand(command: Command, run: Run): Maybe<Step> {
  if ("seen" in command) {
    const significant = command.seen ?? (command.kind === "deliver" || command.kind === "save" || command.kind === "pipe");
    return chain(runPrefixed(command, run), (step) => {
      if (significant && step?.kind !== "error") run.delivered = true;
      return step;
    });
  }
  switch (command.kind) {
    case "add":
      return applyAdd(command, run);
    case "headers":
      return applyHeaders(command, run);
    case "if":
      return runIf(command, run);
    default:
      return refuse(command, run);
  }
}

function runPrefixed(command: Extract<Command, { seen: unknown }>, run: Run): Maybe<Step> {
  switch (command.kind) {
    case "deliver":
      return applyDeliver(command, run);
    case "save":
      return applySave(command, run);
    case "pipe":
      return applyPipe(command, run);
    case "mail":
      return applyMail(command, run);
    case "logfile":
      return applyLogfile(command, run);
    case "logwrite":
      return applyLogwrite(command, run);
    case "testprint":
      return applyTestprint(command, run);
    case "finish":
      run.actions.push({ kind: "finish", seen: command.seen, noError: command.noError });
      return { kind: "finish" };
  }
}

/** `$thisaddress` gets its old value back at the end (filter manual §"Testing a list of addresses"). */
function runIf({ branches, otherwise }: Extract<Command, { kind: "if" }>, run: Run): Maybe<Step> {
  const { depth } = run;
  const before = run.thisAddress();
  const leave = (step: Step): Step => restored(run, depth, before, step);
  const walk = (from: number): Maybe<Step> => {
    const branch = branches[from];
    // Exim has `elif` as an `if` inside `else`, and shows it like this.
    run.depth = depth + from;
    if (branch === undefined) return runCommands(otherwise, run);
    return chain(evaluateCondition(branch.condition, run), (verdict) => {
      if (typeof verdict !== "boolean") return { kind: "error", message: verdict.error };
      if (!verdict) return walk(from + 1);
      run.depth = depth + from + 1;
      return runCommands(branch.commands, run);
    });
  };
  return chain(walk(0), leave);
}

// oxlint-disable-next-line max-params
function restored(run: Run, depth: number, thisAddress: Text, step: Step): Step {
  run.depth = depth;
  run.setThisAddress(thisAddress);
  return step;
}

/** `freeze` does nothing to a message that somebody thawed (manual §"Defer, freeze, and fail commands"). */
function refuse({ kind, text }: Extract<Command, { kind: "fail" | "freeze" | "defer" }>, run: Run): Maybe<Step> {
  return chain(expandIn(run.scope, text, `${kind} command`), (value): Maybe<Step> => {
    if ("error" in value) return { kind: "error", message: value.error };
    const stop = (): Step => {
      run.actions.push({ kind, text: value.text });
      return { kind, text: value.text };
    };
    if (kind !== "freeze") return stop();
    return chain(run.isManuallyThawed(), (thawed) => (thawed ? undefined : stop()));
  });
}
