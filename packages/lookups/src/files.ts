/**
 * The real files behind the port: small ones that a configuration names (aliases, lists, `.forward`). Read in one go,
 * synchronously (they are in the page cache), and kept with what was derived from them until size, inode, mtime or ctime
 * change. Messages, mailboxes and the spool never come through here.
 */
import { strerror, errnoOf, isFault, pathOf, textOf, type FileFacts, type FileFault, type FileService } from "@mailkit/sdk";
import { lstatSync, readdirSync, readFileSync, statSync, type Stats } from "node:fs";
import { openFault } from "./open-fault.ts";

export interface FileServiceOptions {
  /** How many files are kept. */
  readonly maxFiles?: number;
  /** Octets of one file that are read at most; longer ones are refused. */
  readonly maxSize?: number;
  /** Octets of content that are kept; what is derived from a file is kept beside that. */
  readonly maxKept?: number;
  /** Milliseconds since 1970, for the test of fresh files. */
  readonly now?: () => number;
}

interface Kept {
  readonly stamp: Stamp;
  /** A change within this tick of the clock of the file system would not be seen: read again next time. */
  readonly isFresh: boolean;
  content: string | undefined;
  readonly derived: Map<string, unknown>;
}

type Stamp = Pick<Stats, "ino" | "dev" | "size" | "mtimeMs" | "ctimeMs">;

/** Time stamps of file systems are this coarse (milliseconds), to be safe. */
const TICK = 50;

export function makeFileService(options: FileServiceOptions = {}): FileService {
  const limits = {
    maxFiles: options.maxFiles ?? 1000,
    maxSize: options.maxSize ?? 256 * 1024 * 1024,
    maxKept: options.maxKept ?? 64 * 1024 * 1024,
  };
  const now = options.now ?? Date.now;
  const files = new Map<string, Kept>();
  let keptOctets = 0;

  const forget = (path: string): void => {
    keptOctets -= files.get(path)?.content?.length ?? 0;
    files.delete(path);
  };
  const makeRoom = (): void => {
    for (const [path] of files) {
      if (files.size <= limits.maxFiles && keptOctets <= limits.maxKept) return;
      forget(path);
    }
  };
  /** The file as it is now: kept, or a new empty record. */
  const current = (path: string): Kept | FileFault => {
    const facts = readable(path, limits.maxSize);
    if ("message" in facts) {
      forget(path);
      return facts;
    }
    const known = files.get(path);
    if (known !== undefined && isSame(known.stamp, facts) && !known.isFresh) return known;
    forget(path);
    const kept: Kept = { stamp: facts, isFresh: now() - facts.ctimeMs < TICK, content: undefined, derived: new Map() };
    files.set(path, kept);
    return kept;
  };
  const contentOf = (path: string, kept: Kept, keep: boolean): string | FileFault => {
    if (kept.content !== undefined) return kept.content;
    const content = opened(path, () => textOf(readFileSync(pathOf(path))));
    if (typeof content === "string" && keep) {
      kept.content = content;
      keptOctets += content.length;
      makeRoom();
    }
    return content;
  };

  return {
    read: (path) => {
      const kept = current(path);
      return "message" in kept ? kept : contentOf(path, kept, true);
    },
    derived: <T>(path: string, what: string, derive: (content: string) => T) => {
      const kept = current(path);
      if ("message" in kept) return kept;
      if (kept.derived.has(what)) return { value: kept.derived.get(what) as T };
      const content = contentOf(path, kept, false);
      if (typeof content !== "string") return content;
      const value = derive(content);
      kept.derived.set(what, value);
      makeRoom();
      return { value };
    },
    stat: (path, { follow = true } = {}) => guarded(path, () => factsOf((follow ? statSync : lstatSync)(pathOf(path)))),
    list: (directory) => opened(directory, () => readdirSync(pathOf(directory), { encoding: "latin1" })),
  };
}

function isSame(a: Stamp, b: Stamp): boolean {
  return a.mtimeMs === b.mtimeMs && a.ctimeMs === b.ctimeMs && a.size === b.size && a.ino === b.ino && a.dev === b.dev;
}

/** Only regular files (and /dev/null): a pipe or a device could be read for ever. */
function readable(path: string, maxSize: number): Stats | FileFault {
  const stats = opened(path, () => statSync(pathOf(path)));
  if ("message" in stats) return stats;
  if (stats.isDirectory()) return fault("EISDIR");
  if (!stats.isFile() && path !== "/dev/null") return { code: "EINVAL", message: "Not a regular file" };
  return stats.size > maxSize ? fault("EFBIG") : stats;
}

function opened<T extends object | string>(path: string, act: () => T): T | FileFault {
  const result = guarded(path, act);
  return typeof result !== "string" && isFault(result) ? openFault(result.code) : result;
}

function guarded<T extends object | string>(path: string, act: () => T): T | FileFault {
  if (path.includes("\0")) return fault("ENOENT");
  try {
    return act();
  } catch (error) {
    return fault((error as NodeJS.ErrnoException).code ?? "EIO");
  }
}

function fault(code: string): FileFault {
  return { code, message: strerror(errnoOf(code)) };
}

function factsOf(stats: Stats): FileFacts {
  const kind = stats.isFile() ? "file" : stats.isDirectory() ? "directory" : stats.isSymbolicLink() ? "symlink" : "other";
  const { size, mode, uid, gid, ino: inode, dev: device, nlink: links, mtimeMs: mtime, atimeMs: atime, ctimeMs: ctime } = stats;
  return { kind, size, mode, uid, gid, inode, device, links, mtime, atime, ctime };
}
