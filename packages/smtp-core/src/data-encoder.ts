/**
 * Message text with LF line ends to the wire: CRLF, and dots doubled for DATA (RFC 5321 §4.5.2). Pieces may be cut
 * anywhere. Nothing is done per line: string search when there is no CR, else one pass to count and one to write.
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

export function encodeLines(octets: Buffer, at: LinePlace, stuff: boolean): Encoded {
  const length = octets.length;
  if (length === 0) return { octets, at };
  const last = octets[length - 1];
  const next: LinePlace = last === LF ? "start" : last === CR ? "afterCr" : "middle";
  if (at !== "afterCr" && !octets.includes(CR)) return { octets: encodePlain(octets, at, stuff), at: next };
  const extra = countExtra(octets, at, stuff);
  if (extra === 0) return { octets, at: next };
  const out = Buffer.allocUnsafe(length + extra);
  let to = 0;
  let previous = at === "start" ? LF : at === "afterCr" ? CR : 0;
  for (let from = 0; from < length; from++) {
    const octet = octets[from] as number;
    if (octet === LF) {
      if (previous !== CR) out[to++] = CR;
    } else if (octet === DOT && stuff && previous === LF) out[to++] = DOT;
    out[to++] = octet;
    previous = octet;
  }
  return { octets: out, at: next };
}

/** Without any CR, which is the rule, the engine's own string search does it. */
function encodePlain(octets: Buffer, at: LinePlace, stuff: boolean): Buffer {
  const text = octets.toString("latin1");
  let wire = text.replace(/\n/g, "\r\n");
  if (stuff) {
    if (wire.includes("\n.")) wire = wire.replace(/\n\./g, "\n..");
    if (at === "start" && wire.charCodeAt(0) === DOT) wire = `.${wire}`;
  }
  return wire.length === text.length ? octets : Buffer.from(wire, "latin1");
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
