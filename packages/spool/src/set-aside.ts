import { join } from "node:path";
import type { SpoolTrouble } from "./faults.ts";
import { type SpoolFiles, writeAll } from "./files.ts";
import { listOrNothing, type LoadFault } from "./recovery.ts";
import { headersFromText } from "./records.ts";

/**
 * Puts what could not be read into `corrupt/`: the octets as they are, and the message as far as it can be made out.
 * A stretch that was put there before is not reported again.
 */
export interface AsideOptions {
  readonly corruptDirectory: string;
  readonly partition: string;
  readonly files: SpoolFiles;
}

/** A damaged segment may be large; this much of a stretch is kept. */
const KEPT = 64 * 1024 * 1024;

export function setAside(fault: LoadFault, options: AsideOptions): SpoolTrouble | undefined {
  if (fault.kind === "unreadable") return unreadable(fault, options);
  const salvage = fault.message === undefined ? undefined : salvageMessage(fault.message);
  const id = fault.id ?? salvage?.id;
  const savedAs: string[] = [];
  try {
    options.files.mkdir(options.corruptDirectory, 0o700);
    const base = freeName(fault, options);
    if (base === undefined) return undefined;
    savedAs.push(save(options, `${base}.record`, fault.octets.subarray(0, KEPT)));
    if (salvage !== undefined) savedAs.push(save(options, `${base}.eml`, salvage.text));
  } catch {
    // No room, no right: the trouble is reported without.
  }
  const where = savedAs.length > 0 ? `, kept in ${savedAs.join(" and ")}` : ", and it could not be kept elsewhere";
  const what =
    fault.kind === "tornTail" ? "unfinished write" : fault.kind === "missingBody" ? "record without its body file" : "corrupt record";
  return {
    kind: fault.kind,
    partition: options.partition,
    segment: fault.segment,
    offset: fault.offset,
    length: fault.octets.length,
    ...(id === undefined ? {} : { id }),
    savedAs,
    message:
      `spool partition ${options.partition}, segment ${fault.segment}, offset ${fault.offset}: ${what} of ${fault.octets.length} octets` +
      `${id === undefined ? "" : ` (message ${id})`}${where}`,
  };
}

/** The disk does not give it: there is nothing to keep elsewhere, and the file may be read again one day. */
function unreadable({ kind, segment }: LoadFault, { partition }: AsideOptions): SpoolTrouble {
  const message = `spool partition ${partition}, segment ${segment}: cannot be read to its end (EIO); the file stays where it is`;
  return { kind, partition, segment, offset: 0, length: 0, savedAs: [], message };
}

/** Did `setAside` put that stretch there, octet for octet? */
export function isAside(fault: LoadFault, options: AsideOptions): boolean {
  return fault.kind !== "unreadable" && freeName(fault, options) === undefined;
}

/** Undefined: it is there. Numbers of segments begin anew in a partition that was emptied, so others may have its name. */
function freeName(fault: LoadFault, { corruptDirectory, partition, files }: AsideOptions): string | undefined {
  const names = new Set(listOrNothing(files, corruptDirectory));
  const octets = fault.octets.subarray(0, KEPT);
  for (let count = 1; ; count++) {
    const base = `${partition}-${fault.segment}-${fault.offset}${count === 1 ? "" : `.${count}`}`;
    if (!names.has(`${base}.record`)) return base;
    if (files.readFile(join(corruptDirectory, `${base}.record`)).equals(octets)) return undefined;
  }
}

function save(options: AsideOptions, name: string, octets: Buffer): string {
  const path = join(options.corruptDirectory, name);
  const fd = options.files.open(path, "wx");
  try {
    writeAll(options.files, fd, octets, { length: octets.length, position: 0 });
  } finally {
    options.files.close(fd);
  }
  return path;
}

/** Whatever of envelope, headers and body can be told apart in a damaged record. */
export function salvageMessage(payload: Buffer): { id?: string; text: Buffer } | undefined {
  if (payload.length < 16) return undefined;
  const envelopeEnd = 16 + payload.readUInt32LE(0);
  const headersAt = envelopeEnd + payload.readUInt32LE(4);
  const bodyAt = headersAt + payload.readUInt32LE(8);
  if (bodyAt > payload.length) return undefined;
  const envelope = payload.toString("latin1", 16, envelopeEnd);
  const id = /"id":"([0-9A-Za-z-]{16,23})"/.exec(envelope)?.[1];
  const lead = `X-Spool-Envelope: ${envelope.replace(/[^\x20-\x7e]/g, "?")}\n`;
  const text = Buffer.concat([
    Buffer.from(lead + salvageHeaders(payload.toString("latin1", headersAt, bodyAt)), "latin1"),
    payload.subarray(bodyAt),
  ]);
  return id === undefined ? { text } : { id, text };
}

function salvageHeaders(block: string): string {
  try {
    return `${headersFromText(block)
      .map((header) => header.text)
      .join("")}\n`;
  } catch {
    return `${block}\n\n`;
  }
}
