/**
 * Reads a file that grows, across rotation: the old file is read to its end before the new one is opened, a file that was
 * cut short is read from its beginning, one that is not there yet is waited for. Looks when it is asked to.
 */
import * as fs from "node:fs";

export interface Follower {
  /** What has come since the last time, whole lines. */
  poll(): readonly string[];
  close(): void;
}

const BLOCK = 1 << 16;
/** More in one go would hold up everything else. */
const MOST = 16 << 20;

interface Opened {
  readonly path: string;
  readonly fd: number;
  readonly inode: number;
  readonly device: number;
  at: number;
  rest: string;
}

/** `nameAt` says the name now (it may hold the date). The first poll gives the last `last` lines that are there. */
export function followFile(nameAt: () => string | undefined, last: number): Follower {
  let file: Opened | undefined;
  let first = true;

  function poll(): readonly string[] {
    const path = nameAt();
    const lines = file === undefined ? [] : readNew(file);
    const facts = path === undefined ? undefined : fs.statSync(path, { throwIfNoEntry: false });
    if (path !== undefined && facts !== undefined) {
      if (file === undefined || path !== file.path || facts.ino !== file.inode || facts.dev !== file.device) {
        if (file !== undefined) lines.push(...readNew(file), ...(file.rest === "" ? [] : [file.rest]));
        close();
        file = openAt(path);
        if (file !== undefined) lines.push(...(first ? lastLines(file, last) : readNew(file)));
      } else if (facts.size < file.at) {
        file.at = 0;
        file.rest = "";
        lines.push(...readNew(file));
      }
    }
    first = false;
    return lines;
  }

  function close(): void {
    if (file !== undefined) fs.closeSync(file.fd);
    file = undefined;
  }

  return { poll, close };
}

function openAt(path: string): Opened | undefined {
  try {
    const fd = fs.openSync(path, "r");
    const { ino, dev } = fs.fstatSync(fd);
    return { path, fd, inode: ino, device: dev, at: 0, rest: "" };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

function readNew(file: Opened): string[] {
  const block = Buffer.allocUnsafe(BLOCK);
  let text = file.rest;
  for (let total = 0; total < MOST;) {
    const count = fs.readSync(file.fd, block, 0, BLOCK, file.at);
    if (count === 0) break;
    text += block.toString("latin1", 0, count);
    file.at += count;
    total += count;
  }
  const lines = text.split("\n");
  file.rest = lines.pop() as string;
  return lines;
}

/** The last whole lines of what is there; the file goes on behind them. */
function lastLines(file: Opened, count: number): string[] {
  const size = fs.fstatSync(file.fd).size;
  const parts: Buffer[] = [];
  let from = size;
  for (let newlines = 0; from > 0 && newlines <= count;) {
    const length = Math.min(BLOCK, from);
    const block = Buffer.allocUnsafe(length);
    from -= length;
    const read = fs.readSync(file.fd, block, 0, length, from);
    parts.unshift(block.subarray(0, read));
    for (let at = block.indexOf(10); at >= 0; at = block.indexOf(10, at + 1)) newlines++;
  }
  file.at = size;
  const lines = Buffer.concat(parts).toString("latin1").split("\n");
  file.rest = lines.pop() as string;
  return count === 0 ? [] : lines.slice(-count);
}
