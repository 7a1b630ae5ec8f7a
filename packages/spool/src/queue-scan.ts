import type { Envelope, Progress } from "@mailkit/sdk";
import { join } from "node:path";
import { codeOf } from "./faults.ts";
import { realFiles, type SpoolFiles } from "./files.ts";
import { readSegmentHeader, RECORD, SEGMENT_HEADER, segmentName, type SegmentKey } from "./format.ts";
import { partitionDirectories, readPartition } from "./read-partition.ts";
import { idOfMessage, readMessage, readProgress } from "./records.ts";
import { listOrNothing } from "./recovery.ts";
import { segmentNumbers } from "./segment-scan.ts";
import { readSound, streamSegment, Window } from "./segment-stream.ts";
import { applyProgress, editEnvelope, standingFrom } from "./state.ts";
import type { QueueItem } from "./types.ts";

/**
 * The queue for commands that list or count it, beside a running writer or without one: first who is in it, then, message
 * by message, what each record says. Little stays in memory, however long the queue is.
 */
export interface QueueScan {
  readonly count: number;
  /** In the order of their ids. */
  items(): Generator<QueueItem>;
}

/** One for each partition that can be read. */
export function readQueue(spoolDirectory: string, files: SpoolFiles = realFiles): QueueScan[] {
  return partitionDirectories(spoolDirectory, files).flatMap((directory) => scanPartition(directory, files) ?? []);
}

/** Undefined when it was written by another version. */
export function scanPartition(directory: string, files: SpoolFiles = realFiles): QueueScan | undefined {
  const places = readPlaces(directory, files);
  return places === undefined ? undefined : { count: places.size, items: () => itemsIn(directory, places, files) };
}

/** Messages of several partitions, oldest first. */
export function* itemsOf(scans: readonly QueueScan[]): Generator<QueueItem> {
  const heads = scans.flatMap((scan) => headOf(scan.items()) ?? []);
  while (heads.length > 0) {
    let first = heads[0] as Head;
    for (const head of heads) if (head.item.id < first.item.id) first = head;
    yield first.item;
    const next = headOf(first.rest);
    if (next === undefined) heads.splice(heads.indexOf(first), 1);
    else heads[heads.indexOf(first)] = next;
  }
}

interface Head {
  readonly item: QueueItem;
  readonly rest: Generator<QueueItem>;
}

function headOf(rest: Generator<QueueItem>): Head | undefined {
  const { done, value } = rest.next();
  return done === true ? undefined : { item: value as QueueItem, rest };
}

interface Place {
  readonly segment: number;
  readonly position: number;
  /** JSON of what happened after the record. */
  steps: string[] | undefined;
}

const ATTEMPTS = 5;

function readPlaces(directory: string, files: SpoolFiles): Map<string, Place> | undefined {
  for (let attempt = 1; ; attempt++) {
    try {
      return placesIn(directory, files);
    } catch (error) {
      // The writer gave a segment back between the listing and the reading: look again.
      if (codeOf(error) !== "ENOENT" || attempt === ATTEMPTS) throw error;
    }
  }
}

function placesIn(directory: string, files: SpoolFiles): Map<string, Place> | undefined {
  const places = new Map<string, Place>();
  let refused = false;
  for (const segment of segmentNumbers(listOrNothing(files, directory))) {
    streamSegment(files, join(directory, segmentName(segment)), segment, (item) => {
      if (item.kind === "version") refused = true;
      if (item.kind !== "record") return;
      if (item.type === RECORD.message) places.set(idOfMessage(item.payload), { segment, position: item.offset, steps: undefined });
      else if (item.type === RECORD.progress) takeProgress(places, item.payload, item.last);
    });
  }
  return refused ? undefined : places;
}

function takeProgress(places: Map<string, Place>, payload: Buffer, last: boolean): void {
  const { id, progress } = readProgress(payload);
  if (last) return void places.delete(id);
  const place = places.get(id);
  if (place !== undefined) (place.steps ??= []).push(progress);
}

function* itemsIn(directory: string, places: ReadonlyMap<string, Place>, files: SpoolFiles): Generator<QueueItem> {
  const segments = new Map<number, OpenSegment>();
  let moved: ReadonlyMap<string, QueueItem> | undefined;
  try {
    for (const id of [...places.keys()].sort()) {
      const place = places.get(id) as Place;
      const item = readItem(openSegment(directory, place.segment, { files, segments }), id, place);
      // The writer has moved it, or it has left: a second look at everything tells.
      const found = item ?? (moved ??= lookAgain(directory, files)).get(id);
      if (found !== undefined) yield found;
    }
  } finally {
    for (const { fd } of segments.values()) if (fd >= 0) files.close(fd);
  }
}

interface OpenSegment {
  readonly fd: number;
  readonly window: Window | undefined;
  readonly key: SegmentKey | undefined;
}

function openSegment(
  directory: string,
  segment: number,
  { files, segments }: { readonly files: SpoolFiles; readonly segments: Map<number, OpenSegment> },
): OpenSegment {
  const known = segments.get(segment);
  if (known !== undefined) return known;
  let opened: OpenSegment = { fd: -1, window: undefined, key: undefined };
  try {
    const path = join(directory, segmentName(segment));
    const fd = files.open(path, "r");
    const window = new Window(files, fd, files.size(path));
    const header = readSegmentHeader(window.at(0, SEGMENT_HEADER));
    opened = { fd, window, key: header.kind === "ok" ? header.key : undefined };
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw error;
  }
  segments.set(segment, opened);
  return opened;
}

function readItem({ window, key }: OpenSegment, id: string, place: Place): QueueItem | undefined {
  const record = window === undefined || key === undefined ? undefined : readSound(window, place.position, key, true);
  if (record?.type !== RECORD.message) return undefined;
  const layout = readMessage(record.payload, record.externalBody);
  if (layout.id !== id) return undefined;
  const state = standingFrom(layout.state);
  let envelope = JSON.parse(layout.envelope) as Envelope;
  for (const steps of place.steps ?? []) {
    const progress = JSON.parse(steps) as Progress[];
    applyProgress(state, progress);
    envelope = editEnvelope(envelope, progress);
  }
  return { id, envelope, state, bodySize: layout.bodyLength };
}

function lookAgain(directory: string, files: SpoolFiles): ReadonlyMap<string, QueueItem> {
  const read = readPartition(directory, files);
  return new Map(read.kind === "read" ? read.view.list().map((item) => [item.id, item]) : []);
}
