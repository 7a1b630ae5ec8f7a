/** The octets of one message on their way out, counted. */
import { octetsOf, type OutgoingMessage } from "@mailkit/sdk";

export interface MessageFeed {
  /** Octets given out so far. */
  readonly written: number;
  /** There is more to come. */
  readonly sending: boolean;
  /** The next piece, and whether it is the last; throws when the spool cannot be read. */
  next(): Promise<{ readonly octets: Buffer; readonly last: boolean }>;
  /** The same, of about `size` octets (BDAT wants few large pieces). */
  chunk(size: number): Promise<{ readonly octets: Buffer; readonly last: boolean }>;
  close(): Promise<void>;
}

const NOTHING: Buffer = Buffer.alloc(0);

export function newMessageFeed(message: OutgoingMessage): MessageFeed {
  const pieces = piecesOf(message);
  // One piece ahead, so that the last one is known to be the last.
  let ahead: Buffer | undefined;
  let written = 0;
  let sending = false;
  const pull = async (): Promise<Buffer | undefined> => {
    const next = await pieces.next();
    return next.done === true ? undefined : next.value;
  };
  const next = async (): Promise<{ octets: Buffer; last: boolean }> => {
    const octets = ahead ?? (await pull()) ?? NOTHING;
    ahead = await pull();
    written += octets.length;
    sending = ahead !== undefined;
    return { octets, last: !sending };
  };
  return {
    get written() {
      return written;
    },
    get sending() {
      return sending;
    },
    next,
    async chunk(size) {
      const parts: Buffer[] = [];
      for (let length = 0; ;) {
        const piece = await next();
        parts.push(piece.octets);
        length += piece.octets.length;
        if (piece.last || length >= size) return { octets: parts.length === 1 ? piece.octets : Buffer.concat(parts), last: piece.last };
      }
    },
    close: async () => void (await pieces.return?.(undefined)),
  };
}

/** A small message is one piece, for one write; large ones are not copied together. */
const ONE_PIECE = 32 * 1024;
const PIECE = 64 * 1024;

async function* piecesOf({ headers, parts, body }: OutgoingMessage): AsyncGenerator<Buffer> {
  const head = parts === "body" ? NOTHING : octetsOf(parts === "headers" ? headers : `${headers}\n`);
  const octets = parts === "headers" ? NOTHING : body.bytes;
  if (octets !== undefined && octets.length <= ONE_PIECE) {
    yield octets.length === 0 ? head : Buffer.concat([head, octets]);
    return;
  }
  if (head.length > 0) yield head;
  if (octets === undefined) yield* body.chunks();
  else for (let at = 0; at < octets.length; at += PIECE) yield octets.subarray(at, at + PIECE);
}
