/** Callouts: what a remote transport asks of a server instead of sending a message. */
import type { HostTarget } from "./host-finder.ts";

/** What the owner of a callout wants of the hosts, one after the other. Times in milliseconds. */
export interface CalloutTalk {
  /** For each reply, and for the connection. */
  readonly timeout: number;
  readonly connectTimeout: number;
  /** Asked before each host but the first: may it go on (`maxwait`)? */
  readonly goOn: () => boolean;
  /** AUTH= of MAIL when the transport has none of its own and the session is authenticated. */
  readonly authenticatedSender?: string;
  /** The session is free. "done": what was said stands; "next": another host is asked; "again": this one, on a new connection. */
  readonly ask: (session: CalloutSession) => Promise<"done" | "next" | "again">;
  /** A host that did not come so far. True: no other host is asked. */
  readonly failed: (host: HostTarget, fault: CalloutFault) => boolean;
  /** The hosts could not be worked out. */
  readonly noHosts: (message: string) => void;
}

export interface CalloutSession {
  readonly host: HostTarget;
  /** MAIL and RCPT; `same` = RCPT alone, for the sender of the question before. */
  probe(question: { readonly sender: string; readonly recipient: string; readonly same?: boolean }): Promise<CalloutAnswer>;
}

export type CalloutAnswer =
  | { readonly kind: "accepted" }
  /** A reply that is not 2xx, to MAIL or RCPT. `open`: the server has not hung up. */
  | { readonly kind: "refused"; readonly at: "MAIL" | "RCPT"; readonly fault: CalloutFault; readonly open: boolean }
  | { readonly kind: "lost"; readonly fault: CalloutFault };

export interface CalloutFault {
  /** In Exim's words: `Connection refused`, `SMTP timeout after RCPT TO:<x>`, ... */
  readonly message: string;
  /** The reply, and what it was to. */
  readonly refusal?: { readonly command: string; readonly code: number; readonly text: string };
}
