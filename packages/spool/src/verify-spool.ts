import { join } from "node:path";
import { readFully } from "./bodies.ts";
import { realFiles, type SpoolFiles } from "./files.ts";
import { readPartition, listPartitions, type PartitionView } from "./read-partition.ts";
import { listOrNothing, type LoadFault } from "./recovery.ts";
import { isAside } from "./set-aside.ts";

/** `mailkit spool verify`: reads every octet of a spool and says what is wrong. Changes nothing. */
export interface SpoolReport {
  readonly ok: boolean;
  readonly partitions: readonly PartitionReport[];
}

export interface PartitionReport {
  readonly name: string;
  readonly held: boolean;
  readonly segments: number;
  readonly messages: number;
  /** Octets of the bodies. */
  readonly size: number;
  readonly faults: readonly SpoolFinding[];
}

export interface SpoolFinding {
  readonly kind: "corrupt" | "tornTail" | "missingBody" | "unreadable" | "orphanBody" | "version";
  readonly message: string;
  readonly id?: string;
}

export async function verifySpool(spoolDirectory: string, files: SpoolFiles = realFiles): Promise<SpoolReport> {
  const partitions: PartitionReport[] = [];
  for (const { name, directory, held } of listPartitions(spoolDirectory, files)) {
    const isKnown = (fault: LoadFault): boolean =>
      isAside(fault, { corruptDirectory: join(spoolDirectory, "corrupt"), partition: name, files });
    partitions.push({ name, held, ...(await verifyPartition({ directory, held, isKnown }, files)) });
  }
  return { ok: partitions.every((partition) => partition.faults.every((fault) => fault.kind === "orphanBody")), partitions };
}

interface Looked {
  readonly directory: string;
  readonly held: boolean;
  /** A start has put it aside and told of it. */
  readonly isKnown: (fault: LoadFault) => boolean;
}

async function verifyPartition({ directory, held, isKnown }: Looked, files: SpoolFiles): Promise<Omit<PartitionReport, "name" | "held">> {
  const result = readPartition(directory, files);
  if (result.kind !== "read") {
    const kind = result.kind === "refused" ? "version" : "unreadable";
    return { segments: 0, messages: 0, size: 0, faults: [{ kind, message: result.message }] };
  }
  const { view } = result;
  const faults = view.faults
    .filter((fault) => !(held && fault.kind === "tornTail") && !isKnown(fault)) // The writer is at work there.
    .map((fault): SpoolFinding => {
      if (fault.kind === "unreadable") return { kind: fault.kind, message: `segment ${fault.segment}: cannot be read to its end (EIO)` };
      const what = fault.kind === "tornTail" ? "unfinished write" : "corrupt record";
      return { kind: fault.kind, message: `segment ${fault.segment}, offset ${fault.offset}: ${what} of ${fault.octets.length} octets` };
    });
  const found = await verifyMessages(view, held, files);
  return { segments: view.segments, messages: view.count, size: found.size, faults: [...faults, ...found.faults] };
}

async function verifyMessages(view: PartitionView, held: boolean, files: SpoolFiles): Promise<{ size: number; faults: SpoolFinding[] }> {
  const faults: SpoolFinding[] = [];
  const bodies = join(view.directory, "body");
  const orphans = new Set(listOrNothing(files, bodies));
  let size = 0;
  for (const { id, bodySize } of view.list()) {
    size += bodySize;
    const message = await view.get(id);
    if (message === undefined) {
      if (!held) faults.push({ kind: "unreadable", id, message: `message ${id} cannot be read back` });
      continue;
    }
    const { file } = message.body as { file?: string };
    if (file === undefined) continue;
    const fault = await verifyBody(join(bodies, file), bodySize, files);
    if (fault !== undefined && !held) faults.push({ kind: "missingBody", id, message: `message ${id}: body file ${file}: ${fault}` });
    orphans.delete(file);
  }
  if (!held) for (const name of orphans) faults.push({ kind: "orphanBody", message: `body/${name} belongs to no message` });
  return { size, faults };
}

async function verifyBody(path: string, size: number, files: SpoolFiles): Promise<string | undefined> {
  try {
    const actual = files.size(path);
    if (actual !== size) return `has ${actual} octets instead of ${size}`;
    const fd = files.open(path, "r");
    try {
      for (let at = 0; at < size; at += PIECE) await readFully(files, fd, { position: at, length: Math.min(PIECE, size - at) });
    } finally {
      files.close(fd);
    }
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

const PIECE = 1024 * 1024;
