import { crc32 } from "node:zlib";
import {
  FLAG,
  FORMAT_VERSION,
  isZero,
  numberOfSegment,
  readRecordHeader,
  readSegmentHeader,
  RECORD,
  RECORD_HEADER,
  RECORD_MAGIC,
  SEGMENT_HEADER,
  type RecordHeader,
  type SegmentKey,
} from "./format.ts";

/**
 * Reads the octets of one segment: every sound record in order, and the stretches that are not. Never throws, whatever
 * the octets are. A stretch with sound records behind it is corruption; one at the end is a write that never finished.
 */
export interface ScannedRecord {
  readonly type: number;
  readonly externalBody: boolean;
  readonly last: boolean;
  readonly offset: number;
  /** With its header. */
  readonly size: number;
  readonly payload: Buffer;
}

export type ScanItem =
  | ({ readonly kind: "record" } & ScannedRecord)
  /** `payload` is there when the header was sound, so that the content may be saved in part. */
  | { readonly kind: "corrupt"; readonly offset: number; readonly end: number; readonly payload?: Buffer; readonly type?: number }
  | { readonly kind: "tornTail"; readonly offset: number; readonly end: number; readonly payload?: Buffer; readonly type?: number }
  | { readonly kind: "version"; readonly version: number };

export function scanSegment(octets: Buffer, segment: number): ScanItem[] {
  const header = readSegmentHeader(octets);
  if (header.kind === "version") return [{ kind: "version", version: header.version }];
  if (header.kind === "empty" && octets.indexOf(RECORD_MAGIC) < 0) return [];
  // The file of an older segment, given a new name to be used again, and not begun: no record of this one is acknowledged before its header is durable.
  if (header.kind === "ok" && header.key.segment < segment) return [];
  if (header.kind !== "ok" || header.key.segment !== segment) return [{ kind: "corrupt", offset: 0, end: octets.length }];
  return scanFrom(octets, SEGMENT_HEADER, header.key);
}

/** The items from a place on where a record may begin. */
export function scanFrom(octets: Buffer, from: number, key: SegmentKey): ScanItem[] {
  const items: ScanItem[] = [];
  for (let at = from; at >= 0 && at < octets.length;) at = scanAt(octets, at, key, items);
  return items;
}

/** Looks at one place; the answer is the next one, -1 at the end. */
function scanAt(octets: Buffer, at: number, key: SegmentKey, items: ScanItem[]): number {
  const record = readRecordHeader(octets, at, key);
  if (record === undefined) {
    const found = nextRecord(octets, at + 1, key);
    if (found >= 0) items.push({ kind: "corrupt", offset: at, end: found });
    else if (!isZero(octets, at, at + RECORD_HEADER)) items.push({ kind: "tornTail", offset: at, end: octets.length });
    return found;
  }
  if (record.version !== FORMAT_VERSION) {
    items.push({ kind: "version", version: record.version });
    return -1;
  }
  const end = at + RECORD_HEADER + record.length;
  const payload = octets.subarray(at + RECORD_HEADER, Math.min(end, octets.length));
  if (end <= octets.length && crc32(payload) === record.crc) {
    items.push(soundRecord(record, at, payload));
    return end;
  }
  const trusted = end <= octets.length && readRecordHeader(octets, end, key) !== undefined;
  const found = trusted ? end : nextRecord(octets, at + 1, key);
  const stop = found < 0 ? Math.min(end, octets.length) : found;
  items.push({ kind: found < 0 ? "tornTail" : "corrupt", offset: at, end: stop, payload, type: record.type });
  return found;
}

/** The record at `offset` whose content was found sound. */
export function soundRecord({ type, flags }: RecordHeader, offset: number, payload: Buffer): ScannedRecord & { readonly kind: "record" } {
  return {
    kind: "record",
    type,
    externalBody: (flags & FLAG.externalBody) !== 0,
    last: (flags & FLAG.last) !== 0 && type === RECORD.progress,
    offset,
    size: RECORD_HEADER + payload.length,
    payload,
  };
}

/** The next place where a sound header of this segment stands, -1 when there is none. */
function nextRecord(octets: Buffer, from: number, key: SegmentKey): number {
  for (let at = octets.indexOf(RECORD_MAGIC, from); at >= 0; at = octets.indexOf(RECORD_MAGIC, at + 1)) {
    if (readRecordHeader(octets, at, key) !== undefined) return at;
  }
  return -1;
}

/** Numbers of the segments in a directory, oldest first. */
export function segmentNumbers(names: readonly string[]): number[] {
  return names
    .map(numberOfSegment)
    .filter((number) => number !== undefined)
    .sort((a, b) => a - b);
}
