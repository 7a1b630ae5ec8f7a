import type { DeliveryState, Envelope, HeaderLine, Maybe, Progress, StoredMessage } from "@mailkit/sdk";
import { isPromise } from "@mailkit/sdk";
import { type BodyStore, fileBody, inlineBody, type NewBody, openBodyWriter, removeBody } from "./bodies.ts";
import { SpoolFault } from "./faults.ts";
import type { SpoolFiles } from "./files.ts";
import type { MessageCache } from "./message-cache.ts";
import { Entry, type MessageIndex } from "./message-index.ts";
import { headerLines, readContent } from "./read-record.ts";
import { putMessage, putProgress } from "./records.ts";
import type { SegmentWriter } from "./segment-writer.ts";
import { newStanding } from "./state.ts";
import type { NewMessage, RecordOptions } from "./types.ts";

/** Accepting, recording and getting messages, on an open partition. No opening, no giving back of segments. */
/** What the operations on one partition share. */
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

export function accept(store: Store, arriving: Set<string>, message: NewMessage): Promise<StoredMessage> {
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
    const entry = new Entry({
      id,
      segment: 0,
      position: 0,
      size: 0,
      bodySize: body.size,
      file: body.file,
      envelope: message.envelope,
      standing,
      keep: true,
    });
    const { batch } = store.writer;
    const { at, size } = putMessage(batch, {
      envelope: message.envelope,
      state: "",
      headers: message.headers,
      body: stored.file === undefined ? stored.bytes : { file: stored.file, size: body.size },
    });
    if (message.progress !== undefined) {
      entry.apply(message.progress);
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
export function record(store: Store, id: string, progress: readonly Progress[], options: RecordOptions): Promise<void> {
  const entry = store.index.entries.get(id);
  if (entry === undefined || entry.leaving) return Promise.reject(new SpoolFault("ENOMSG", `spool: no message ${id}`));
  const last = options.last === true;
  const steps = entry.unsaved.length === 0 ? progress : [...entry.unsaved, ...progress];
  entry.apply(progress);
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

export function get(store: Store, id: string): Maybe<StoredMessage | undefined> {
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

/** Envelope and state are those of now, whenever they are looked at. */
class Stored implements StoredMessage {
  readonly #entry: Entry;
  readonly #headers: readonly HeaderLine[];
  readonly body: NewBody;

  constructor(entry: Entry, headers: readonly HeaderLine[], body: NewBody) {
    this.#entry = entry;
    this.#headers = headers;
    this.body = body;
  }

  get headers(): readonly HeaderLine[] {
    return this.#entry.standing.headers ?? this.#headers;
  }

  get envelope(): Envelope {
    return this.#entry.envelope;
  }

  get state(): DeliveryState {
    return this.#entry.standing;
  }
}
