import type { DeliveryState, Envelope, Progress } from "@mailkit/sdk";
import { applyProgress, editEnvelope, type Standing, standingFrom } from "./state.ts";
import type { QueueItem } from "./types.ts";

/** What is in the queue and where, in memory: one entry a message, and for each segment what still lives in it. */
export interface Place {
  readonly segment: number;
  readonly position: number;
  /** Of the record, with its header. */
  readonly size: number;
}

export interface EntryParts extends Place {
  readonly id: string;
  readonly bodySize: number;
  readonly file: string | undefined;
  /** The envelope, or its JSON. */
  readonly envelope: Envelope | string;
  /** The standing, or the JSON of its snapshot. */
  readonly standing: Standing | string;
  /** False: what is made of JSON is not kept (a long queue that is looked through once). */
  readonly keep: boolean;
}

/** Envelope and standing are made of their JSON when they are asked for: most of a long queue is not, most of the time. */
export class Entry implements QueueItem {
  readonly id: string;
  segment: number;
  position: number;
  size: number;
  readonly bodySize: number;
  readonly file: string | undefined;
  /** Steps that are true but could not be written; they go with the next record. */
  unsaved: readonly Progress[] = [];
  /** The record that ends it is on its way. */
  leaving = false;
  #envelope: Envelope | string;
  #standing: Standing | string;
  #keep: boolean;
  /** JSON of steps that are not in the two above yet. */
  #steps: string[] | undefined;

  constructor(parts: EntryParts) {
    this.id = parts.id;
    this.segment = parts.segment;
    this.position = parts.position;
    this.size = parts.size;
    this.bodySize = parts.bodySize;
    this.file = parts.file;
    this.#envelope = parts.envelope;
    this.#standing = parts.standing;
    this.#keep = parts.keep;
  }

  get envelope(): Envelope {
    if (typeof this.#envelope !== "string" && this.#steps === undefined) return this.#envelope;
    return this.#read().envelope;
  }

  get standing(): Standing {
    if (typeof this.#standing !== "string" && this.#steps === undefined) return this.#standing;
    return this.#read().standing;
  }

  get state(): DeliveryState {
    return this.standing;
  }

  apply(progress: readonly Progress[]): void {
    const { envelope, standing } = this.#read(true);
    applyProgress(standing, progress);
    this.#envelope = editEnvelope(envelope, progress);
  }

  /** Steps as the record has them. */
  applyLater(steps: string): void {
    (this.#steps ??= []).push(steps);
  }

  #read(keep = this.#keep): { envelope: Envelope; standing: Standing } {
    let envelope = typeof this.#envelope === "string" ? (JSON.parse(this.#envelope) as Envelope) : this.#envelope;
    const standing = typeof this.#standing === "string" ? standingFrom(this.#standing) : this.#standing;
    for (const steps of this.#steps ?? []) {
      const progress = JSON.parse(steps) as Progress[];
      applyProgress(standing, progress);
      envelope = editEnvelope(envelope, progress);
    }
    if (keep) {
      this.#envelope = envelope;
      this.#standing = standing;
      this.#steps = undefined;
    }
    return { envelope, standing };
  }
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

  move(entry: Entry, to: Place): void {
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

  /** `steps` as the record has them. */
  progress(id: string, steps: string, last: boolean): void {
    const entry = this.entries.get(id);
    if (entry === undefined) return;
    if (last) this.drop(entry);
    else entry.applyLater(steps);
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
