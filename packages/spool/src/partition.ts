import type { Clock, Maybe, Progress, Random, StoredMessage } from "@mailkit/sdk";
import { CLOCK_SET_BACK } from "@mailkit/sdk";
import { basename, dirname, join } from "node:path";
import { type BodyWriter, openBodyWriter } from "./bodies.ts";
import { compactor } from "./compaction.ts";
import type { SpoolTrouble } from "./faults.ts";
import { realFiles, type SpoolFiles } from "./files.ts";
import { lockPartition } from "./lock.ts";
import { MessageCache } from "./message-cache.ts";
import type { Entry, MessageIndex } from "./message-index.ts";
import { accept, get, record, type Store } from "./operations.ts";
import { loadSegments } from "./recovery.ts";
import { openSegmentWriter } from "./segment-writer.ts";
import { prepareDirectory } from "./start.ts";
import type { Standing } from "./state.ts";
import type { NewMessage, QueueItem, RecordOptions } from "./types.ts";

/**
 * One partition of the spool, for its one writer. `accept` and `record` resolve when their record is durable; what is
 * queued while a sync runs goes out with the next one.
 */
export interface Partition {
  readonly name: string;
  readonly directory: string;
  /** Where the body of an arriving message goes. */
  newBody(): BodyWriter;
  /**
   * Resolves when the message survives a loss of power. Rejects with a `SpoolFault` and keeps nothing then. The body is
   * kept by reference: its octets must not change afterwards.
   */
  accept(message: NewMessage): Promise<StoredMessage>;
  /**
   * Writes what has happened to a message. `last`: nothing is left to do and it leaves the queue. `sync: false` only
   * keeps the order (lines of the message's log). In memory the steps hold at once; when they cannot be written, that
   * is a `SpoolFault`, they still hold, and go out with the next record of the message.
   */
  record(id: string, progress: readonly Progress[], options?: RecordOptions): Promise<void>;
  /** At once for fresh messages. Rejects when the message cannot be read. */
  get(id: string): Maybe<StoredMessage | undefined>;
  has(id: string): boolean;
  /** All messages in the order of their ids, without reading anything. */
  list(): QueueItem[];
  /** Messages that are not frozen and have a recipient whose time to be tried has come or is not known; in no order. */
  due(at: number): QueueItem[];
  readonly count: number;
  /** Octets of all messages, bodies in files included. */
  readonly size: number;
  /** Lines of the message's own log (`-Mvl`). */
  log(id: string): readonly string[];
  /** Copies what lives in old segments forward, as far as that frees space. Runs by itself when it pays. */
  compact(): Promise<void>;
  /** Makes the next segment ready before it is needed. Rejects where nothing can be written. */
  warmUp(): Promise<void>;
  close(options?: { readonly removeWhenEmpty?: boolean }): Promise<void>;
}

export interface PartitionOptions {
  /** `<spool>/input/<name>`. */
  readonly directory: string;
  /** Default: `<spool>/corrupt`. */
  readonly corruptDirectory?: string;
  readonly clock: Pick<Clock, "now">;
  readonly random: Pick<Random, "octets">;
  readonly files?: SpoolFiles;
  /** One paniclog line each. */
  readonly trouble?: (trouble: SpoolTrouble) => void;
  /** Larger bodies get a file of their own. */
  readonly inlineLimit?: number;
  readonly segmentSize?: number;
  /** Octets zeroed ahead of the writer; 0 for processes that store a message or two. */
  readonly preallocate?: number;
  /** Octets of headers and bodies kept in memory. */
  readonly cacheSize?: number;
}

export type OpenResult =
  | { readonly kind: "open"; readonly partition: Partition }
  | { readonly kind: "held"; readonly message: string }
  /** Written by another version. */
  | { readonly kind: "refused"; readonly message: string };

export async function openPartition(options: PartitionOptions): Promise<OpenResult> {
  const { directory } = options;
  const files = options.files ?? realFiles;
  await makeDurableDirectory(directory, files);
  const lock = lockPartition(directory);
  if (lock === "held") return { kind: "held", message: `${directory} is in use by another process` };
  try {
    const loaded = loadSegments(directory, files);
    if (loaded.kind === "refused") {
      lock.release();
      return loaded;
    }
    const corruptDirectory = options.corruptDirectory ?? join(directory, "..", "..", "corrupt");
    const damaged = prepareDirectory(loaded, { directory, corruptDirectory, files, trouble: options.trouble ?? (() => {}) });
    const partition = makePartition({ options, files, index: loaded.index, lastSegment: loaded.lastSegment, release: lock.release });
    if (damaged) await partition.rewrite();
    if ((options.preallocate ?? DEFAULTS.preallocate) > 0) await partition.warmUp();
    return { kind: "open", partition };
  } catch (error) {
    lock.release();
    throw error;
  }
}

