import { crc32 } from "node:zlib";
import type { SpoolFiles } from "./files.ts";
import {
  FORMAT_VERSION,
  isZero,
  readRecordHeader,
  readSegmentHeader,
  RECORD_HEADER,
  RECORD_MAGIC,
  SEGMENT_HEADER,
  type SegmentKey,
} from "./format.ts";
import { scanFrom, scanSegment, soundRecord, type ScanItem, type ScannedRecord } from "./segment-scan.ts";

/**
 * The items of a segment, read through a window that is used again and again: a start with a long queue touches little
 * memory. At the first place that is not sound the file is read as a whole and judged by `scanSegment`'s rules.
 */
export type TakeItem = (item: ScanItem, octets: Buffer) => void;

const WINDOW = 512 * 1024;
/** Read at once where the next record is somewhere else. */
const JUMP = 8 * 1024;

/** Gives the size of the file. The octets of an item hold until the call returns. */
export function streamSegment(files: SpoolFiles, path: string, segment: number, take: TakeItem): number {
  const fd = files.open(path, "r");
  try {
    const size = files.size(path);
    const window = new Window(files, fd, size);
    const header = readSegmentHeader(window.at(0, SEGMENT_HEADER));
    if (header.kind !== "ok" || header.key.segment !== segment) {
      const whole = files.readFile(path);
      for (const item of scanSegment(whole, segment)) take(item, whole);
      return size;
    }
    const end = takeSound(window, header.key, (item) => take(item, window.octets));
    if (!restIsEmpty(window, end, header.key)) {
      const whole = files.readFile(path);
      for (const item of scanFrom(whole, end, header.key)) take(item, whole);
    }
    return size;
  } finally {
    files.close(fd);
  }
}

/** Sound records from the first on; the answer is the place where there is none. */
function takeSound(window: Window, key: SegmentKey, take: (item: ScanItem) => void): number {
  for (let at = SEGMENT_HEADER; ;) {
    const record = readSound(window, at, key);
    if (record === undefined) return at;
    take(record);
    at += record.size;
  }
}

/**
 * The record at that place; undefined when none is there that is sound and of this version. Holds until the window moves.
 * `again`: its content was found sound a moment ago.
 */
// oxlint-disable-next-line max-params
export function readSound(
  window: Window,
  offset: number,
  key: SegmentKey,
  again = false,
): (ScannedRecord & { readonly kind: "record" }) | undefined {
  if (!window.covers(offset, RECORD_HEADER)) return undefined;
  const record = readRecordHeader(window.octets, window.place(offset), key);
  if (record === undefined || record.version !== FORMAT_VERSION) return undefined;
  const size = RECORD_HEADER + record.length;
  if (!window.covers(offset, size)) return undefined;
  const from = window.place(offset);
  const payload = window.octets.subarray(from + RECORD_HEADER, from + size);
  if (!again && crc32(payload) !== record.crc) return undefined;
  return soundRecord(record, offset, payload);
}

/** Zeros where the next record would be, and no sound header anywhere behind: that is how a segment ends. */
function restIsEmpty(window: Window, end: number, key: SegmentKey): boolean {
  if (end >= window.size) return true;
  if (!isZero(window.at(end, RECORD_HEADER), 0, RECORD_HEADER)) return false;
  for (let at = end; at < window.size;) {
    const octets = window.at(at, WINDOW);
    for (let hit = octets.indexOf(RECORD_MAGIC); hit >= 0; hit = octets.indexOf(RECORD_MAGIC, hit + 1)) {
      if (readRecordHeader(octets, hit, key) !== undefined) return false;
    }
    // A header may lie across the edge.
    at += at + octets.length < window.size ? octets.length - RECORD_HEADER : octets.length;
  }
  return true;
}

/** A file through a buffer that moves over it: whole steps forward, small ones elsewhere. */
export class Window {
  readonly size: number;
  /** What is in the buffer now. */
  octets: Buffer = Buffer.alloc(0);
  #buffer: Buffer = Buffer.allocUnsafeSlow(WINDOW);
  #files: SpoolFiles;
  #fd: number;
  #base = 0;

  constructor(files: SpoolFiles, fd: number, size: number) {
    this.#files = files;
    this.#fd = fd;
    this.size = size;
  }

  /** Brings that stretch into the buffer; false when the file ends before. */
  covers(offset: number, length: number): boolean {
    if (offset + length > this.size) return false;
    if (offset < this.#base || offset + length > this.#base + this.octets.length) this.#fill(offset, length);
    return offset + length <= this.#base + this.octets.length;
  }

  /** Where in `octets` that place of the file is. */
  place(offset: number): number {
    return offset - this.#base;
  }

  /** That stretch of the file, shorter at its end; valid until the next call. */
  at(offset: number, length: number): Buffer {
    const wanted = Math.max(0, Math.min(length, this.size - offset));
    this.covers(offset, wanted);
    return this.octets.subarray(this.place(offset), this.place(offset) + wanted);
  }

  #fill(offset: number, length: number): void {
    if (length > this.#buffer.length) this.#buffer = Buffer.allocUnsafeSlow(length);
    const onward = offset >= this.#base && offset <= this.#base + 2 * WINDOW;
    const wanted = onward ? this.#buffer : this.#buffer.subarray(0, Math.max(length, JUMP));
    let filled = 0;
    while (filled < wanted.length) {
      const count = this.#files.readNow(this.#fd, filled === 0 ? wanted : wanted.subarray(filled), offset + filled);
      if (count === 0) break;
      filled += count;
    }
    this.#base = offset;
    this.octets = this.#buffer.subarray(0, filled);
  }
}
