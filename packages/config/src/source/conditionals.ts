/**
 * `.ifdef` and its family (manual §"Conditional skips in the configuration file"): a stack of states. The condition is
 * whether any macro was substituted in the line. Knows nothing of lines or files but where each block was opened.
 */
import type { Position } from "@mailkit/sdk";

/** "taken": lines count. "waiting": no branch was true yet. "over": a branch was taken, skip to `.endif`. "outer": inside a skipped block. */
type State = "taken" | "waiting" | "over" | "outer";

export type Directive = "ifdef" | "ifndef" | "elifdef" | "elifndef" | "else" | "endif";

export interface Conditionals {
  /** Lines are to be left out now. */
  skipping(): boolean;
  /** False: the directive has no `.ifdef` to belong to. */
  apply(directive: Directive, substituted: boolean, at: Position): boolean;
  /** Where the blocks that are still open began, innermost last. */
  open(): readonly Position[];
}

export function conditionals(): Conditionals {
  const stack: { state: State; readonly at: Position }[] = [];
  const skipping = (): boolean => stack.length > 0 && stack[stack.length - 1]?.state !== "taken";
  return {
    skipping,
    open: () => stack.map((block) => block.at),
    apply: (directive, substituted, at) => {
      if (directive === "ifdef" || directive === "ifndef") {
        const holds = substituted === (directive === "ifdef");
        stack.push({ state: skipping() ? "outer" : holds ? "taken" : "waiting", at });
        return true;
      }
      const block = stack[stack.length - 1];
      if (block === undefined) return false;
      if (directive === "endif") stack.pop();
      else block.state = nextState(block.state, directive === "else" || substituted === (directive === "elifdef"));
      return true;
    },
  };
}

function nextState(state: State, holds: boolean): State {
  switch (state) {
    case "taken":
      return "over";
    case "waiting":
      return holds ? "taken" : "waiting";
    case "over":
    case "outer":
      return state;
  }
}

const DIRECTIVE = /^\.(ifdef|ifndef|elifdef|elifndef|else|endif)(?![A-Za-z_])/;

export function directiveOf(text: string): Directive | undefined {
  return DIRECTIVE.exec(text)?.[1] as Directive | undefined;
}
