/** `${acl{name}{arg}...}` and the `acl` condition (manual §"acl"): arguments in variables while the ACL runs. */
import { chain, EMPTY, expansionError } from "@mailkit/sdk";
import type { AclAnswer, ExpansionFailure, Maybe, Text } from "@mailkit/sdk";
import type { Environment } from "./environment.ts";
import { afterwards, setItem } from "./environment.ts";
import { taintRefusal } from "./taint.ts";

export interface AclOutcome {
  readonly accepted: boolean;
  /** What `message` said; empty when it did not. */
  readonly message: Text;
}

const ARGUMENTS = ["acl_arg1", "acl_arg2", "acl_arg3", "acl_arg4", "acl_arg5", "acl_arg6", "acl_arg7", "acl_arg8", "acl_arg9"];

export function runAcl(args: readonly Text[], env: Environment): Maybe<AclOutcome | ExpansionFailure> {
  const [name = EMPTY, ...given] = args;
  if (name.tainted) return taintRefusal(`attempt to use tainted ACL text "${name.text}"`, undefined);
  const { frame } = env.scope;
  const names = [...ARGUMENTS, "acl_narg"];
  const saved = names.map((variable) => frame.items.get(variable));
  ARGUMENTS.forEach((variable, i) => frame.items.set(variable, given[i] ?? EMPTY));
  frame.items.set("acl_narg", { text: String(given.length), tainted: false });
  const answer = env.services.acls.run(name.text, given, env.scope);
  const done = afterwards(answer, () => names.forEach((variable, i) => setItem(env.scope, variable, saved[i])));
  const tainted = given.some((arg) => arg.tainted);
  return chain(done, (verdict) => {
    // Exim's text has no room for the reason, so the trace tells it.
    if (env.tracing && verdict.kind === "error") env.services.trace.emit({ kind: "note", area: "acl", text: verdict.message });
    return outcome(name.text, verdict, tainted);
  });
}

function outcome(name: string, answer: AclAnswer, tainted: boolean): AclOutcome | ExpansionFailure {
  switch (answer.kind) {
    case "accept":
    case "deny":
      return { accepted: answer.kind === "accept", message: { text: answer.message ?? "", tainted } };
    case "defer":
      return { kind: "forcedFailure", message: `DEFER from acl "${name}"` };
    case "discard":
    case "drop":
      return expansionError(`${answer.kind.toUpperCase()} from acl "${name}"`);
    case "error":
      return expansionError(`ERROR from acl "${name}"`);
  }
}
