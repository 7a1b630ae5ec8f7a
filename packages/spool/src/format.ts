import { crc32 } from "node:zlib";

/**
 * The octets of a segment. All numbers are little endian.
 *
 * Segment header, 32 octets, twice: magic "mkspool\n", version u32, segment number u32, created u64 (ms), nonce u32, crc32
 * of these 28 u32. Record header, 24 octets: magic "MKR1", version u8, type u8, flags u16, payload length u32, crc32 of
 * the payload u32, segment number u32, crc32 of these 20, begun from the nonce, u32. Then the payload. Behind the last
 * record stand 24 zero octets. Number and nonce tell records of this segment from older ones of a file that is used
 * again, and from what a sender might write into a body to look like a record.
 */
export const FORMAT_VERSION = 1;
const HEADER_COPY = 32;
export const SEGMENT_HEADER = 2 * HEADER_COPY;
export const RECORD_HEADER = 24;
export const SEGMENT_MAGIC = Buffer.from("mkspool\n", "latin1");
export const RECORD_MAGIC = Buffer.from("MKR1", "latin1");
const RECORD_MAGIC_NUMBER = RECORD_MAGIC.readUInt32LE(0);

export const RECORD = { message: 1, progress: 2 } as const;
export type RecordType = (typeof RECORD)[keyof typeof RECORD];

export const FLAG = {
  /** The body is in a file of its own. */
  externalBody: 1,
  /** Nothing more comes for this message. */
  last: 2,
} as const;

/** What ties a record to its segment. */
export interface SegmentKey {
  readonly segment: number;
  readonly nonce: number;
}

export function segmentHeader(key: SegmentKey, created: number): Buffer {
  const header = Buffer.alloc(SEGMENT_HEADER + RECORD_HEADER);
  SEGMENT_MAGIC.copy(header);
  header.writeUInt32LE(FORMAT_VERSION, 8);
  header.writeUInt32LE(key.segment, 12);
  header.writeBigUInt64LE(BigInt(Math.floor(created)), 16);
  header.writeUInt32LE(key.nonce, 24);
  header.writeUInt32LE(crc32(header.subarray(0, 28)), 28);
  header.copy(header, HEADER_COPY, 0, HEADER_COPY);
  return header;
}

export type SegmentHeader =
  | { readonly kind: "ok"; readonly key: SegmentKey; readonly created: number }
  | { readonly kind: "empty" }
  | { readonly kind: "version"; readonly version: number }
  | { readonly kind: "corrupt" };

export function readSegmentHeader(octets: Buffer): SegmentHeader {
  if (isZero(octets, 0, SEGMENT_HEADER)) return { kind: "empty" };
  for (const at of [0, HEADER_COPY]) {
    if (octets.length < at + HEADER_COPY || !octets.subarray(at, at + 8).equals(SEGMENT_MAGIC)) continue;
    if (crc32(octets.subarray(at, at + 28)) !== octets.readUInt32LE(at + 28)) continue;
    const version = octets.readUInt32LE(at + 8);
    if (version !== FORMAT_VERSION) return { kind: "version", version };
    const key = { segment: octets.readUInt32LE(at + 12), nonce: octets.readUInt32LE(at + 24) };
    return { kind: "ok", key, created: Number(octets.readBigUInt64LE(at + 16)) };
  }
  return { kind: "corrupt" };
}

/** All of a record header but the segment number and its own crc, which are known when the batch is written. */
// oxlint-disable-next-line max-params
export function openRecord(buffer: Buffer, at: number, type: RecordType, flags: number, length: number): void {
  buffer.writeUInt32LE(RECORD_MAGIC_NUMBER, at);
  buffer[at + 4] = FORMAT_VERSION;
  buffer[at + 5] = type;
  buffer.writeUInt16LE(flags, at + 6);
  buffer.writeUInt32LE(length, at + 8);
  const payload = at + RECORD_HEADER;
  buffer.writeUInt32LE(crc32(buffer.subarray(payload, payload + length)), at + 12);
}

export function stampRecord(buffer: Buffer, at: number, key: SegmentKey): void {
  buffer.writeUInt32LE(key.segment, at + 16);
  buffer.writeUInt32LE(shortCrc(buffer, at, at + 20, key.nonce), at + 20);
}

export interface RecordHeader {
  readonly version: number;
  readonly type: number;
  readonly flags: number;
  readonly length: number;
  readonly crc: number;
}

/** Undefined when no sound record header of this segment stands at that place. */
export function readRecordHeader(octets: Buffer, at: number, key: SegmentKey): RecordHeader | undefined {
  if (at + RECORD_HEADER > octets.length || octets.readUInt32LE(at) !== RECORD_MAGIC_NUMBER) return undefined;
  if (octets.readUInt32LE(at + 16) !== key.segment) return undefined;
  if (shortCrc(octets, at, at + 20, key.nonce) !== octets.readUInt32LE(at + 20)) return undefined;
  return {
    version: octets[at + 4] as number,
    type: octets[at + 5] as number,
    flags: octets.readUInt16LE(at + 6),
    length: octets.readUInt32LE(at + 8),
    crc: octets.readUInt32LE(at + 12),
  };
}

const CRC_TABLE = Int32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let bit = 0; bit < 8; bit++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
  return c;
});

/** The same as `crc32` of zlib; for a few octets the table is cheaper than the call with a view of them. */
// oxlint-disable-next-line max-params
export function shortCrc(octets: Buffer, from: number, to: number, begin: number): number {
  let crc = ~begin;
  for (let at = from; at < to; at++) crc = (CRC_TABLE[(crc ^ (octets[at] as number)) & 0xff] as number) ^ (crc >>> 8);
  return ~crc >>> 0;
}

export function isZero(octets: Buffer, from: number, to: number): boolean {
  for (let at = from; at < Math.min(to, octets.length); at++) if (octets[at] !== 0) return false;
  return true;
}

const SEGMENT_NAME = /^(\d{12})\.seg$/;

export function segmentName(segment: number): string {
  return `${String(segment).padStart(12, "0")}.seg`;
}

export function numberOfSegment(name: string): number | undefined {
  const match = SEGMENT_NAME.exec(name);
  return match === null ? undefined : Number(match[1]);
}
