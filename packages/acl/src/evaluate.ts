/**
 * Runs an ACL: statements in order, items in order, the seven verbs (manual §"ACL verbs"). The one place where results
 * become a verdict. Synchronous unless an item waits.
 */
import { type Maybe, type Template, EMPTY, chain, clean, isPromise } from "@mailkit/sdk";
import type { AclSet, CompiledAcl, CompiledStatement } from "./compile.ts";
import { hookName, mayDiscard } from "./hooks.ts";
import type { CompiledItem } from "./items.ts";
import { itemFault } from "./legality.ts";
import { addHeaderText } from "./modifiers/headers.ts";
import { fault, newRun, type Outcome, type Run, setVariable, withText, writeLog } from "./run.ts";
import type { AclAnswerKind, AclContext, AclEffects, AclRequest, AclVerdict } from "./types.ts";
import { warn } from "./warn.ts";

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

/** What a statement has said so far: its latest texts, and whether `endpass` was passed. */
interface StatementState {
  message: Template | undefined;
  logMessage: Template | undefined;
  endpass: boolean;
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
  const texts = usesTexts(statement.verb, outcome, state.endpass) ? applyTexts(run, state, outcome, statement.verb) : undefined;
  const conclude = () => {
    setVariable(run, "acl_verify_message", undefined);
    const answer = decide(statement, outcome, run, state);
    traceVerb(statement, outcome, run);
    return answer;
  };
  return isPromise(texts) ? texts.then(conclude) : conclude();
}

function traceVerb({ verb, at }: CompiledStatement, outcome: Outcome, run: Run): void {
  const { trace } = run.context.scope.services;
  if (!trace.on) return;
  const result = outcome === "no" || outcome === "defer" ? outcome : outcome === "error" ? "defer" : "yes";
  trace.emit({ kind: "acl.verb", verb, result, at, ...(run.userMessage === undefined ? {} : { message: run.userMessage }) });
}

/** For which result of which verb `message` and `log_message` are meant (manual §"ACL verbs", §"ACL modifiers"). */
function usesTexts(verb: CompiledStatement["verb"], outcome: Outcome, endpass: boolean): boolean {
  switch (verb) {
    case "accept":
      // Without `endpass` too a text that was passed is that of the denial at the ACL's end.
      return outcome === "no" || (!endpass && (outcome === "yes" || outcome === "discard"));
    case "discard":
      return outcome !== "defer" && outcome !== "error";
    case "require":
      return outcome === "no";
    default:
      return outcome === "yes";
  }
}

/** `message` takes the place of what a condition said, `log_message` goes before it. */
function applyTexts(run: Run, state: StatementState, outcome: Outcome, verb: string): Maybe<unknown> {
  const inner = run.logMessage;
  // What conditions said belongs to refusals; a success says only what its own statement says.
  const isSuccess = verb === "warn" || ((verb === "accept" || verb === "discard") && outcome !== "no");
  return chain(expandText(run, state.message, run.userMessage), (message) => {
    if (message !== undefined) run.userMessage = message;
    else if (isSuccess) run.userMessage = undefined;
    return chain(expandText(run, state.logMessage, inner), (logged) => {
      if (isSuccess) run.logMessage = logged;
      else if (logged !== undefined) run.logMessage = inner === undefined ? logged : `${logged}: ${inner}`;
      else run.logMessage = inner ?? run.userMessage;
    });
  });
}

/** Undefined when there is none, or it is empty or fails: the modifier is ignored. */
function expandText(run: Run, template: Template | undefined, before: string | undefined): Maybe<string | undefined> {
  if (template === undefined) return undefined;
  if (template.constant !== undefined) return template.constant === "" ? undefined : template.constant;
  setVariable(run, "acl_verify_message", before);
  return chain(template.evaluate(run.context.scope), (expansion) => {
    if (expansion.kind === "value") return expansion.text === "" ? undefined : expansion.text;
    if (expansion.kind === "error") {
      const text = `failed to expand ACL message "${template.source}": ${expansion.message}`;
      writeLog(run, { to: ["main", "panic"], text, withHost: false });
    }
    return undefined;
  });
}

