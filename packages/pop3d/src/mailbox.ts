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

/** LF (or already CRLF) line ends to CRLF, with a final one. */
export function toWire(octets: Buffer): Buffer {
  const lines = countBareLf(octets);
  const needsEnd = octets.length > 0 && octets[octets.length - 1] !== 10;
  if (lines === 0 && !needsEnd) return octets;
  const out = Buffer.allocUnsafe(octets.length + lines + (needsEnd ? 2 : 0));
  let to = 0;
  let from = 0;
  for (let lf = octets.indexOf(10); lf >= 0; lf = octets.indexOf(10, from)) {
    const bare = lf === 0 || octets[lf - 1] !== 13;
    to += octets.copy(out, to, from, bare ? lf : lf - 1);
    out[to++] = 13;
    out[to++] = 10;
    from = lf + 1;
  }
  to += octets.copy(out, to, from);
  if (needsEnd) {
    out[to++] = 13;
    out[to++] = 10;
  }
  return out.subarray(0, to);
}

/** What `toWire` would make of it, counted only. */
export function wireSize(octets: Buffer): number {
  return octets.length + countBareLf(octets) + (octets.length > 0 && octets[octets.length - 1] !== 10 ? 2 : 0);
}

function countBareLf(octets: Buffer): number {
  let count = 0;
  for (let lf = octets.indexOf(10); lf >= 0; lf = octets.indexOf(10, lf + 1)) if (lf === 0 || octets[lf - 1] !== 13) count++;
  return count;
}

/** Header, empty line and the first `lines` lines of the body (RFC 1939 §7, TOP). */
export function topOf(wire: Buffer, lines: number): Buffer {
  const gap = wire.indexOf("\r\n\r\n");
  if (gap < 0) return wire;
  let end = gap + 4;
  for (let i = 0; i < lines; i++) {
    const next = wire.indexOf("\r\n", end);
    if (next < 0) return wire;
    end = next + 2;
  }
  return wire.subarray(0, end);
}

/** Dots at line starts doubled, and the final dot (RFC 1939 §3). */
export function stuffed(wire: Buffer): Buffer {
  const parts: Buffer[] = [];
  let from = 0;
  if (wire[0] === 46) parts.push(DOT);
  for (let at = wire.indexOf("\r\n."); at >= 0; at = wire.indexOf("\r\n.", at + 2)) {
    parts.push(wire.subarray(from, at + 2), DOT);
    from = at + 2;
  }
  parts.push(wire.subarray(from), END);
  return Buffer.concat(parts);
}

const DOT = Buffer.from(".");
const END = Buffer.from(".\r\n");
