import type { DeliveryState, Envelope, Progress } from "@mailkit/sdk";
import { applyProgress, editEnvelope, isEdit, type Standing, standingFrom } from "./state.ts";
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
  /** JSON of steps that are not in the standing yet. */
  #steps: readonly string[] = NONE;
  /** Steps that are not in the envelope yet. */
  #edits: readonly Progress[] = NONE;
  #keep: boolean;

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

  get standing(): Standing {
    return typeof this.#standing !== "string" && this.#steps.length === 0 ? this.#standing : this.#read().standing;
  }

  get state(): DeliveryState {
    return this.standing;
  }

  get envelope(): Envelope {
    const edits = this.#steps.length === 0 ? this.#edits : this.#read().edits;
    if (typeof this.#envelope !== "string" && edits.length === 0) return this.#envelope;
    const read = typeof this.#envelope === "string" ? (JSON.parse(this.#envelope) as Envelope) : this.#envelope;
    const envelope = editEnvelope(read, edits);
    if (this.#keep) {
      this.#envelope = envelope;
      this.#edits = NONE;
    }
    return envelope;
  }

  apply(progress: readonly Progress[]): void {
    applyProgress(this.standing, progress);
    if (progress.some(isEdit)) this.#edits = [...this.#edits, ...progress];
  }

  /** Steps as the record has them. */
  applyLater(steps: string): void {
    this.#steps = this.#steps.length === 0 ? [steps] : [...this.#steps, steps];
  }

  #read(): { readonly standing: Standing; readonly edits: readonly Progress[] } {
    const standing = typeof this.#standing === "string" ? standingFrom(this.#standing) : this.#standing;
    let edits = this.#edits;
    for (const steps of this.#steps) {
      const progress = JSON.parse(steps) as Progress[];
      applyProgress(standing, progress);
      if (progress.some(isEdit)) edits = [...edits, ...progress];
    }
    if (this.#keep) {
      this.#standing = standing;
      this.#steps = NONE;
      this.#edits = edits;
    }
    return { standing, edits };
  }
}

const NONE: readonly never[] = [];

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
