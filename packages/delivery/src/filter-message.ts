/**
 * The system filter, at the start of an attempt: what it does to the header, to the recipients of the message, and what
 * it adds to them. Manual chapter "System-wide message filtering".
 */
import type { Scope, StoredMessage } from "@mailkit/sdk";
import { printable } from "@mailkit/sdk";
import type { RouteRedirected } from "@mailkit/routers";
import type { DeliveryDeps } from "./deps.ts";
import { writeLine } from "./log-verdicts.ts";
import type { DeliveryContext, SystemFiltered } from "./types.ts";

/** What becomes of the recipients that the message came with. */
export type RecipientsFate =
  | { readonly kind: "route" | "ignore" }
  | { readonly kind: "fail" | "defer"; readonly text: string }
  | { readonly kind: "freeze"; readonly text: string };

export interface FilteredMessage {
  readonly context: DeliveryContext;
  readonly scope: Scope;
  readonly fate: RecipientsFate;
  readonly recipients: RouteRedirected | undefined;
  /** The header was changed: it is stored with the message when that stays. */
  readonly changed: boolean;
}

export async function filterMessage(context: DeliveryContext, deps: DeliveryDeps): Promise<FilteredMessage> {
  const { message, options } = context;
  const found = options.giveUp === undefined ? await deps.systemFilter?.(message, options) : undefined;
  if (found === undefined) {
    const scope = deps.scopeFor(message, options);
    return { context, scope, fate: { kind: "route" }, recipients: undefined, changed: false };
  }
  const filtered = found.headers === undefined ? context : { ...context, message: withHeaders(message, found.headers) };
  return {
    context: filtered,
    scope: deps.scopeFor(filtered.message, options, found.numbers),
    fate: fateOf(found, context, deps),
    recipients: found.recipients,
    changed: found.headers !== undefined,
  };
}

function withHeaders(message: StoredMessage, headers: StoredMessage["headers"]): StoredMessage {
  return { envelope: message.envelope, headers, body: message.body, state: message.state };
}

function fateOf({ end, delivered }: SystemFiltered, context: DeliveryContext, deps: DeliveryDeps): RecipientsFate {
  const colon = (text: string): string => (text === "" ? "" : `: ${printable(text)}`);
  switch (end.kind) {
    case "done":
      if (delivered) writeLine(context, "original recipients ignored (system filter)", deps);
      return { kind: delivered ? "ignore" : "route" };
    case "fail":
      writeLine(context, `cancelled by system filter${colon(end.log).replaceAll("\\t", "\t")}`, deps);
      return { kind: "fail", text: end.user };
    case "defer":
      writeLine(context, "Delivery deferred by system filter", deps);
      return { kind: "defer", text: end.text };
    case "freeze":
      // What an admin let go is not held up again.
      return context.message.state.manuallyThawed ? { kind: "route" } : { kind: "freeze", text: `by the system filter${colon(end.text)}` };
    case "error": {
      const line = `Error in system filter: ${printable(end.message)}`;
      deps.log.panic(context.envelope.id, line);
      deps.log.message(context.envelope.id, line);
      return { kind: "defer", text: end.message };
    }
    default:
      return end satisfies never;
  }
}
