import type { Clock, DeliveryState, Envelope, HeaderLine, Maybe, Progress, Random, StoredMessage } from "@mailkit/sdk";
import { isPromise } from "@mailkit/sdk";
import { basename, dirname, join } from "node:path";
import { type BodyStore, type BodyWriter, fileBody, inlineBody, type NewBody, openBodyWriter, removeBody } from "./bodies.ts";
import { compactor } from "./compaction.ts";
import { SpoolFault, type SpoolTrouble } from "./faults.ts";
import { realFiles, type SpoolFiles } from "./files.ts";
import { lockPartition } from "./lock.ts";
import { MessageCache } from "./message-cache.ts";
import { applyTo, type Entry, type MessageIndex } from "./message-index.ts";
import { headerLines, readContent } from "./read-record.ts";
import { putMessage, putProgress } from "./records.ts";
import { loadSegments } from "./recovery.ts";
import { openSegmentWriter, type SegmentWriter } from "./segment-writer.ts";
import { prepareDirectory } from "./start.ts";
import { newStanding } from "./state.ts";

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
  readonly count: number;
  /** Octets of all messages, bodies in files included. */
  readonly size: number;
  /** Lines of the message's own log (`-Mvl`). */
  log(id: string): readonly string[];
  /** Copies what lives in old segments forward, as far as that frees space. Runs by itself when it pays. */
  compact(): Promise<void>;
  close(options?: { readonly removeWhenEmpty?: boolean }): Promise<void>;
}

export interface RecordOptions {
  readonly sync?: boolean;
  readonly last?: boolean;
}

export interface NewMessage {
  readonly envelope: Envelope;
  readonly headers: readonly HeaderLine[];
  readonly body: NewBody | Buffer;
  /** For imports: what has become of it already. */
  readonly progress?: readonly Progress[];
}

export interface QueueItem {
  readonly id: string;
  readonly envelope: Envelope;
  readonly state: DeliveryState;
  /** Octets of the body. */
  readonly bodySize: number;
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

/** What the functions below share. */
export interface Store {
  readonly directory: string;
  readonly files: SpoolFiles;
  readonly index: MessageIndex;
  readonly cache: MessageCache;
  readonly bodies: BodyStore;
  readonly writer: SegmentWriter;
  readonly segmentSize: number;
  /** Looks whether segments can go, after something left or a segment was closed. */
  tidy: () => void;
}

function makePartition(parts: Parts): Partition & { rewrite(): Promise<void>; warmUp(): Promise<void> } {
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
    list: () => index.sortedIds().map((id) => itemOf(index.entries.get(id) as Entry)),
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

function accept(store: Store, arriving: Set<string>, message: NewMessage): Promise<StoredMessage> {
  const { id } = message.envelope;
  if (store.index.entries.has(id) || arriving.has(id)) {
    return Promise.reject(new SpoolFault("EEXIST", `spool: message ${id} is there already`));
  }
  const body = Buffer.isBuffer(message.body) ? inlineOrSpilled(store, message.body) : message.body;
  if (isPromise(body)) return body.then((spilled) => accept(store, arriving, { ...message, body: spilled }));
  arriving.add(id);
  return new Promise((resolve, reject) => {
    const standing = newStanding();
    const stored = { file: body.file, bytes: body.bytes ?? EMPTY };
    const entry: Entry = {
      id,
      segment: 0,
      position: 0,
      size: 0,
      bodySize: body.size,
      file: body.file,
      envelope: message.envelope,
      standing,
      unsaved: [],
      leaving: false,
    };
    const { batch } = store.writer;
    const { at, size } = putMessage(batch, {
      envelope: message.envelope,
      state: "",
      headers: message.headers,
      body: stored.file === undefined ? stored.bytes : { file: stored.file, size: body.size },
    });
    if (message.progress !== undefined) {
      applyTo(entry, message.progress);
      putProgress(batch, id, message.progress, false);
    }
    store.writer.commit(
      {
        at,
        done(segment, position) {
          arriving.delete(id);
          entry.segment = segment;
          entry.position = position;
          entry.size = size;
          store.index.add(entry);
          store.cache.put(id, message.headers, body.file === undefined ? stored.bytes : undefined);
          resolve(new Stored(entry, message.headers, body));
        },
        failed(error) {
          arriving.delete(id);
          body.discard();
          reject(error);
        },
      },
      true,
    );
  });
}

const EMPTY = Buffer.alloc(0);

function inlineOrSpilled(store: Store, body: Buffer): Maybe<NewBody> {
  if (body.length <= store.bodies.inlineLimit) return inlineBody(body);
  const writer = openBodyWriter(store.bodies);
  try {
    writer.write(body);
  } catch (error) {
    return Promise.reject(error);
  }
  return writer.end();
}

const NOTHING = Promise.resolve();

// oxlint-disable-next-line max-params
function record(store: Store, id: string, progress: readonly Progress[], options: RecordOptions): Promise<void> {
  const entry = store.index.entries.get(id);
  if (entry === undefined || entry.leaving) return Promise.reject(new SpoolFault("ENOMSG", `spool: no message ${id}`));
  const last = options.last === true;
  const steps = entry.unsaved.length === 0 ? progress : [...entry.unsaved, ...progress];
  applyTo(entry, progress);
  entry.unsaved = [];
  entry.leaving = last;
  putProgress(store.writer.batch, id, steps, last);
  const failed = (): void => {
    entry.unsaved = [...steps, ...entry.unsaved];
    entry.leaving = false;
  };
  if (!last && options.sync === false) {
    store.writer.commit({ at: 0, done: () => {}, failed }, false);
    return NOTHING;
  }
  return new Promise((resolve, reject) => {
    store.writer.commit(
      {
        at: 0,
        done() {
          if (last) leave(store, entry);
          resolve();
        },
        failed(error) {
          failed();
          reject(error);
        },
      },
      true,
    );
  });
}

function leave(store: Store, entry: Entry): void {
  store.index.drop(entry);
  store.cache.delete(entry.id);
  if (entry.file !== undefined) removeBody(store.bodies, entry.file);
  if (store.index.segment(entry.segment).live.size === 0) store.tidy();
}

function get(store: Store, id: string): Maybe<StoredMessage | undefined> {
  const entry = store.index.entries.get(id);
  if (entry === undefined || entry.leaving) return undefined;
  const cached = store.cache.get(id);
  if (cached !== undefined) return new Stored(entry, cached.headers, bodyOf(store, entry, cached.body));
  return readContent(store.directory, store.files, entry).then(
    (content) => new Stored(entry, headerLines(content), bodyOf(store, entry, content.body)),
    (error: unknown) => {
      if (store.index.entries.get(id) !== entry) return undefined;
      throw error;
    },
  );
}

function bodyOf(store: Store, entry: Entry, bytes: Buffer | undefined): NewBody {
  return entry.file === undefined ? inlineBody(bytes ?? EMPTY) : fileBody(store.bodies, entry.file, entry.bodySize);
}

export function itemOf(entry: Entry): QueueItem {
  return { id: entry.id, envelope: entry.envelope, state: entry.standing, bodySize: entry.bodySize };
}

/** Envelope and state are those of now, whenever they are looked at. */
class Stored implements StoredMessage {
  readonly #entry: Entry;
  readonly headers: readonly HeaderLine[];
  readonly body: NewBody;

  constructor(entry: Entry, headers: readonly HeaderLine[], body: NewBody) {
    this.#entry = entry;
    this.headers = headers;
    this.body = body;
  }

  get envelope(): Envelope {
    return this.#entry.envelope;
  }

  get state(): DeliveryState {
    return this.#entry.standing;
  }
}
