/** `message` and `log_message` of a statement: when they count, and what they make of what its conditions said. */
import { type Maybe, type Template, chain } from "@mailkit/sdk";
import type { CompiledStatement } from "./compile.ts";
import { type Outcome, type Run, setVariable, writeLog } from "./run.ts";

/** What a statement has said so far: its latest texts, and whether `endpass` was passed. */
export interface StatementState {
  message: Template | undefined;
  logMessage: Template | undefined;
  endpass: boolean;
}

/** For which result of which verb `message` and `log_message` are meant (manual §"ACL verbs", §"ACL modifiers"). */
export function usesTexts(verb: CompiledStatement["verb"], outcome: Outcome, endpass: boolean): boolean {
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
export function applyTexts(run: Run, state: StatementState, outcome: Outcome, verb: string): Maybe<unknown> {
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
