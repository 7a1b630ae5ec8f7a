/** An ACL as a condition of another one. */
import { type Maybe, type Template, chain } from "@mailkit/sdk";
import { runNested } from "./evaluate.ts";
import { fault, type Outcome, type Run, withText } from "./run.ts";

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
