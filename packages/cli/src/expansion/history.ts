/**
 * The lines of the dialogue, kept from one run to the next: `$XDG_STATE_HOME/mailkit/expand_history` (XDG Base Directory
 * Specification), readable by their owner alone, since a line may hold a secret. Whatever goes wrong with the file, the
 * dialogue goes on without it.
 */
import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { dirname, isAbsolute, join } from "node:path";

export interface History {
  /** The newest first, as readline wants them. */
  readonly lines: readonly string[];
  /** A line that begins with a space is not kept, as in shells. */
  add(line: string): void;
  /** Why nothing is kept; undefined while all is well, and where there is no home. */
  readonly fault: () => string | undefined;
}

/** How many lines are kept, and how much of the file is looked at, octets. */
export const HISTORY_LINES = 1000;
const HISTORY_OCTETS = 512 * 1024;
/** A longer line is not kept. */
const LINE_OCTETS = 16 * 1024;

/** Undefined = there is no home. A path that is not absolute is ignored, as the specification says. */
export function historyPath(env: NodeJS.ProcessEnv): string | undefined {
  const state = absolute(env.XDG_STATE_HOME) ?? (absolute(env.HOME) === undefined ? undefined : join(env.HOME as string, ".local/state"));
  return state === undefined ? undefined : join(state, "mailkit", "expand_history");
}

function absolute(path: string | undefined): string | undefined {
  return path !== undefined && isAbsolute(path) ? path : undefined;
}

export function openHistory(path: string | undefined): History {
  let fault: string | undefined;
  const guarded = <T>(fallback: T, act: () => T): T => {
    if (path === undefined || fault !== undefined) return fallback;
    try {
      return act();
    } catch (error) {
      fault = `${path}: ${(error as Error).message}`;
      return fallback;
    }
  };
  const lines = guarded<string[]>([], () => {
    makeFolder(dirname(path as string));
    return load(path as string);
  });
  const add = (line: string): void => {
    if (/^\s|^$/.test(line) || Buffer.byteLength(line) > LINE_OCTETS) return;
    guarded(undefined, () => append(path as string, `${line}\n`));
  };
  return { lines: lines.toReversed(), add, fault: () => fault };
}

/** Under sudo the home may be somebody else's: nothing of ours is left there, and nobody leads the file elsewhere. */
function makeFolder(folder: string): void {
  const self = process.geteuid?.();
  let above = folder;
  while (statSync(above, { throwIfNoEntry: false }) === undefined && dirname(above) !== above) above = dirname(above);
  const owner = statSync(above).uid;
  if (owner !== self && (owner !== 0 || above === folder)) throw new Error(`${above} belongs to somebody else`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
}

const { O_RDONLY, O_WRONLY, O_APPEND, O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK } = constants;

/** The latest lines, the oldest first; a file that has grown too long is cut down to them. */
function load(path: string): string[] {
  const read = readEnd(path);
  if (read === undefined) return [];
  // oxlint-disable-next-line no-control-regex -- nothing that a terminal would obey comes back
  const lines = read.text.split("\n").filter((line) => line !== "" && !/[\x00-\x08\x0b-\x1f\x7f]/.test(line));
  const latest = lines.slice(-HISTORY_LINES);
  if (read.cut || lines.length > 2 * HISTORY_LINES) replace(path, latest);
  return latest;
}

function readEnd(path: string): { text: string; cut: boolean } | undefined {
  const file = openOwn(path, O_RDONLY);
  if (file === undefined) return undefined;
  try {
    const { size } = fstatSync(file);
    const from = Math.max(0, size - HISTORY_OCTETS);
    const octets = Buffer.alloc(size - from);
    const text = octets.toString("utf8", 0, readSync(file, octets, 0, octets.length, from));
    return { text: from === 0 ? text : text.slice(text.indexOf("\n") + 1), cut: from > 0 };
  } finally {
    closeSync(file);
  }
}

function append(path: string, text: string): void {
  const file = openOwn(path, O_WRONLY | O_APPEND | O_CREAT) as number;
  try {
    writeSync(file, text);
  } finally {
    closeSync(file);
  }
}

function replace(path: string, lines: readonly string[]): void {
  const next = `${path}.${process.pid}`;
  rmSync(next, { force: true });
  const file = openSync(next, O_WRONLY | O_CREAT | O_EXCL, 0o600);
  try {
    writeSync(file, lines.map((line) => `${line}\n`).join(""));
  } finally {
    closeSync(file);
  }
  renameSync(next, path);
}

/** A regular file of one's own, and no link; undefined = there is none. Its mode is made right. */
function openOwn(path: string, flags: number): number | undefined {
  let file: number;
  try {
    file = openSync(path, flags | O_NOFOLLOW | O_NONBLOCK, 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT" && (flags & O_CREAT) === 0) return undefined;
    throw error;
  }
  const facts = fstatSync(file);
  const own = facts.isFile() && facts.nlink === 1 && facts.uid === process.geteuid?.();
  if (own && (facts.mode & 0o077) !== 0) fchmodSync(file, 0o600);
  if (own) return file;
  closeSync(file);
  throw new Error("not a file of the user's own");
}
