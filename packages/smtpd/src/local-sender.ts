/**
 * Whom a local process may send as: a trusted caller anybody, others themselves, the null sender, and whom
 * `untrusted_set_sender` allows. ACLs see the sender as given; the message gets the one that holds. Manual §"Trusted users",
 * §"untrusted_set_sender".
 */
import { chain, type AddressList, type Maybe } from "@mailkit/sdk";
import { qualifyDomain } from "./qualify.ts";
import { scopeOf, type Session } from "./session-state.ts";

/** The caller's own address, before rewriting. */
export function callerAddress(session: Session): string {
  return `${session.facts.caller?.login ?? ""}@${qualifyDomain(session)}`;
}

export function maySetSender(session: Session, address: string): Maybe<boolean> {
  if (session.trusted || address === "") return true;
  return listed(session, address);
}

/** `untrusted_set_sender`. */
function listed(session: Session, address: string): Maybe<boolean> {
  const list = session.deps.settings.list("untrusted_set_sender") as AddressList | undefined;
  if (list === undefined) return false;
  return chain(list.match(address, scopeOf(session)), (result) => result.kind === "yes");
}

/** Kept with the message, so that the queue shows the login beside a sender that it chose. */
export function noteChosenSender({ trusted, message }: Session): void {
  if (!trusted) message.extra.set("sender_set_untrusted", { text: "1", tainted: false });
}

/** The sender of a message that came by SMTP on standard input, before its header is worked on. */
export function settleSender(session: Session): Maybe<void> {
  const { facts, message, trusted, kind } = session;
  const { sender } = message;
  if (trusted || facts.peer !== undefined || facts.caller === undefined || kind === "hostCheck" || sender === undefined) return undefined;
  // `MAIL FROM:<>` is ignored like other senders; `-f <>` is not.
  return chain(listed(session, sender), (may): Maybe<void> => {
    if (may) {
      noteChosenSender(session);
      return undefined;
    }
    return chain(session.deps.rewrite.sender(callerAddress(session), scopeOf(session)), (own) => {
      message.sender = own;
    });
  });
}
