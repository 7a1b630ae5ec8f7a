/** The command `deliver` (filter manual §"The deliver command"; manual §"Setting an errors address in a system filter"). */
import { chain, equalCaseless } from "@mailkit/sdk";
import type { Maybe } from "@mailkit/sdk";
import { parseMailbox, qualify } from "@mailkit/message";
import type { Command } from "./ast.ts";
import type { Step } from "./evaluate.ts";
import { expandIn } from "./filter-scope.ts";
import type { Run } from "./run.ts";

export function applyDeliver({ to, errorsTo, seen, noError }: Extract<Command, { kind: "deliver" }>, run: Run): Maybe<Step> {
  return chain(addressOf(to, run), (address) => {
    if ("error" in address) return { kind: "error", message: address.error };
    if (errorsTo === undefined) {
      run.actions.push({ kind: "deliver", address: address.text, errorsTo: undefined, seen, noError });
      return undefined;
    }
    return chain(addressOf(errorsTo, run), (errors): Step => {
      if ("error" in errors) return { kind: "error", message: errors.error };
      if (!run.request.system && !equalCaseless(errors.text, run.request.ownAddresses[0] ?? "")) {
        return { kind: "error", message: "errors_to must point to the caller's address" };
      }
      run.actions.push({ kind: "deliver", address: address.text, errorsTo: errors.text, seen, noError });
      return undefined;
    });
  });
}

function addressOf(
  template: Extract<Command, { kind: "deliver" }>["to"],
  run: Run,
): Maybe<{ readonly text: string } | { readonly error: string }> {
  return chain(expandIn(run.scope, template, "deliver command"), (value) => {
    if ("error" in value) return value;
    const mailbox = parseMailbox(value.text);
    if (!mailbox.ok) return { error: `malformed address "${value.text}" in filter file: ${mailbox.message}` };
    return { text: qualify(mailbox.address, run.qualifyDomain) };
  });
}
