import { join } from "node:path";
import { Batch, type Waiter } from "./batch.ts";
import { faultOf, SpoolFault } from "./faults.ts";
import { datasync, type SpoolFiles, writeAll } from "./files.ts";
import { RECORD_HEADER, SEGMENT_HEADER, segmentHeader, type SegmentKey, segmentName } from "./format.ts";

/**
 * Appends records to the newest segment, with group commit: whatever is queued while a sync runs goes out with one
 * write and one fdatasync. Makes the next segment ready before it is needed, from a spare file where there is one.
 * Knows nothing of messages.
 */
export interface WriterOptions {
  readonly directory: string;
  readonly files: SpoolFiles;
  readonly now: () => number;
  /** 32 bits that no sender can guess. */
  readonly nonce: () => number;
  /** A segment that has grown to this is closed. */
  readonly segmentSize: number;
  /** Octets that are zeroed ahead of the writer, so that a sync has no metadata to write. 0 = none. */
  readonly preallocate: number;
  readonly firstSegment: number;
  /** Called when a segment is closed, with its number and size. */
  readonly sealed: (segment: number, size: number) => void;
  readonly opened: (segment: number) => void;
}

export interface SegmentWriter {
  /** The batch that takes records now. */
  readonly batch: Batch;
  /** Says that the batch has something new; it goes out after this turn of the event loop. */
  commit(waiter: Waiter | undefined, sync: boolean): void;
  /** The segment that is written now. */
  readonly segment: number | undefined;
  /** A closed file that may be written over. False: not wanted. */
  giveSpare(path: string): boolean;
  /** Opens the first segment now instead of at the first message. */
  warmUp(): Promise<void>;
  close(): Promise<void>;
}

interface Segment {
  readonly key: SegmentKey;
  readonly fd: number;
  position: number;
  allocated: number;
}

const MAX_SPARES = 2;