function decide({ verb }: CompiledStatement, outcome: Outcome, run: Run, state: StatementState): AclAnswerKind | undefined {
  if (outcome === "error") return "error";
  if (outcome === "defer") return verb === "warn" ? warn(run, "defer") : "defer";
  if (outcome === "discard") return "discard";
  const yes = outcome === "yes";
  switch (verb) {
    case "accept":
      return yes ? "accept" : state.endpass ? denial(run, verb) : undefined;
    case "discard":
      return yes ? "discard" : state.endpass ? denial(run, verb) : undefined;
    case "defer":
      return yes ? (testFail(run, verb) ?? "defer") : undefined;
    case "deny":
      return yes ? denial(run, verb) : undefined;
    case "drop":
      return yes ? (testFail(run, verb) ?? "drop") : undefined;
    case "require":
      return yes ? undefined : denial(run, verb);
    case "warn":
      return yes ? warn(run, "yes", addHeaderText) : undefined;
  }
}

function denial(run: Run, verb: string): AclAnswerKind {
  return testFail(run, verb) ?? (run.dropped ? "drop" : "deny");
}

/** ACLs at the end of a session have nothing to refuse. */
function testFail(run: Run, verb: string): AclAnswerKind | undefined {
  const { hook } = run.context;
  if ((hook !== "quit" && hook !== "notquit") || run.level > 0) return undefined;
  return fault(run, `QUIT or not-QUIT toplevel ACL may not fail ('${verb}' verb used incorrectly)`);
}

function verdictOf(run: Run, kind: AclAnswerKind): AclVerdict {
  const { hook } = run.context;
  let result = kind;
  if (kind === "discard" && !mayDiscard(hook)) {
    writeLog(run, { to: ["main", "panic"], text: `"discard" verb not allowed in ${hookName(hook)} ACL`, withHost: false });
    result = "error";
    run.userMessage = undefined;
  }
  return {
    kind: result,
    message: result === "error" && hook !== "quit" ? undefined : run.userMessage,
    logMessage: run.logMessage,
    effects: effectsOf(run),
    at: run.decidedAt,
    senderFailure: result === "accept" || result === "discard" ? undefined : run.senderFailure,
    logTargets: run.logTargets,
  };
}

const NO_EFFECTS: AclEffects = { headersAdd: [], headersRemove: [], controls: [], queueName: undefined };

function effectsOf(run: Run): AclEffects {
  if (run.headersAdd === undefined && run.headersRemove === undefined && run.controls === undefined && run.queueName === undefined) {
    return NO_EFFECTS;
  }
  return {
    headersAdd: run.headersAdd ?? [],
    headersRemove: run.headersRemove ?? [],
    controls: run.controls ?? [],
    queueName: run.queueName,
  };
}

/** The condition `acl = name args`: name and arguments are split before they are expanded (manual §"ACL conditions"). */
export function nestedCondition(name: Template, args: readonly Template[]): (run: Run) => Maybe<Outcome> {
  return (run) =>
    withText(run, name, (acl) => {
      const texts: { text: string; tainted: boolean }[] = [];
      const collect = (from: number): Maybe<Outcome> => {
        if (from === args.length) return runCondition(run, acl, texts);
        return withText(run, args[from] as Template, (text, isTainted) => {
          texts.push({ text, tainted: isTainted });
          return collect(from + 1);
        });
      };
      return collect(0);
    });
}

function runCondition(run: Run, acl: string, args: readonly { text: string; tainted: boolean }[]): Maybe<Outcome> {
  const { verb, decidedAt } = run;
  run.level++;
  return chain(runNested(run, { acl, args }), (kind): Outcome => {
    run.level--;
    run.verb = verb;
    run.decidedAt = decidedAt;
    run.detail = `${acl}: ${kind}`;
    run.dropped = kind === "drop";
    if (kind === "accept") return "yes";
    if (kind === "deny" || kind === "drop") return "no";
    if (kind !== "discard" || verb === "accept" || verb === "discard") return kind;
    return fault(run, `nested ACL returned "discard" for "${verb}" command (only allowed with "accept" or "discard")`);
  });
}
