/**
 * Files of LMDB, open as long as they are used. A writer needs not be asked: it never writes over pages of the last
 * transaction that was completed, so what was read is right when no other one was completed meanwhile.
 */
import { closeSync, fstatSync, openSync, readSync, statSync } from "node:fs";
import { pathOf } from "@mailkit/sdk";
import { findKey, readHead, type ReadOctets } from "./format.ts";

const MAX_FILES = 20;
/** A writer that completes a transaction each time we look is not met in practice. */
const MAX_TRIES = 50;

export interface LmdbFiles {
  /** Throws system errors and `Corrupt`. */
  find(path: string, key: Buffer): Buffer | undefined;
  close(): void;
}

interface OpenFile {
  readonly descriptor: number;
  readonly inode: number;
  readonly device: number;
}

export function makeLmdbFiles(): LmdbFiles {
  const open = new Map<string, OpenFile>();
  return {
    find: (path, key) => findStable(reader(fileAt(open, path).descriptor), key),
    close: () => {
      for (const { descriptor } of open.values()) closeSync(descriptor);
      open.clear();
    },
  };
}

/** A file that was replaced is opened anew. */
function fileAt(open: Map<string, OpenFile>, path: string): OpenFile {
  const known = open.get(path);
  if (known !== undefined) {
    const facts = statSync(pathOf(path), { throwIfNoEntry: false });
    open.delete(path);
    if (facts !== undefined && facts.ino === known.inode && facts.dev === known.device) {
      open.set(path, known);
      return known;
    }
    closeSync(known.descriptor);
  }
  const descriptor = openSync(pathOf(path), "r");
  const facts = fstatSync(descriptor);
  const file = { descriptor, inode: facts.ino, device: facts.dev };
  open.set(path, file);
  const [oldest] = open;
  if (open.size > MAX_FILES && oldest !== undefined) {
    open.delete(oldest[0]);
    closeSync(oldest[1].descriptor);
  }
  return file;
}

function reader(descriptor: number): ReadOctets {
  return (offset, length) => {
    const octets = Buffer.allocUnsafe(length);
    let filled = 0;
    while (filled < length) {
      const count = readSync(descriptor, octets, filled, length - filled, offset + filled);
      if (count === 0) break;
      filled += count;
    }
    return octets.subarray(0, filled);
  };
}

/** What was found, or not, in one state of the file; a fault counts only if the file stood still. */
function findStable(read: ReadOctets, key: Buffer): Buffer | undefined {
  for (let tries = 1; ; tries++) {
    const head = readHead(read);
    const result = attempt(() => findKey(read, head, key));
    if (readHead(read).transaction === head.transaction || tries >= MAX_TRIES) {
      if ("fault" in result) throw result.fault;
      return result.found;
    }
  }
}

function attempt(find: () => Buffer | undefined): { readonly found: Buffer | undefined } | { readonly fault: unknown } {
  try {
    return { found: find() };
  } catch (fault) {
    return { fault };
  }
}
