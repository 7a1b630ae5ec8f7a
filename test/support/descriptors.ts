/** What a process has open, from /proc. */
import { readdirSync, readlinkSync } from "node:fs";

/** Paths, and `socket:[INODE]` and the like. */
export function openOf(pid: number): string[] {
  return readdirSync(`/proc/${pid}/fd`).flatMap((name) => {
    try {
      return [readlinkSync(`/proc/${pid}/fd/${name}`)];
    } catch {
      return [];
    }
  });
}

export function descriptorsOf(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

export function socketsOf(pid: number): number {
  return openOf(pid).filter((link) => link.startsWith("socket:")).length;
}
