/** What a file system has left. */
import { statfsSync } from "node:fs";

export interface DiskRoom {
  /** Octets that are free for others than root. */
  readonly space: number;
  readonly inodes: number;
  /** Some file systems do not number their inodes beforehand. */
  readonly countsInodes: boolean;
}

/** Undefined: it does not tell. */
export function diskRoom(path: string): DiskRoom | undefined {
  try {
    const { bavail, bsize, files, ffree } = statfsSync(path);
    return { space: bavail * bsize, inodes: ffree, countsInodes: files !== 0 };
  } catch {
    return undefined;
  }
}
