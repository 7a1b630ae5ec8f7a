/**
 * Runs an ACL: statements in order, items in order (manual §"ACL verbs"). What their outcomes mean is in `verdict.ts`.
 * Synchronous unless an item waits.
 */
import { type Maybe, EMPTY, chain, clean, isPromise } from "@mailkit/sdk";
import type { AclSet, CompiledAcl, CompiledStatement } from "./compile.ts";
import type { CompiledItem } from "./items.ts";
import { itemFault } from "./legality.ts";
import { fault, newRun, type Outcome, type Run, setVariable } from "./run.ts";
import { applyTexts, type StatementState, usesTexts } from "./texts.ts";
import type { AclAnswerKind, AclContext, AclRequest, AclVerdict } from "./types.ts";
import { decide, verdictOf } from "./verdict.ts";

const MAX_DEPTH = 20;

export function runAcl(set: AclSet, request: AclRequest, context: AclContext): Maybe<AclVerdict> {
  const run = newRun(set, context);
  return chain(runNested(run, request), (kind) => verdictOf(run, kind));
}

/** An ACL inside `run`: the outermost one, or the condition `acl`. `$acl_arg1`... are its own while it runs. */
export function runNested(run: Run, request: AclRequest): Maybe<AclAnswerKind> {
  const { items } = run.context.scope.frame;
  const saved = request.args === undefined ? undefined : new Map(items);
  request.args?.forEach((text, i) => items.set(`acl_arg${i + 1}`, text));
  if (request.args !== undefined) {
    for (let i = request.args.length + 1; i <= 9; i++) items.set(`acl_arg${i}`, EMPTY);
    items.set("acl_narg", clean(String(request.args.length)));
  }
  const restore = (kind: AclAnswerKind): AclAnswerKind => {
    if (saved !== undefined) {
      items.clear();
      for (const [name, text] of saved) items.set(name, text);
    }
    return kind;
  };
  return chain(run.set.find(request.acl, run.context), (acl) => {
    if (typeof acl === "string") return restore(fault(run, acl));
    if (run.level > MAX_DEPTH) return restore(fault(run, `ACL nested too deep: possible loop`));
    return chain(runStatements(acl, run, 0), restore);
  });
}

function runStatements(acl: CompiledAcl, run: Run, from: number): Maybe<AclAnswerKind> {
  const { trace } = run.context.scope.services;
  if (trace.on && from === 0) {
    trace.emit({ kind: "acl.start", acl: acl.name, where: run.context.hook, ...(acl.at === undefined ? {} : { at: acl.at }) });
  }
  for (let i = from; i < acl.statements.length; i++) {
    const answer = runStatement(acl.statements[i] as CompiledStatement, run);
    if (isPromise(answer)) return answer.then((kind) => (kind === undefined ? runStatements(acl, run, i + 1) : end(acl, run, kind)));
    if (answer !== undefined) return end(acl, run, answer);
  }
  run.decidedAt = undefined;
  return end(acl, run, "deny");
}

function end(acl: CompiledAcl, run: Run, kind: AclAnswerKind): AclAnswerKind {
  const { trace } = run.context.scope.services;
  if (trace.on) {
    const at = run.decidedAt ?? acl.at;
    trace.emit({ kind: "acl.end", acl: acl.name, where: run.context.hook, result: kind, ...(at === undefined ? {} : { at }) });
  }
  return kind;
}

/** Undefined: on to the next statement. */
function runStatement(statement: CompiledStatement, run: Run): Maybe<AclAnswerKind | undefined> {
  run.verb = statement.verb;
  run.userMessage = undefined;
  run.logMessage = undefined;
  run.dropped = false;
  run.decidedAt = statement.at;
  const state: StatementState = { message: undefined, logMessage: undefined, endpass: false };
  const outcome = runItems(statement.items, 0, run, state);
  return isPromise(outcome) ? outcome.then((done) => finish(statement, done, run, state)) : finish(statement, outcome, run, state);
}

function runItems(items: readonly CompiledItem[], from: number, run: Run, state: StatementState): Maybe<Outcome> {
  for (let i = from; i < items.length; i++) {
    const item = items[i] as CompiledItem;
    const outcome = runItem(item, run, state);
    if (isPromise(outcome)) {
      return outcome.then((done) => {
        const judged = judge(item, done, run);
        return judged === "yes" ? runItems(items, i + 1, run, state) : judged;
      });
    }
    const judged = judge(item, outcome, run);
    if (judged !== "yes") return judged;
  }
  return "yes";
}

function runItem(item: CompiledItem, run: Run, state: StatementState): Maybe<Outcome> {
  run.detail = undefined;
  if ((item.mask & run.hookBit) === 0) return fault(run, itemFault(item.name, item.kind === "condition", run.context.hook));
  switch (item.kind) {
    case "message":
      state.message = item.template;
      return "yes";
    case "logMessage":
      state.logMessage = item.template;
      return "yes";
    case "endpass":
      state.endpass = true;
      return "yes";
    default:
      return item.run(run);
  }
}

/** Negation turns yes and no, nothing else; what is skipped counts as true either way (manual §"ACL conditions", `condition`). */
function judge(item: CompiledItem, outcome: Outcome, run: Run): Outcome {
  const judged = outcome === "skip" ? "yes" : !item.negated ? outcome : outcome === "yes" ? "no" : outcome === "no" ? "yes" : outcome;
  const { trace } = run.context.scope.services;
  if (trace.on && item.kind !== "message" && item.kind !== "logMessage") traceItem(item, judged, run);
  return judged;
}

function traceItem(item: CompiledItem, judged: Outcome, run: Run): void {
  const said = judged === "discard" || judged === "skip" ? "yes" : judged;
  const detail = run.detail ?? (said === "defer" || said === "error" ? run.logMessage : undefined);
  run.context.scope.services.trace.emit({
    kind: "acl.item",
    verb: run.verb,
    name: item.name,
    value: item.value,
    negated: item.negated,
    result: item.kind === "condition" || said !== "yes" ? said : "done",
    at: item.at,
    ...(detail === undefined ? {} : { detail }),
  });
}

function finish(statement: CompiledStatement, outcome: Outcome, run: Run, state: StatementState): Maybe<AclAnswerKind | undefined> {
  const texts =
    usesTexts(statement.verb, outcome, state.endpass) && hasTexts(run, state) ? applyTexts(run, state, outcome, statement.verb) : undefined;
  return isPromise(texts) ? texts.then(() => conclude(statement, outcome, run, state)) : conclude(statement, outcome, run, state);
}

function hasTexts(run: Run, state: StatementState): boolean {
  return (state.message ?? state.logMessage ?? run.userMessage ?? run.logMessage) !== undefined;
}

function conclude(statement: CompiledStatement, outcome: Outcome, run: Run, state: StatementState): AclAnswerKind | undefined {
  setVariable(run, "acl_verify_message", undefined);
  const answer = decide(statement, outcome, run, state);
  traceVerb(statement, outcome, run);
  return answer;
}

function traceVerb({ verb, at }: CompiledStatement, outcome: Outcome, run: Run): void {
  const { trace } = run.context.scope.services;
  if (!trace.on) return;
  const result = outcome === "no" || outcome === "defer" ? outcome : outcome === "error" ? "defer" : "yes";
  trace.emit({ kind: "acl.verb", verb, result, at, ...(run.userMessage === undefined ? {} : { message: run.userMessage }) });
}
