/**
 * Message text with LF line ends to the wire: CRLF, and dots doubled for DATA (RFC 5321 §4.5.2). Pieces may be cut
 * anywhere. Nothing is done per line: string search, some octets at a time, when there is no CR, else one pass to count
 * and one to write.
 */

/** Where in a line the next octet goes: "afterCr" = the last one was CR, so that a CRLF of the text is not doubled. */
export type LinePlace = "start" | "middle" | "afterCr";

export interface Encoded {
  readonly octets: Buffer;
  readonly at: LinePlace;
}

const LF = 10;
const CR = 13;
const DOT = 46;

/** Octets that are made a string at once: strings stay small, which is cheaper than one that is as long as the message. */
const WINDOW = 16 * 1024;

/** `room`, when it is large enough, is written into, and what comes back may be a view of it. */
// oxlint-disable-next-line max-params
export function encodeLines(octets: Buffer, at: LinePlace, stuff: boolean, room?: Buffer): Encoded {
  const length = octets.length;
  if (length === 0) return { octets, at };
  const last = octets[length - 1];
  const next: LinePlace = last === LF ? "start" : last === CR ? "afterCr" : "middle";
  const plain = at === "afterCr" || octets.includes(CR) ? undefined : encodePlain(octets, { at, stuff, room });
  return { octets: plain ?? encodeSlowly(octets, at, stuff), at: next };
}

/** Without any CR, which is the rule. Undefined: more octets than were foreseen, as of very short lines. */
function encodePlain(octets: Buffer, how: { at: LinePlace; stuff: boolean; room: Buffer | undefined }): Buffer | undefined {
  const most = octets.length + (octets.length >> 3) + 64;
  const out = how.room !== undefined && how.room.length >= most ? how.room : Buffer.allocUnsafe(most);
  let to = 0;
  let start = how.at === "start";
  for (let from = 0; from < octets.length; from += WINDOW) {
    const text = octets.toString("latin1", from, from + WINDOW);
    let wire = text.replace(/\n/g, "\r\n");
    if (how.stuff) {
      if (wire.includes("\n.")) wire = wire.replace(/\n\./g, "\n..");
      if (start && wire.charCodeAt(0) === DOT) wire = `.${wire}`;
    }
    if (to + wire.length > out.length) return undefined;
    to += out.write(wire, to, "latin1");
    start = wire.endsWith("\n");
  }
  return out.subarray(0, to);
}

function encodeSlowly(octets: Buffer, at: LinePlace, stuff: boolean): Buffer {
  const extra = countExtra(octets, at, stuff);
  if (extra === 0) return octets;
  const out = Buffer.allocUnsafe(octets.length + extra);
  let to = 0;
  let previous = at === "start" ? LF : at === "afterCr" ? CR : 0;
  for (let from = 0; from < octets.length; from++) {
    const octet = octets[from] as number;
    if (octet === LF) {
      if (previous !== CR) out[to++] = CR;
    } else if (octet === DOT && stuff && previous === LF) out[to++] = DOT;
    out[to++] = octet;
    previous = octet;
  }
  return out;
}

function countExtra(octets: Buffer, at: LinePlace, stuff: boolean): number {
  let extra = 0;
  let previous = at === "start" ? LF : at === "afterCr" ? CR : 0;
  for (let i = 0; i < octets.length; i++) {
    const octet = octets[i] as number;
    if (octet === LF) {
      if (previous !== CR) extra++;
    } else if (octet === DOT && stuff && previous === LF) extra++;
    previous = octet;
  }
  return extra;
}

/** The octets that end the body: a missing line end, then the dot line (DATA only). */
export function encodeEnd(at: LinePlace, stuff: boolean): Buffer {
  const lineEnd = at === "start" ? "" : at === "afterCr" ? "\n" : "\r\n";
  return Buffer.from(stuff ? `${lineEnd}.\r\n` : lineEnd, "latin1");
}
