/** Local parts alone as the addresses that they stand for (manual, options qualify_recipient and qualify_domain). */
import type { Qualification } from "@mailkit/rewrite";
import type { Session } from "./session-state.ts";

/** `qualify_domain`, which is the host's name when it is not set: for senders. */
export function qualifyDomain({ deps }: Session): string {
  return deps.settings.text("qualify_domain") ?? deps.settings.text("primary_hostname") ?? "";
}

/** As the client wrote it, qualified; it is rewritten when it is verified, or with the header lines (`prepareHeaders`). */
export function givenSender(session: Session, sender: string): string {
  return sender === "" || sender.includes("@") ? sender : `${sender}@${qualifyDomain(session)}`;
}

export function qualifiedRecipient(session: Session, localPart: string): string {
  return `${localPart}@${recipientDomain(session)}`;
}

function recipientDomain(session: Session): string {
  return session.deps.settings.text("qualify_recipient") ?? qualifyDomain(session);
}

/**
 * What unqualified addresses of header lines get: those of local messages, and of hosts that may send such addresses
 * (manual §"Header lines").
 */
export function headerQualification(session: Session): Qualification {
  if (session.transaction.unqualified) return {};
  const local = session.facts.peer === undefined;
  const { unqualifiedSender, unqualifiedRecipient } = session.machine.settings;
  return {
    ...((local || unqualifiedSender) && { sender: qualifyDomain(session) }),
    ...((local || unqualifiedRecipient) && { recipient: recipientDomain(session) }),
  };
}
