import type { DeliveryState, Envelope, HeaderLine, StoredMessage } from "@mailkit/sdk";
import { basename, join } from "node:path";
import { fileBody, inlineBody, type NewBody } from "./bodies.ts";
import { codeOf, SpoolFault } from "./faults.ts";
import { realFiles, type SpoolFiles } from "./files.ts";
import { isHeld } from "./lock.ts";
import type { Entry, MessageIndex } from "./message-index.ts";
import type { QueueItem } from "./types.ts";
import { headerLines, readContent } from "./read-record.ts";
import { listOrNothing, type LoadFault, loadSegments } from "./recovery.ts";

/**
 * A look at a partition without its lock, beside a running writer or without one. Writes nothing. What the writer does
 * afterwards is not seen; a message that has left meanwhile is not there when it is asked for.
 */
export interface PartitionView {
  readonly directory: string;
  list(): QueueItem[];
  has(id: string): boolean;
  get(id: string): Promise<StoredMessage | undefined>;
  log(id: string): readonly string[];
  readonly count: number;
  readonly segments: number;
  readonly faults: readonly LoadFault[];
}

export type ReadResult =
  | { readonly kind: "read"; readonly view: PartitionView }
  | { readonly kind: "refused"; readonly message: string }
  | { readonly kind: "missing"; readonly message: string };

const ATTEMPTS = 5;

export function readPartition(directory: string, files: SpoolFiles = realFiles): ReadResult {
  for (let attempt = 1; ; attempt++) {
    try {
      files.list(directory);
    } catch (error) {
      if (codeOf(error) === "ENOENT") return { kind: "missing", message: `${directory} does not exist` };
      throw error;
    }
    try {
      const loaded = loadSegments(directory, files, false);
      return loaded.kind === "refused" ? loaded : { kind: "read", view: makeView(directory, files, loaded) };
    } catch (error) {
      // The writer gave a segment back between the listing and the reading: look again.
      if (codeOf(error) !== "ENOENT" || attempt === ATTEMPTS) throw error;
    }
  }
}

function makeView(directory: string, files: SpoolFiles, loaded: { index: MessageIndex; faults: readonly LoadFault[] }): PartitionView {
  const { index } = loaded;
  return {
    directory,
    list: () => index.sortedIds().map((id) => index.entries.get(id) as Entry),
    has: (id) => index.entries.has(id),
    get: (id) => readMessage(directory, files, index.entries.get(id)),
    log: (id) => index.entries.get(id)?.standing.log ?? [],
    count: index.entries.size,
    segments: index.segments.size,
    faults: loaded.faults,
  };
}

async function readMessage(directory: string, files: SpoolFiles, entry: Entry | undefined): Promise<StoredMessage | undefined> {
  if (entry === undefined) return undefined;
  try {
    const content = await readContent(directory, files, entry);
    const body: NewBody =
      entry.file === undefined
        ? inlineBody(content.body as Buffer)
        : fileBody({ directory: join(directory, "body"), files }, entry.file, entry.bodySize);
    return plainMessage(entry.envelope, entry.standing.headers ?? headerLines(content), body, entry.standing);
  } catch (error) {
    if (error instanceof SpoolFault && (error.code === "ENOENT" || error.code === "ECORRUPT")) return undefined;
    throw error;
  }
}

// oxlint-disable-next-line max-params
function plainMessage(envelope: Envelope, headers: readonly HeaderLine[], body: NewBody, state: DeliveryState): StoredMessage {
  return { envelope, headers, body, state };
}

export interface PartitionFacts {
  readonly name: string;
  readonly directory: string;
  /** A process writes there now. Otherwise anybody may open it and go on with what it holds. */
  readonly held: boolean;
}

/** What an Exim may have left in `input/`: files of messages, and folders of one character (`split_spool_directory`). */
const OF_EXIM = /^.$|-[HDJK]$/;

/** The partitions of a spool, by name. */
export function listPartitions(spoolDirectory: string, files: SpoolFiles = realFiles): PartitionFacts[] {
  return partitionDirectories(spoolDirectory, files).map((directory) => ({
    name: basename(directory),
    directory,
    held: isHeldOrUnknown(directory),
  }));
}

/** Folders of the partitions; nobody is asked for a lock. */
export function partitionDirectories(spoolDirectory: string, files: SpoolFiles = realFiles): string[] {
  const input = join(spoolDirectory, "input");
  return listOrNothing(files, input)
    .filter((name) => !name.startsWith(".") && !OF_EXIM.test(name))
    .sort()
    .map((name) => join(input, name));
}

/** Without the right to look, somebody else has it. */
function isHeldOrUnknown(directory: string): boolean {
  try {
    return isHeld(directory);
  } catch {
    return true;
  }
}
