import type { Pop3Message } from "./machine.ts";

/** Where `appendfile` puts a user's mail. */
export interface MailboxLocation {
  readonly kind: "maildir" | "mbox";
  readonly path: string;
}

/** A mailbox as one session sees it: fixed at login, changed at QUIT only. */
export interface Mailbox {
  readonly messages: readonly Pop3Message[];
  /** The message in wire form, CRLF line ends, not stuffed; `lines` body lines at most. */
  read(index: number, lines: number | undefined): Promise<Buffer>;
  /** Removes `deleted`, marks `retrieved` as seen; returns how many could not be removed. */
  update(deleted: readonly number[], retrieved: readonly number[]): Promise<number>;
  /** Gives the lock back; after this nothing may be called. */
  release(): Promise<void>;
}

export type MailboxOpened =
  | { readonly ok: true; readonly mailbox: Mailbox }
  | { readonly ok: false; readonly code: "IN-USE" | "SYS/TEMP"; readonly text: string; /** For the log only. */ readonly reason?: string };
