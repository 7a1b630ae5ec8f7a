/** Facts of a session and its message to the envelope that the spool keeps. */
import type { Envelope, Origin, Recipient } from "@mailkit/sdk";
import type { Received } from "./incoming.ts";
import type { Session } from "./session-state.ts";

export function envelopeOf(
  session: Session,
  recipients: readonly Recipient[],
  whole: Extract<Received, { kind: "message" }>,
  now: number,
): Envelope {
  const { deps, facts, message, transaction } = session;
  const variables = [...prefixed("c", facts.aclConnection), ...prefixed("m", message.aclMessage)];
  const { ret, envid } = transaction;
  return {
    id: message.id,
    sender: message.sender ?? "",
    recipients,
    received: now,
    protocol: message.receivedProtocol,
    origin: originOf(session),
    ...(message.eightBit && { eightBit: true }),
    ...(message.smtputf8 && { smtputf8: true }),
    ...((ret !== undefined || envid !== undefined) && {
      dsn: { ...(ret !== undefined && { ret }), ...(envid !== undefined && { envid }) },
    }),
    aclVariables: variables,
    queueName: message.queueName,
    ...(isQueueOnly(session) && { queueOnly: true }),
    bodyLines: whole.facts.bodyLines,
    bodySize: whole.body.size,
    maxReceivedLine: whole.facts.maxLine,
    ...(message.extra.size > 0 && { extra: Object.fromEntries([...message.extra].map(([name, { text }]) => [name, text])) }),
  };

  function isQueueOnly(current: Session): boolean {
    const perConnection = deps.settings.number("smtp_accept_queue_per_connection");
    const atStart = deps.settings.number("smtp_accept_queue");
    return (
      transaction.controls.queueOnly ||
      current.standing.queueOnly ||
      deps.settings.flag("queue_only") ||
      (facts.peer !== undefined && perConnection > 0 && current.accepted >= perConnection) ||
      (facts.peer !== undefined && atStart > 0 && facts.connectionsAtStart > atStart) ||
      overloaded(current)
    );
  }
}

function overloaded({ deps }: Session): boolean {
  const limit = deps.settings.number("queue_only_load");
  return limit > 0 && deps.load() > limit;
}

function prefixed(letter: string, variables: ReadonlyMap<string, { text: string; tainted: boolean }>) {
  return [...variables].map(([name, value]) => [name.startsWith(letter) ? name : letter + name, value] as const);
}

export function originOf({ facts, kind }: Session): Origin {
  const caller = facts.caller;
  return {
    login: caller?.login ?? "",
    uid: caller?.uid ?? 0,
    gid: caller?.gid ?? 0,
    local: facts.peer === undefined,
    ...(facts.peer !== undefined && {
      host: { address: facts.peer.address, port: facts.peer.port, ...(facts.hostNames?.[0] !== undefined && { name: facts.hostNames[0] }) },
    }),
    ...(facts.local !== undefined && { interface: facts.local }),
    ...(facts.helo !== "" && kind !== "batch" && { helo: facts.helo }),
    ...(identOf(facts) !== "" && { ident: identOf(facts) }),
    ...(facts.authenticatedId !== undefined && { authenticatedId: facts.authenticatedId }),
    ...(facts.authenticator !== undefined && { authenticator: facts.authenticator }),
    ...(facts.tls !== undefined && { tls: facts.tls }),
    ...(facts.activeHostname !== "" && { activeHostname: facts.activeHostname }),
  };
}

function identOf(facts: Session["facts"]): string {
  return facts.ident !== "" ? facts.ident : facts.peer === undefined ? (facts.caller?.login ?? "") : "";
}
