import { join } from "node:path";
import { codeOf, type SpoolTrouble } from "./faults.ts";
import type { SpoolFiles } from "./files.ts";
import { FORMAT_VERSION, RECORD, segmentName } from "./format.ts";
import { Entry, MessageIndex } from "./message-index.ts";
import { readMessage, readProgress } from "./records.ts";
import { type ScanItem, segmentNumbers } from "./segment-scan.ts";
import { streamSegment } from "./segment-stream.ts";

/**
 * Rebuilds the index from the segments, oldest first. Reads only: what to do about faults is the caller's affair.
 */
export interface Loaded {
  readonly index: MessageIndex;
  readonly lastSegment: number;
  readonly faults: readonly LoadFault[];
}

export interface LoadFault {
  readonly kind: SpoolTrouble["kind"];
  readonly segment: number;
  readonly offset: number;
  readonly octets: Buffer;
  /** Content of a message record whose header is sound. */
  readonly message?: Buffer;
  readonly id?: string;
}

export type LoadResult = ({ readonly kind: "loaded" } & Loaded) | { readonly kind: "refused"; readonly message: string };

/** `keep` as for entries: false for a look that goes through the queue once. */
export function loadSegments(directory: string, files: SpoolFiles, keep = true): LoadResult {
  const index = new MessageIndex();
  const faults: LoadFault[] = [];
  const numbers = segmentNumbers(listOrNothing(files, directory));
  for (const number of numbers) {
    const facts = index.segment(number);
    facts.sealed = true;
    let refused: number | undefined;
    try {
      facts.size = streamSegment(files, join(directory, segmentName(number)), number, (item, octets) => {
        if (item.kind === "version") refused = item.version;
        else takeItem(item, { index, faults, octets, segment: number, keep });
      });
    } catch (error) {
      if (codeOf(error) !== "EIO") throw error;
      // What could be read counts. The file stays, and so do all later ones, whatever becomes of their messages.
      facts.sealed = false;
      faults.push({ kind: "unreadable", segment: number, offset: 0, octets: Buffer.alloc(0) });
    }
    if (refused !== undefined) return { kind: "refused", message: versionMessage(directory, number, refused) };
  }
  return { kind: "loaded", index, lastSegment: numbers.at(-1) ?? 0, faults };
}

function versionMessage(directory: string, segment: number, version: number): string {
  return `${join(directory, segmentName(segment))} has spool format ${version}; this mailkit reads format ${FORMAT_VERSION}`;
}

interface LoadWork {
  readonly index: MessageIndex;
  readonly faults: LoadFault[];
  readonly octets: Buffer;
  readonly segment: number;
  readonly keep: boolean;
}

function takeItem(item: Exclude<ScanItem, { kind: "version" }>, work: LoadWork): void {
  if (item.kind !== "record") {
    const octets = work.octets.subarray(item.offset, item.end);
    const message = item.type === RECORD.message ? item.payload : undefined;
    work.faults.push({
      kind: item.kind,
      segment: work.segment,
      offset: item.offset,
      octets,
      ...(message === undefined ? {} : { message }),
    });
    return;
  }
  try {
    if (item.type === RECORD.message) {
      const layout = readMessage(item.payload, item.externalBody);
      work.index.add(
        new Entry({
          id: layout.id,
          segment: work.segment,
          position: item.offset,
          size: item.size,
          bodySize: layout.bodyLength,
          file: layout.file,
          envelope: layout.envelope,
          standing: layout.state,
          keep: work.keep,
        }),
      );
    } else if (item.type === RECORD.progress) {
      const { id, progress } = readProgress(item.payload);
      work.index.progress(id, progress, item.last);
    }
  } catch {
    work.faults.push({ kind: "corrupt", segment: work.segment, offset: item.offset, octets: Buffer.from(item.payload) });
  }
}

export function listOrNothing(files: SpoolFiles, directory: string): string[] {
  try {
    return files.list(directory);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return [];
    throw error;
  }
}
