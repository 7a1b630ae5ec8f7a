/**
 * `system_filter`: reads it, runs it over a message of the spool, and makes of its deliveries what routing takes in
 * beside the recipients. Manual chapter "System-wide message filtering".
 */
import type { DeliveryDeps, SystemFiltered } from "@mailkit/delivery";
import { makeChildren, runEximFilter, splitFailText } from "@mailkit/filters";
import type { EximRun } from "@mailkit/filters";
import { addHeader, removeHeaders } from "@mailkit/message";
import type { MessageFacts, Scope, StoredMessage } from "@mailkit/sdk";
import { isFault, trimSpace } from "@mailkit/sdk";
import type { Engine } from "./engine.ts";
import { filteredRecipients } from "./filtered-recipients.ts";
import { writeFilterLog } from "./filters.ts";

/** `flush`: lines that wait for the log go before those that the filter writes there. */
export function makeSystemFilter(engine: Engine, flush: () => void): NonNullable<DeliveryDeps["systemFilter"]> {
  return async (message, attempt) => {
    const facts = engine.scopes.factsOf(message);
    const scope = engine.scopes.forMessage(message, { queueRunning: attempt.cause === "queueRun" }, facts);
    const text = await filterText(engine, scope);
    if (text === undefined) return undefined;
    if (typeof text !== "string") return { ...NOTHING, end: { kind: "error", message: text.fault } };
    const before = facts.headers;
    const run = await runEximFilter(requestFor(engine, { message, facts, scope, text, flush }));
    return {
      end: endOf(run),
      delivered: run.delivered && run.end.kind === "done",
      recipients: await filteredRecipients(engine, makeChildren(run.actions, ""), scope, message),
      headers: facts.headers === before ? undefined : facts.headers,
      numbers: run.numbers,
    };
  };
}

const NOTHING = { delivered: false, recipients: undefined, headers: undefined, numbers: [] };

/** Undefined = no filter (`fail` in the expansion of its name). */
async function filterText(engine: Engine, scope: Scope): Promise<string | { readonly fault: string } | undefined> {
  const name = await engine.config.main.template("system_filter")?.evaluate(scope);
  if (name === undefined || name.kind === "forcedFailure") return undefined;
  if (name.kind === "error") return { fault: `failed to expand system_filter: ${name.message}` };
  if (!name.text.startsWith("/")) return { fault: `"${name.text}" is not an absolute path` };
  const content = await scope.services.files.read(name.text);
  return typeof content === "string" || !isFault(content)
    ? (content as string)
    : { fault: `failed to open ${name.text}: ${content.message}` };
}

interface About {
  readonly message: StoredMessage;
  readonly facts: MessageFacts;
  readonly scope: Scope;
  readonly text: string;
  readonly flush: () => void;
}

function requestFor(engine: Engine, { message, facts, scope, text, flush }: About): Parameters<typeof runEximFilter>[0] {
  const { state } = message;
  return {
    text,
    system: true,
    scope,
    forbid: new Set(),
    qualifyDomain: engine.config.main.text("qualify_domain") ?? engine.machine.hostname,
    ownAddresses: [],
    purpose: "deliver",
    firstDelivery: state.first,
    manuallyThawed: state.manuallyThawed,
    writeLog: (entry) => {
      flush();
      return writeFilterLog(entry);
    },
    changeHeaders: (change, given) => {
      facts.headers = changed(facts.headers ?? [], change, given);
    },
  };
}

export function changed(headers: NonNullable<MessageFacts["headers"]>, change: "add" | "remove", text: string): MessageFacts["headers"] {
  if (change === "add") return addHeader(headers, text.endsWith("\n") ? text : `${text}\n`);
  return text.split(":").reduce((left, name) => removeHeaders(left, trimSpace(name)), [...headers]);
}

function endOf({ end }: EximRun): SystemFiltered["end"] {
  switch (end.kind) {
    case "fail":
      return { kind: "fail", ...splitFailText(end.text) };
    case "freeze":
    case "defer":
      return { kind: end.kind, text: end.text };
    default:
      return end;
  }
}
