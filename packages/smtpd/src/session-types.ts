/** How a session is made and driven: the sides of its wire, and the handle that an owner of a socket holds. */
import type { SessionFacts } from "@mailkit/sdk";
import type { CloseReason } from "@mailkit/smtp-core";
import type { Session, SessionKind } from "./session-state.ts";

/** The socket's side, or standard output. */
export interface Wire {
  write(text: string): void;
  /** What was written goes out, then the connection ends. */
  end(): void;
  /** The TLS handshake; facts of the session, or undefined when it failed. What was read in clear is dropped before. */
  startTls?(): Promise<SessionFacts["tls"]>;
  /** The peer speaks faster than the spool takes: stop and go on reading. */
  pause?(): void;
  resume?(): void;
}

export interface SessionOptions {
  readonly kind: SessionKind;
  readonly facts: Partial<SessionFacts>;
  /** Full name of a local caller, for fixups. */
  readonly fullName?: string;
  readonly trusted: boolean;
  /** `-f` and `-oMas` of a local caller. */
  readonly chosenSender?: string | undefined;
  readonly authenticatedSender?: string | undefined;
  readonly protocol?: string | undefined;
  /** Called once, when all is over. */
  readonly closed?: (how: CloseReason, session: Session) => void;
}

export interface SessionHandle {
  readonly session: Session;
  /** Banner and connect ACL. */
  open(): void;
  receive(octets: Buffer): void;
  /** `why`: the error of the connection; undefined when the peer closed it in peace. */
  ended(why?: string): void;
  timedOut(): void;
  /** The server stops; what is under way is refused with 421. */
  stop(): void;
  /** Reading a message, not a command: other log lines and timers apply. */
  readonly inData: boolean;
}
