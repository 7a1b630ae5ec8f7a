import { openRecord, RECORD_HEADER, type RecordType, type SegmentKey, stampRecord } from "./format.ts";

/**
 * The records that go out with the next sync, already in the octets that are written. A message is copied once, from
 * its parts into here; the two buffers of a writer take turns.
 */
export interface Waiter {
  /** Offset of the record in the batch. */
  readonly at: number;
  readonly done: (segment: number, position: number) => void;
  readonly failed: (error: unknown) => void;
}

const SMALLEST = 256 * 1024;
const KEEP = 4 * 1024 * 1024;

export class Batch {
  buffer: Buffer = Buffer.allocUnsafeSlow(SMALLEST);
  used = 0;
  /** Somebody waits for durability, not only for order. */
  sync = false;
  readonly waiters: Waiter[] = [];
  readonly #records: number[] = [];

  get empty(): boolean {
    return this.used === 0 && !this.sync;
  }

  /** Room for so many octets; the answer is where they begin. */
  reserve(size: number): number {
    const at = this.used;
    const needed = at + size + RECORD_HEADER;
    if (needed > this.buffer.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.buffer.length * 2));
      this.buffer.copy(larger, 0, 0, at);
      this.buffer = larger;
    }
    this.used = at + size;
    return at;
  }

  seal(at: number, record: { readonly type: RecordType; readonly flags: number; readonly length: number }): void {
    openRecord(this.buffer, at, record.type, record.flags, record.length);
    this.#records.push(at);
  }

  /** Makes it ready for a segment: numbers, crcs, and the zeros that mark the end. Returns the octets to write. */
  finish(key: SegmentKey): number {
    for (const at of this.#records) stampRecord(this.buffer, at, key);
    this.buffer.fill(0, this.used, this.used + RECORD_HEADER);
    return this.used + RECORD_HEADER;
  }

  clear(): void {
    this.used = 0;
    this.sync = false;
    this.waiters.length = 0;
    this.#records.length = 0;
    if (this.buffer.length > KEEP) this.buffer = Buffer.allocUnsafeSlow(SMALLEST);
  }
}
