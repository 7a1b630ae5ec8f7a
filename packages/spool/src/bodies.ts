import type { BodySource } from "@mailkit/sdk";
import { join } from "node:path";
import { faultOf } from "./faults.ts";
import { datasync, type SpoolFiles, writeAll } from "./files.ts";

/**
 * Bodies: in memory while small, in a file of their own under `body/` when large. A file is written while the message
 * arrives, made durable with its name, and only then named by a record; one that no record names is removed at the
 * next start.
 */
export interface BodyWriter {
  readonly size: number;
  /** Takes the next octets; they must not be changed afterwards. Throws a `SpoolFault` when the disk refuses. */
  write(chunk: Buffer): void;
  /** Makes it durable where it has a file. The result can be read (content scanning) and given to `accept`. */
  end(): Promise<NewBody>;
  /** Forgets it. */
  discard(): void;
}

/** A body that no message has yet. */
export interface NewBody extends BodySource {
  /** Name of its file in `body/`. */
  readonly file: string | undefined;
  discard(): void;
}

export interface BodyStore {
  readonly directory: string;
  readonly files: SpoolFiles;
  /** Above this a body gets a file. */
  readonly inlineLimit: number;
  readonly newName: () => string;
}

export function openBodyWriter(store: BodyStore): BodyWriter {
  const { files } = store;
  let chunks: Buffer[] = [];
  let size = 0;
  let spill: { fd: number; name: string; written: number } | undefined;

  function flush(): void {
    const target = (spill ??= startSpill(store));
    const octets = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
    chunks = [];
    writeAll(files, target.fd, octets, { length: octets.length, position: target.written });
    target.written += octets.length;
  }

  function discard(): void {
    chunks = [];
    if (spill === undefined) return;
    files.close(spill.fd);
    removeBody(store, spill.name);
    spill = undefined;
  }

  let waiting = 0;
  return {
    get size() {
      return size;
    },
    write(chunk) {
      chunks.push(chunk);
      size += chunk.length;
      waiting += chunk.length;
      if (size <= store.inlineLimit || waiting < WRITE_SIZE) return;
      waiting = 0;
      try {
        flush();
      } catch (error) {
        discard();
        throw faultOf(error, "cannot write a body");
      }
    },
    async end() {
      if (size <= store.inlineLimit) return inlineBody(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks));
      try {
        flush();
        const { fd, name } = spill as { fd: number; name: string };
        await datasync(files, fd);
        files.close(fd);
        spill = undefined;
        await files.syncDirectory(store.directory);
        return fileBody(store, name, size);
      } catch (error) {
        discard();
        throw faultOf(error, "cannot write a body");
      }
    },
    discard,
  };
}

const WRITE_SIZE = 256 * 1024;

function startSpill(store: BodyStore): { fd: number; name: string; written: number } {
  const name = store.newName();
  return { fd: store.files.open(join(store.directory, name), "wx"), name, written: 0 };
}

export function removeBody(store: Pick<BodyStore, "directory" | "files">, name: string): void {
  try {
    store.files.unlink(join(store.directory, name));
  } catch {
    // It is gone already.
  }
}

export function inlineBody(bytes: Buffer): NewBody {
  return {
    file: undefined,
    size: bytes.length,
    bytes,
    read: (start = 0, length = bytes.length) => Promise.resolve(bytes.subarray(start, start + length)),
    // oxlint-disable-next-line require-yield
    async *chunks() {
      if (bytes.length > 0) yield bytes;
    },
    discard: () => {},
  };
}

const CHUNK = 64 * 1024;

export function fileBody(store: Pick<BodyStore, "directory" | "files">, name: string, size: number): NewBody {
  const { files } = store;
  const path = join(store.directory, name);
  async function read(start = 0, length = size): Promise<Buffer> {
    const fd = files.open(path, "r");
    try {
      return await readFully(files, fd, { position: start, length: Math.max(0, Math.min(length, size - start)) });
    } finally {
      files.close(fd);
    }
  }
  async function* chunks(): AsyncIterable<Buffer> {
    const fd = files.open(path, "r");
    try {
      for (let at = 0; at < size; at += CHUNK) yield await readFully(files, fd, { position: at, length: Math.min(CHUNK, size - at) });
    } finally {
      files.close(fd);
    }
  }
  return { file: name, size, read, chunks, discard: () => removeBody(store, name) };
}

/** Throws when the file ends early: a body must never be sent in part. */
export async function readFully(files: SpoolFiles, fd: number, want: { position: number; length: number }): Promise<Buffer> {
  const octets = Buffer.allocUnsafe(want.length);
  let done = 0;
  while (done < want.length) {
    const count = await files.read(fd, octets.subarray(done), want.position + done);
    if (count === 0) throw Object.assign(new Error("file ends early"), { code: "ESHORT" });
    done += count;
  }
  return octets;
}
