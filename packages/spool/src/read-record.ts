import type { HeaderLine } from "@mailkit/sdk";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { readFully } from "./bodies.ts";
import { codeOf, SpoolFault } from "./faults.ts";
import type { SpoolFiles } from "./files.ts";
import { RECORD_HEADER, RECORD_MAGIC, segmentName } from "./format.ts";
import type { Entry } from "./message-index.ts";
import { headersFromText, readMessage } from "./records.ts";

/** Reads one message back from its segment. The crc is checked again; a record that moved meanwhile is looked up again. */
export interface StoredContent {
  readonly headersBlock: Buffer;
  /** Undefined when the body is in a file. */
  readonly body: Buffer | undefined;
}

export async function readContent(directory: string, files: SpoolFiles, entry: Entry): Promise<StoredContent> {
  for (;;) {
    const { segment, position } = entry;
    try {
      const payload = await readPayload(join(directory, segmentName(segment)), files, entry);
      const layout = readMessage(payload, entry.file !== undefined);
      return {
        headersBlock: payload.subarray(layout.headersAt, layout.bodyAt),
        body: entry.file === undefined ? payload.subarray(layout.bodyAt) : undefined,
      };
    } catch (error) {
      if (entry.segment !== segment || entry.position !== position) continue;
      const code = codeOf(error);
      throw new SpoolFault(
        code === "" ? "ECORRUPT" : code,
        `spool: cannot read message ${entry.id} back: ${(error as Error).message}`,
        error,
      );
    }
  }
}

async function readPayload(path: string, files: SpoolFiles, entry: Entry): Promise<Buffer> {
  const fd = files.open(path, "r");
  try {
    const record = await readFully(files, fd, { position: entry.position, length: entry.size });
    const payload = record.subarray(RECORD_HEADER);
    if (!record.subarray(0, 4).equals(RECORD_MAGIC) || crc32(payload) !== record.readUInt32LE(12)) throw new Error("record is damaged");
    return payload;
  } finally {
    files.close(fd);
  }
}

export function headerLines(content: StoredContent): HeaderLine[] {
  return headersFromText(content.headersBlock.toString("latin1"));
}
