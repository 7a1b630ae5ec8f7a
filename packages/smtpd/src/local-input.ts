/** A message on standard input, octets to header and body: the `From ` line in front, the dot that may end it. */
import { newIncoming, type Received } from "./incoming.ts";
import type { Session } from "./session-state.ts";

export interface LocalInput {
  readonly input: AsyncIterable<Uint8Array>;
  /** A line with a dot alone ends the message: neither `-i` nor `-oi`. */
  readonly dotEnds: boolean;
}

export type Kept = Exclude<Received, { kind: "unstored" }>;

export interface ReadMessage {
  readonly received: Kept;
  /** The sender of the `From ` line. */
  readonly fromLine: string | undefined;
}

/** A spool that cannot take it is the caller's to tell: rejects. */
export async function readMessage(session: Session, request: LocalInput): Promise<ReadMessage> {
  const incoming = newIncoming(session, request.dotEnds ? "end" : "plain");
  let first: Buffer | undefined = Buffer.alloc(0);
  let fromLine: string | undefined;
  for await (const chunk of request.input) {
    let octets: Buffer = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    if (first !== undefined) {
      first = Buffer.concat([first, octets]);
      const end = first.indexOf(10);
      if (end < 0 && first.length < MAX_FROM_LINE) continue;
      const cut = cutFromLine(first);
      fromLine = cut.sender;
      octets = cut.rest;
      first = undefined;
    }
    await incoming.feed(octets);
    if (incoming.reader.ended) break;
  }
  if (first !== undefined) await incoming.feed(cutFromLine(first).rest);
  const received = await incoming.finish();
  if (received.kind === "unstored") throw received.error;
  return { received, fromLine };
}

const MAX_FROM_LINE = 1024;

/** `From sender date` of mailbox files and UUCP before the header (manual §"uucp_from_pattern"). */
function cutFromLine(octets: Buffer): { sender: string | undefined; rest: Buffer } {
  const end = octets.indexOf(10);
  const line = end < 0 ? "" : octets.toString("latin1", 0, Math.min(end, MAX_FROM_LINE));
  const match = /^>?From\s+(\S+)\s+(?:[a-zA-Z]{3},?\s)?(?:[a-zA-Z]{3}\s+\d?\d|\d?\d\s+[a-zA-Z]{3}\s+\d\d(?:\d\d)?)\s+\d\d?:\d\d?/.exec(
    line,
  );
  return match === null ? { sender: undefined, rest: octets } : { sender: match[1], rest: octets.subarray(end + 1) };
}
