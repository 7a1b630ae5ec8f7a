/** What the outcome of a statement means for the ACL, and what the ACL's end means for its caller (manual §"ACL verbs"). */
import type { CompiledStatement } from "./compile.ts";
import { hookName, mayDiscard } from "./hooks.ts";
import { addHeaderText } from "./modifiers/headers.ts";
import { fault, type Outcome, type Run, writeLog } from "./run.ts";
import type { StatementState } from "./texts.ts";
import type { AclAnswerKind, AclEffects, AclVerdict } from "./types.ts";
import { warn } from "./warn.ts";

/** Undefined: on to the next statement. */
export function decide({ verb }: CompiledStatement, outcome: Outcome, run: Run, state: StatementState): AclAnswerKind | undefined {
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

export function verdictOf(run: Run, kind: AclAnswerKind): AclVerdict {
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