export function openSegmentWriter(options: WriterOptions): SegmentWriter {
  const { files, directory } = options;
  const zeros = options.preallocate > 0 ? Buffer.alloc(options.preallocate) : Buffer.alloc(0);
  const spares: string[] = [];
  let filling = new Batch();
  let other = new Batch();
  let current: Segment | undefined;
  let next: Promise<Segment> | undefined;
  let growing: Promise<void> | undefined;
  let nextNumber = options.firstSegment;
  let scheduled = false;
  let running: Promise<void> | undefined;
  let closed = false;

  function commit(waiter: Waiter | undefined, sync: boolean): void {
    if (closed) return waiter?.failed(new SpoolFault("ECLOSED", "spool: the partition is closed"));
    if (waiter !== undefined) filling.waiters.push(waiter);
    if (sync) filling.sync = true;
    if (scheduled || running !== undefined) return;
    scheduled = true;
    setImmediate(() => {
      scheduled = false;
      if (running === undefined && !filling.empty) start();
    });
  }

  function start(): void {
    running = drain().finally(() => {
      running = undefined;
      if (!filling.empty && !scheduled) start();
    });
  }

  async function drain(): Promise<void> {
    while (!filling.empty) {
      const batch = filling;
      filling = other;
      other = batch;
      try {
        await writeBatch(batch);
      } catch (error) {
        const fault = faultOf(error, "cannot write");
        for (const waiter of batch.waiters) waiter.failed(fault);
      }
      batch.clear();
    }
  }

  async function writeBatch(batch: Batch): Promise<void> {
    if (current === undefined || (current.position + batch.used > options.segmentSize && current.position > SEGMENT_HEADER)) {
      await rotate();
    }
    const segment = current as Segment;
    if (growing !== undefined && segment.position + batch.used + RECORD_HEADER > segment.allocated) await growing;
    const length = batch.finish(segment.key);
    try {
      writeAll(files, segment.fd, batch.buffer, { length, position: segment.position });
    } catch (error) {
      cutBack(segment);
      throw error;
    }
    if (batch.sync) await syncOrAbandon(segment);
    const base = segment.position;
    segment.position = base + batch.used;
    for (const waiter of batch.waiters) waiter.done(segment.key.segment, base + waiter.at);
    lookAhead(segment);
  }

  /** After a failed sync nobody knows what is on disk: this file is not written again. */
  async function syncOrAbandon(segment: Segment): Promise<void> {
    try {
      await datasync(files, segment.fd);
    } catch (error) {
      cutBack(segment);
      await growing;
      seal(segment);
      current = undefined;
      throw error;
    }
  }

  /** What could not be acknowledged shall not be found again; as far as the device still obeys. */
  function cutBack(segment: Segment): void {
    try {
      files.truncate(segment.fd, segment.position);
      segment.allocated = segment.position;
    } catch {
      // At the worst a refused message is found after a restart: twice, never lost.
    }
  }

  function prepare(): Promise<Segment> {
    if (next !== undefined) return next;
    const making = makeSegment();
    next = making;
    making.catch(() => {
      if (next === making) next = undefined;
    });
    return making;
  }

  async function rotate(): Promise<void> {
    const fresh = await prepare();
    next = undefined;
    await growing;
    if (current !== undefined) seal(current);
    current = fresh;
    options.opened(fresh.key.segment);
  }

  function seal(segment: Segment): void {
    files.close(segment.fd);
    options.sealed(segment.key.segment, segment.position);
  }

  function lookAhead(segment: Segment): void {
    if (segment.position > options.segmentSize / 2) void prepare();
    const wanted = Math.min(options.segmentSize, segment.position + zeros.length);
    if (zeros.length === 0 || growing !== undefined || segment.allocated - segment.position > zeros.length / 2) return;
    if (segment.allocated >= wanted) return;
    growing = grow(segment).finally(() => {
      growing = undefined;
    });
  }

  async function grow(segment: Segment): Promise<void> {
    // `allocated` grows afterwards only: until then no batch may reach into what is being zeroed.
    const from = Math.max(segment.allocated, segment.position + RECORD_HEADER);
    try {
      await files.writeLater(segment.fd, zeros, zeros.length, from);
      segment.allocated = from + zeros.length;
    } catch {
      segment.allocated = Number.MAX_SAFE_INTEGER; // No room to prepare: appending goes on without.
    }
  }

  async function makeSegment(): Promise<Segment> {
    const key = { segment: nextNumber++, nonce: options.nonce() };
    const path = join(directory, segmentName(key.segment));
    const spare = spares.pop();
    if (spare !== undefined) {
      files.rename(spare, path);
      // Its new name first: under the old one the new header would look like damage.
      await files.syncDirectory(directory);
    }
    const fd = files.open(path, spare === undefined ? "wx+" : "r+");
    try {
      const header = segmentHeader(key, options.now());
      writeAll(files, fd, header, { length: header.length, position: 0 });
      if (spare === undefined && zeros.length > 0) await files.writeLater(fd, zeros, zeros.length, header.length).catch(() => 0);
      await datasync(files, fd);
      if (spare === undefined) await files.syncDirectory(directory);
      const allocated = Math.max(files.size(path), header.length);
      return { key, fd, position: SEGMENT_HEADER, allocated };
    } catch (error) {
      files.close(fd);
      removeQuietly(files, path);
      throw error;
    }
  }

  async function drained(): Promise<void> {
    if (running === undefined) return;
    await running;
    await drained();
  }

  async function close(): Promise<void> {
    closed = true;
    if (running === undefined && !filling.empty) start();
    await drained();
    await growing;
    const unused = await next?.catch(() => undefined);
    if (unused !== undefined) {
      files.close(unused.fd);
      removeQuietly(files, join(directory, segmentName(unused.key.segment)));
    }
    if (current !== undefined) seal(current);
    current = undefined;
    for (const spare of spares) removeQuietly(files, spare);
  }

  return {
    get batch() {
      return filling;
    },
    get segment() {
      return current?.key.segment;
    },
    commit,
    giveSpare(path) {
      if (closed || spares.length >= MAX_SPARES || options.preallocate === 0) return false;
      spares.push(path);
      return true;
    },
    async warmUp() {
      if (current === undefined) await prepare();
    },
    close,
  };
}

function removeQuietly(files: SpoolFiles, path: string): void {
  try {
    files.unlink(path);
  } catch {
    // Somebody was faster, or it never was.
  }
}
