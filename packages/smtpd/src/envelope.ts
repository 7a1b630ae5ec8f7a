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
  const { facts, message, transaction } = session;
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
    ...(queueing(session).queued && { queueOnly: true }),
    ...(session.deps.dontDeliver === true && { dontDeliver: true }),
    bodyLines: whole.facts.bodyLines,
    bodySize: whole.body.size,
    maxReceivedLine: whole.facts.maxLine,
    ...extraOf(session),
  };
}

/** Variables that conditions left behind, and what Exim's files say of a local caller. */
function extraOf({ facts, message }: Session): Pick<Envelope, "extra"> {
  const extra = Object.fromEntries([...message.extra].map(([name, { text }]) => [name, text]));
  if (facts.peer === undefined) Object.assign(extra, { allow_unqualified_recipient: "1", allow_unqualified_sender: "1" });
  return Object.keys(extra).length === 0 ? {} : { extra };
}

/** Is the message left for a queue run, and what does the log say of it (selector `delay_delivery`)? */
export function queueing(session: Session): { readonly queued: boolean; readonly why?: string } {
  const { deps, facts, transaction, standing, accepted } = session;
  const { settings } = deps;
  if (standing.queueOnly) return { queued: true };
  if (transaction.controls.queueOnly) return { queued: true, why: "queued by ACL" };
  const perConnection = settings.number("smtp_accept_queue_per_connection");
  if (perConnection > 0 && accepted >= perConnection)
    return { queued: true, why: `more than ${perConnection} messages received in one connection` };
  const atStart = settings.number("smtp_accept_queue");
  if (deps.held() || (facts.peer !== undefined && atStart > 0 && facts.connectionsAtStart > atStart)) return { queued: true };
  const limit = settings.number("queue_only_load");
  const load = limit > 0 ? deps.load() : 0;
  return load > limit ? { queued: true, why: `load average ${load.toFixed(2)}` } : { queued: false };
}

function prefixed(letter: string, variables: ReadonlyMap<string, { text: string; tainted: boolean }>) {
  return [...variables].map(([name, value]) => [name.startsWith(letter) ? name : letter + name, value] as const);
}

export function originOf({ facts, kind, message, deps }: Session): Origin {
  const caller = facts.caller;
  const ownHostname = facts.activeHostname === "" || facts.activeHostname === deps.settings.text("primary_hostname");
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
    ...(message.authenticatedSender !== "" && { authenticatedSender: message.authenticatedSender }),
    ...(!ownHostname && { activeHostname: facts.activeHostname }),
  };
}

function identOf(facts: Session["facts"]): string {
  return facts.ident !== "" ? facts.ident : facts.peer === undefined ? (facts.caller?.login ?? "") : "";
}
