/** Who a local caller is to what it submits: `$authenticated_id` and `$authenticated_sender` (manual, options -oMai and -oMas). */
import type { SmtpdDeps } from "./deps.ts";
import type { SessionSeed } from "./session-state.ts";

export interface LocalIdentity {
  readonly id: string;
  readonly sender: string;
}

/** Undefined: no local caller, or one who may speak for others and did (`-f`). A host that is only played has no caller. */
export function localIdentity(deps: SmtpdDeps, { kind, facts, trusted, chosenSender }: SessionSeed): LocalIdentity | undefined {
  const { caller } = facts;
  if (caller === undefined || (kind !== "stdin" && kind !== "batch")) return undefined;
  if (chosenSender !== undefined && (trusted || chosenSender === "")) return undefined;
  return {
    id: caller.login,
    sender: `${caller.login}@${deps.settings.text("qualify_domain") ?? deps.settings.text("primary_hostname") ?? ""}`,
  };
}
