/** What the text of a condition means to authenticators (manual, `server_condition`). */
import type { Expansion } from "@mailkit/sdk";

export type Condition = { readonly kind: "yes" | "no" } | { readonly kind: "defer"; readonly message: string };

/** Yes, no, or a text that is an error message. Forced failure means no, other failures are temporary. */
export function judgeCondition(expansion: Expansion): Condition {
  if (expansion.kind === "forcedFailure") return { kind: "no" };
  if (expansion.kind === "error") return { kind: "defer", message: expansion.message };
  if (isFalse(expansion.text)) return { kind: "no" };
  return /^(?:1|yes|true)$/i.test(expansion.text) ? { kind: "yes" } : { kind: "defer", message: expansion.text };
}

export function isFalse(text: string): boolean {
  return text === "" || text === "0" || /^(?:no|false)$/i.test(text);
}
