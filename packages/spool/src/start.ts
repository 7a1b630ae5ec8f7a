import { join } from "node:path";
import { removeBody } from "./bodies.ts";
import type { SpoolTrouble } from "./faults.ts";
import type { SpoolFiles } from "./files.ts";
import { RECORD_HEADER, segmentName } from "./format.ts";
import type { MessageIndex } from "./message-index.ts";
import { type Loaded, listOrNothing, type LoadFault } from "./recovery.ts";
import { setAside } from "./set-aside.ts";

/** Puts a partition in order after its index was loaded: damaged stretches aside, bodies and records matched. */
export interface StartOptions {
  readonly directory: string;
  readonly corruptDirectory: string;
  readonly files: SpoolFiles;
  readonly trouble: (trouble: SpoolTrouble) => void;
}

/** True when a segment holds damage in its middle, and had better be written anew. */
export function prepareDirectory(loaded: Loaded, options: StartOptions): boolean {
  const partition = options.directory.slice(options.directory.lastIndexOf("/") + 1);
  const report = (fault: LoadFault): void => {
    const trouble = setAside(fault, { corruptDirectory: options.corruptDirectory, partition, files: options.files });
    if (trouble !== undefined) options.trouble(trouble);
  };
  for (const fault of loaded.faults) report(fault);
  matchBodies(loaded.index, options, report);
  for (const name of listOrNothing(options.files, options.directory)) {
    if (name.endsWith(".spare")) options.files.unlink(join(options.directory, name));
  }
  return loaded.faults.some((fault) => fault.kind === "corrupt");
}

function matchBodies(index: MessageIndex, options: StartOptions, report: (fault: LoadFault) => void): void {
  const { directory, files } = options;
  const bodies = join(directory, "body");
  const present = new Set(listOrNothing(files, bodies));
  for (const entry of index.entries.values()) {
    if (entry.file === undefined || present.delete(entry.file)) continue;
    index.drop(entry);
    const segment = files.readFile(join(directory, segmentName(entry.segment)));
    const octets = segment.subarray(entry.position, entry.position + entry.size);
    const message = octets.subarray(RECORD_HEADER);
    report({ kind: "missingBody", segment: entry.segment, offset: entry.position, octets, message, id: entry.id });
  }
  for (const name of present) removeBody({ directory: bodies, files }, name);
}
