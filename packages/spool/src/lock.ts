import { mkdirSync, statSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/**
 * One writer per partition: an exclusive SQLite transaction on `lock`. The kernel lets go of it when the process ends,
 * however it ends, and it holds between containers that share the file system. Nothing else may open that file with
 * node:fs: closing it would drop the lock of this process (POSIX record locks).
 */
export interface PartitionLock {
  release(): void;
}

/** How long an opener waits: somebody who only asks `isHeld` has the lock for a moment. */
const PATIENCE = 300;

export function lockPartition(directory: string, patience = PATIENCE): PartitionLock | "held" {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const path = join(directory, "lock");
  for (let attempt = 0; ; attempt++) {
    const database = new DatabaseSync(path, { timeout: patience });
    try {
      database.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
    } catch (error) {
      database.close();
      if (isBusy(error)) return "held";
      if (attempt === 0 && isGarbage(error)) {
        unlinkSync(path);
        continue;
      }
      throw error;
    }
    if (exists(path)) return { release: () => database.close() };
    database.close(); // An adopter removed the partition while we waited at its door.
    mkdirSync(directory, { recursive: true, mode: 0o700 });
  }
}

/** Is somebody writing there? */
export function isHeld(directory: string): boolean {
  if (!exists(join(directory, "lock"))) return false;
  const lock = lockPartition(directory, 0);
  if (lock === "held") return true;
  lock.release();
  return false;
}

function exists(path: string): boolean {
  try {
    return statSync(path).nlink > 0;
  } catch {
    return false;
  }
}

function isBusy(error: unknown): boolean {
  const { errcode } = error as { errcode?: number };
  return errcode !== undefined && ((errcode & 0xff) === 5 || (errcode & 0xff) === 6);
}

function isGarbage(error: unknown): boolean {
  const { errcode } = error as { errcode?: number };
  return errcode !== undefined && ((errcode & 0xff) === 26 || (errcode & 0xff) === 11);
}
