/** Messages as they stand on the wire: CRLF line ends, dots doubled (RFC 1939 §3), counted or made. Pure. */

/** LF (or already CRLF) line ends to CRLF, with a final one. */
export function toWire(octets: Buffer): Buffer {
  const lines = countBareLf(octets, 0);
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

export interface WireCounter {
  /** Pieces may be cut anywhere. */
  push(octets: Buffer): void;
  size(): number;
}

/** The length of what `toWire` would make, counted only. */
export function newWireCounter(): WireCounter {
  let size = 0;
  let last = 10;
  return {
    push(octets) {
      if (octets.length === 0) return;
      size += octets.length + countBareLf(octets, size === 0 ? 0 : last);
      last = octets[octets.length - 1] as number;
    },
    size: () => size + (size > 0 && last !== 10 ? 2 : 0),
  };
}

export function wireSize(octets: Buffer): number {
  const counter = newWireCounter();
  counter.push(octets);
  return counter.size();
}

/** `before` is the octet that came before the first one. */
function countBareLf(octets: Buffer, before: number): number {
  let count = 0;
  for (let lf = octets.indexOf(10); lf >= 0; lf = octets.indexOf(10, lf + 1)) if ((lf === 0 ? before : octets[lf - 1]) !== 13) count++;
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
