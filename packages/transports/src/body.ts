/** Bodies that come from somewhere else than the spool: in memory while small, else in a file that has no name any more. */
import { closeSync, openSync, readSync, unlinkSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { randomBytes } from "node:crypto";
import type { BodySource } from "@mailkit/sdk";

const IN_MEMORY = 1024 * 1024;
const PIECE = 256 * 1024;

export function bodyOfBytes(bytes: Buffer): BodySource {
  return {
    size: bytes.length,
    bytes,
    read: async (start = 0, length = bytes.length) => bytes.subarray(start, start + length),
    // oxlint-disable-next-line typescript/require-await -- the contract is an async iterable
    chunks: async function* () {
      yield bytes;
    },
  };
}

export interface BodyCollector {
  push(octets: Buffer): void;
  finish(): BodySource;
  /** Lets go of the file; the body must not be read after this. */
  dispose(): void;
}

export function newBodyCollector(): BodyCollector {
  let parts: Buffer[] = [];
  let size = 0;
  let fd: number | undefined;
  const spill = (): number => {
    const path = join(tmpdir(), `mailkit-${process.pid}-${randomBytes(9).toString("base64url")}`);
    fd = openSync(path, "wx+", 0o600);
    unlinkSync(path);
    for (const part of parts) writeSync(fd, part);
    parts = [];
    return fd;
  };
  return {
    push(octets) {
      size += octets.length;
      if (fd === undefined && size <= IN_MEMORY) parts.push(octets);
      else writeSync(fd ?? spill(), octets);
    },
    finish: () => (fd === undefined ? bodyOfBytes(parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts)) : bodyOfFile(fd, size)),
    dispose() {
      if (fd !== undefined) closeSync(fd);
      fd = undefined;
    },
  };
}

function bodyOfFile(fd: number, size: number): BodySource {
  const read = (start: number, length: number): Buffer => {
    const octets = Buffer.allocUnsafe(Math.max(0, Math.min(length, size - start)));
    let got = 0;
    while (got < octets.length) {
      const n = readSync(fd, octets, got, octets.length - got, start + got);
      if (n === 0) break;
      got += n;
    }
    return octets.subarray(0, got);
  };
  return {
    size,
    read: async (start = 0, length = size) => read(start, length),
    // oxlint-disable-next-line typescript/require-await -- as above
    chunks: async function* () {
      for (let at = 0; at < size; at += PIECE) yield read(at, PIECE);
    },
  };
}
