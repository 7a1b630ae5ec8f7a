/** `skip_syntax_errors`: each mistake is logged, and `syntax_errors_to` is told (manual §"Private options for the redirect router"). */
import { chain } from "@mailkit/sdk";
import type { Maybe, OutcomeNotes } from "@mailkit/sdk";
import type { Call } from "./source.ts";

export interface Skipped {
  readonly errors: readonly string[];
  /** The same in the words of the mail. */
  readonly told: readonly string[];
  readonly valid: boolean;
}

export function notesOf({ errors, told, valid }: Skipped, { address, own, host }: Call): Maybe<OutcomeNotes | undefined> {
  if (errors.length === 0) return undefined;
  const log = errors.map((error) => `${address.router} router: skipped error: ${error}`);
  const to = own.syntax_errors_to;
  if (to === undefined || to === "") return { log };
  const head = own.syntax_errors_text === undefined ? "" : host.expand(own.syntax_errors_text);
  return chain(head, (found) => {
    const text = typeof found === "string" ? found : found.kind === "value" ? found.text : "";
    return { log, report: { router: address.router, to, text, errors: told, valid } };
  });
}
