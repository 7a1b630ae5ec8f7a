/** Small tools for files: faults with errno, directories on the way, writing a message, syncing directories together. */
import { chmodSync, close, fdatasync, fsync, mkdirSync, open, write } from "node:fs";
import { dirname } from "node:path";
import { promisify } from "node:util";
import { setTimeout as sleep } from "node:timers/promises";
import { errnoOf, messageOctets, pathOf, strerror, type LocalJob } from "@mailkit/sdk";
import { defer, done, type Fault, type Order, type Step } from "./order.ts";

export const syncData = promisify(fdatasync);
const openFile = promisify(open);
const syncFile = promisify(fsync);
const closeFile = promisify(close);
const writeFile = promisify(write) as unknown as (
  fd: number,
  octets: Buffer,
  offset: number,
  length: number,
) => Promise<{ bytesWritten: number }>;

export function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? "EIO";
}

export function systemFault(error: unknown, message: string, more: Partial<Fault> = {}): { readonly ok: false; readonly fault: Fault } {
  return defer(message, errnoOf(codeOf(error)), more);
}

/** A failed write: a full disk quota is a full mailbox (manual §"The appendfile transport"). */
export function writeFault(error: unknown, path: string): { readonly ok: false; readonly fault: Fault } {
  if (codeOf(error) !== "EDQUOT") return systemFault(error, `error while writing to ${path}`);
  return systemFault(error, `mailbox is full (quota exceeded while writing to file ${path})`, {
    retryError: "quota",
    userMessage: "mailbox is full",
  });
}

/** Makes `directory` and what is missing above it, each with exactly the wanted mode. */
export function makeDirectories(directory: string, mode: number): void {
  try {
    mkdirSync(pathOf(directory), mode);
    chmodSync(pathOf(directory), mode);
  } catch (error) {
    if (codeOf(error) === "EEXIST") return;
    if (codeOf(error) !== "ENOENT" || dirname(directory) === directory) throw error;
    makeDirectories(dirname(directory), mode);
    makeDirectories(directory, mode);
  }
}

export function ensureDirectories(order: Order, directory: string): Step<void> {
  try {
    makeDirectories(directory, order.directoryMode);
    return done(undefined);
  } catch (error) {
    return systemFault(error, `failed to create directories for ${order.path}: ${strerror(errnoOf(codeOf(error)))}`);
  }
}

/** Writes the whole message; a small one in a single call. Gives the number of octets. */
export async function writeMessage(fd: number, order: Order, job: LocalJob): Promise<number> {
  let total = 0;
  for await (const octets of messageOctets(job.message, order.form, job.recipients)) {
    await writeAll(fd, octets);
    total += octets.length;
  }
  return total;
}

async function writeAll(fd: number, octets: Buffer): Promise<void> {
  for (let at = 0; at < octets.length;) {
    try {
      at += (await writeFile(fd, octets, at, octets.length - at)).bytesWritten;
    } catch (error) {
      // Only a named pipe, opened without waiting, says EAGAIN.
      if (codeOf(error) !== "EAGAIN") throw error;
      await sleep(20);
    }
  }
}

export interface DirectorySync {
  /** Resolves when everything that was in the directory at the time of the call is durable. */
  sync(path: string): Promise<void>;
}

/** Callers that come while a sync of the same directory runs share the next one. */
export function newDirectorySync(): DirectorySync {
  const running = new Map<string, { now: Promise<void>; next: Promise<void> | undefined }>();
  const start = (path: string): Promise<void> => {
    const entry: { now: Promise<void>; next: Promise<void> | undefined } = { now: syncDirectory(path), next: undefined };
    running.set(path, entry);
    const finish = (): void => {
      if (running.get(path) === entry) running.delete(path);
    };
    entry.now.then(finish, finish);
    return entry.now;
  };
  return {
    sync(path) {
      const entry = running.get(path);
      if (entry === undefined) return start(path);
      entry.next ??= entry.now.then(
        () => start(path),
        () => start(path),
      );
      return entry.next;
    },
  };
}

async function syncDirectory(path: string): Promise<void> {
  const fd = await openFile(pathOf(path), "r");
  try {
    await syncFile(fd);
  } finally {
    await closeFile(fd);
  }
}

/** Runs work for the same key one after the other, in the order of the calls. */
export type Serial = <T>(key: string, work: () => Promise<T>) => Promise<T>;

export function newSerial(): Serial {
  const tails = new Map<string, Promise<unknown>>();
  return (key, work) => {
    const before = tails.get(key);
    const run = before === undefined ? work() : before.then(work, work);
    tails.set(key, run);
    const finish = (): void => {
      if (tails.get(key) === run) tails.delete(key);
    };
    run.then(finish, finish);
    return run;
  };
}