/**
 * The folders must outlive a loss of power as their files do. `body/` is made before the first segment of this process,
 * whose making syncs the folder that both are in.
 */
async function makeDurableDirectory(directory: string, files: SpoolFiles): Promise<void> {
  const first = files.mkdir(join(directory, "body"), 0o700);
  if (first === undefined) return;
  for (let parent = directory; ; parent = dirname(parent)) {
    await files.syncDirectory(parent);
    if (parent === dirname(first) || parent === dirname(parent)) return;
  }
}

const DEFAULTS = {
  inlineLimit: 256 * 1024,
  segmentSize: 32 * 1024 * 1024,
  preallocate: 2 * 1024 * 1024,
  cacheSize: 64 * 1024 * 1024,
};

interface Parts {
  readonly options: PartitionOptions;
  readonly files: SpoolFiles;
  readonly index: MessageIndex;
  readonly lastSegment: number;
  readonly release: () => void;
}

function makePartition(parts: Parts): Partition & { rewrite(): Promise<void> } {
  const store = makeStore(parts);
  const { index, writer } = store;
  const compaction = compactor(store);
  const arriving = new Set<string>();
  let released = false;
  store.tidy = compaction.tidy;
  compaction.tidy();

  return {
    name: basename(store.directory),
    directory: store.directory,
    newBody: () => openBodyWriter(store.bodies),
    accept: (message) => accept(store, arriving, message),
    record: (id, progress, options) => record(store, id, progress, options ?? {}),
    get: (id) => get(store, id),
    has: (id) => index.entries.has(id),
    list: () => index.sortedIds().map((id) => index.entries.get(id) as Entry),
    due: (at) => [...index.entries.values()].filter(({ standing }) => standing.frozen === undefined && isDue(standing, at)),
    get count() {
      return index.entries.size;
    },
    get size() {
      let total = 0;
      for (const entry of index.entries.values()) total += entry.size + (entry.file === undefined ? 0 : entry.bodySize);
      return total;
    },
    log: (id) => index.entries.get(id)?.standing.log ?? [],
    compact: () => compaction.compact(),
    rewrite: () => compaction.rewriteAll(),
    warmUp: () => writer.warmUp(),
    async close(options = {}) {
      if (released) return;
      released = true;
      await compaction.settled();
      await writer.close();
      compaction.tidy();
      if (options.removeWhenEmpty === true && index.entries.size === 0) compaction.removePartition();
      parts.release();
    },
  };
}

function isDue({ waiting, lastAttempt }: Standing, at: number): boolean {
  if (waiting.size === 0 || (lastAttempt !== undefined && lastAttempt > at + CLOCK_SET_BACK)) return true;
  for (const { nextTry } of waiting.values()) if (nextTry === undefined || nextTry <= at) return true;
  return false;
}

function makeStore({ options, files, index, lastSegment }: Parts): Store {
  const { directory } = options;
  const segmentSize = options.segmentSize ?? DEFAULTS.segmentSize;
  const hex = (count: number): string => options.random.octets(count).toString("hex");
  const store: Store = {
    directory,
    files,
    index,
    segmentSize,
    cache: new MessageCache(options.cacheSize ?? DEFAULTS.cacheSize),
    bodies: { directory: join(directory, "body"), files, inlineLimit: options.inlineLimit ?? DEFAULTS.inlineLimit, newName: () => hex(12) },
    writer: openSegmentWriter({
      directory,
      files,
      now: () => options.clock.now(),
      nonce: () => options.random.octets(4).readUInt32LE(0),
      segmentSize,
      preallocate: options.preallocate ?? DEFAULTS.preallocate,
      firstSegment: lastSegment + 1,
      opened: (number) => void index.segment(number),
      sealed: (number, size) => {
        const facts = index.segment(number);
        facts.sealed = true;
        facts.size = size;
        store.tidy();
      },
    }),
    tidy: () => {},
  };
  return store;
}
