import { rmdirSync } from "node:fs";
import { join } from "node:path";
import { codeOf } from "./faults.ts";
import { segmentName } from "./format.ts";
import type { Entry, SegmentFacts } from "./message-index.ts";
import type { Store } from "./operations.ts";
import { readContent } from "./read-record.ts";
import { putMessage } from "./records.ts";
import { listOrNothing } from "./recovery.ts";
import { snapshotOf } from "./state.ts";

/**
 * Gives segments back. Segments go strictly from the oldest on: a record that ends a message always stands in the same
 * segment as the message or in a later one, so a later one must not go first. When more than half of what the closed
 * segments take is dead, what lives in the oldest is copied to the end of the log.
 */
export interface Compactor {
  /** Removes what is empty; starts a compaction when it pays. */
  tidy(): void;
  compact(): Promise<void>;
  /** Copies everything that lives in the segments of now, so that all of them can go (after corruption). */
  rewriteAll(): Promise<void>;
  /** When no compaction runs. */
  settled(): Promise<void>;
  removePartition(): void;
}

export function compactor(store: Store): Compactor {
  let running: Promise<void> | undefined;
  let stopped = false;

  function tidy(): void {
    removeEmpty(store);
    if (stopped || running !== undefined || !pays(store)) return;
    void run(oldest(store)).catch(() => {
      stopped = true; // What cannot be read or written now is tried again by the next process.
    });
  }

  function run(facts: SegmentFacts | undefined): Promise<void> {
    running = (facts === undefined ? Promise.resolve() : copyForward(store, facts)).finally(() => {
      running = undefined;
      removeEmpty(store);
    });
    return running;
  }

  async function compact(): Promise<void> {
    await running?.catch(() => {});
    while (pays(store)) {
      const before = oldest(store);
      await run(before);
      if (oldest(store) === before) return;
    }
  }

  async function rewriteAll(): Promise<void> {
    const newest = Math.max(0, ...store.index.segments.keys());
    for (let before = oldest(store); before !== undefined && before.number <= newest; before = oldest(store)) {
      await run(before);
      if (oldest(store) === before) return;
    }
  }

  return {
    tidy,
    compact,
    rewriteAll,
    async settled() {
      stopped = true;
      await running?.catch(() => {});
    },
    removePartition: () => removePartition(store),
  };
}

function oldest(store: Store): SegmentFacts | undefined {
  let first: SegmentFacts | undefined;
  for (const facts of store.index.segments.values()) if (first === undefined || facts.number < first.number) first = facts;
  return first?.sealed === true ? first : undefined;
}

/** Small segments count as an eighth of a large one, so that many of them are gathered too. */
function pays(store: Store): boolean {
  let cost = 0;
  let live = 0;
  for (const facts of store.index.segments.values()) {
    if (!facts.sealed) continue;
    cost += Math.max(facts.size, store.segmentSize / 8);
    live += facts.liveBytes;
  }
  return cost > 2 * store.segmentSize && live < cost / 2;
}

function removeEmpty(store: Store): void {
  for (let facts = oldest(store); facts !== undefined && facts.live.size === 0; facts = oldest(store)) {
    store.index.segments.delete(facts.number);
    const path = join(store.directory, segmentName(facts.number));
    try {
      if (!keepAsSpare(store, path, facts)) store.files.unlink(path);
    } catch (error) {
      if (codeOf(error) !== "ENOENT") return;
    }
  }
}

/** A file of full size is written over instead of being made anew: its blocks are there already. */
function keepAsSpare(store: Store, path: string, facts: SegmentFacts): boolean {
  if (facts.size < store.segmentSize / 2) return false;
  const spare = join(store.directory, `${facts.number}.spare`);
  if (!store.writer.giveSpare(spare)) return false;
  store.files.rename(path, spare);
  return true;
}

async function copyForward(store: Store, facts: SegmentFacts): Promise<void> {
  const copies: Promise<void>[] = [];
  for (const entry of facts.live) {
    if (entry.segment !== facts.number) continue;
    const content = await readContent(store.directory, store.files, entry);
    if (store.index.entries.get(entry.id) !== entry || entry.leaving) continue;
    const copy = copyEntry(store, entry, content);
    // One that fails while the next is read has nobody who listens yet, which would end the process.
    copy.catch(() => {});
    copies.push(copy);
  }
  await Promise.all(copies);
}

/** The snapshot holds every step so far, those not yet written too. */
function copyEntry(store: Store, entry: Entry, content: { headersBlock: Buffer; body: Buffer | undefined }): Promise<void> {
  const unsaved = entry.unsaved;
  entry.unsaved = [];
  const { at, size } = putMessage(store.writer.batch, {
    envelope: entry.envelope,
    state: snapshotOf(entry.standing),
    headers: content.headersBlock,
    body: entry.file === undefined ? (content.body as Buffer) : { file: entry.file, size: entry.bodySize },
  });
  return new Promise((resolve, reject) => {
    store.writer.commit(
      {
        at,
        done(segment, position) {
          if (store.index.entries.get(entry.id) === entry) store.index.move(entry, { segment, position, size });
          resolve();
        },
        failed(error) {
          entry.unsaved = [...unsaved, ...entry.unsaved];
          reject(error);
        },
      },
      true,
    );
  });
}

function removePartition(store: Store): void {
  for (const name of listOrNothing(store.files, join(store.directory, "body"))) {
    store.files.unlink(join(store.directory, "body", name));
  }
  removeDirectory(join(store.directory, "body"));
  for (const name of listOrNothing(store.files, store.directory)) {
    if (/\.(seg|spare)$/.test(name) || name === "lock") store.files.unlink(join(store.directory, name));
  }
  removeDirectory(store.directory);
}

function removeDirectory(path: string): void {
  try {
    rmdirSync(path);
  } catch {
    // Not there, or something strange lives in it: it stays.
  }
}
