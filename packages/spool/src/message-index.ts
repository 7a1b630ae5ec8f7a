import type { Envelope, Progress } from "@mailkit/sdk";
import { applyProgress, editEnvelope, type Standing, standingFrom } from "./state.ts";
import type { MessageLayout } from "./records.ts";

/** What is in the queue and where, in memory: one entry a message, and for each segment what still lives in it. */
export interface Entry {
  readonly id: string;
  segment: number;
  position: number;
  /** Of the record, with its header. */
  size: number;
  readonly bodySize: number;
  readonly file: string | undefined;
  envelope: Envelope;
  readonly standing: Standing;
  /** Steps that are true but could not be written; they go with the next record. */
  unsaved: readonly Progress[];
  /** The record that ends it is on its way. */
  leaving: boolean;
}

export interface SegmentFacts {
  readonly number: number;
  size: number;
  /** Not written any more. */
  sealed: boolean;
  liveBytes: number;
  readonly live: Set<Entry>;
}

export class MessageIndex {
  readonly entries = new Map<string, Entry>();
  readonly segments = new Map<number, SegmentFacts>();

  segment(number: number): SegmentFacts {
    let facts = this.segments.get(number);
    if (facts === undefined) {
      facts = { number, size: 0, sealed: false, liveBytes: 0, live: new Set() };
      this.segments.set(number, facts);
    }
    return facts;
  }

  add(entry: Entry): void {
    const older = this.entries.get(entry.id);
    if (older !== undefined) this.#leave(older);
    this.entries.set(entry.id, entry);
    this.#enter(entry);
  }

  move(entry: Entry, to: { readonly segment: number; readonly position: number; readonly size: number }): void {
    this.#leave(entry);
    entry.segment = to.segment;
    entry.position = to.position;
    entry.size = to.size;
    this.#enter(entry);
  }

  drop(entry: Entry): void {
    if (this.entries.get(entry.id) === entry) this.entries.delete(entry.id);
    this.#leave(entry);
  }

  progress(id: string, progress: readonly Progress[], last: boolean): void {
    const entry = this.entries.get(id);
    if (entry === undefined) return;
    if (last) return this.drop(entry);
    applyTo(entry, progress);
  }

  /** Ids in the order of time. */
  sortedIds(): string[] {
    return [...this.entries.keys()].sort();
  }

  #enter(entry: Entry): void {
    const facts = this.segment(entry.segment);
    facts.live.add(entry);
    facts.liveBytes += entry.size;
  }

  #leave(entry: Entry): void {
    const facts = this.segments.get(entry.segment);
    if (facts?.live.delete(entry) === true) facts.liveBytes -= entry.size;
  }
}

export function applyTo(entry: Entry, progress: readonly Progress[]): void {
  applyProgress(entry.standing, progress);
  entry.envelope = editEnvelope(entry.envelope, progress);
}

export function entryOf(layout: MessageLayout, at: { readonly segment: number; readonly position: number; readonly size: number }): Entry {
  return {
    id: layout.envelope.id,
    segment: at.segment,
    position: at.position,
    size: at.size,
    bodySize: layout.bodyLength,
    file: layout.file,
    envelope: layout.envelope,
    standing: standingFrom(layout.state),
    unsaved: [],
    leaving: false,
  };
}
