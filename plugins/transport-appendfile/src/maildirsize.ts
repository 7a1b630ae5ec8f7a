/**
 * The maildir++ file `maildirsize`: first line the quota, then `size count` lines that are added up (manual §"Using a
 * maildirsize file"). Over 5120 octets, or with another quota than ours, or over quota and not fresh: counted anew.
 */
import { appendFileSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathOf } from "@mailkit/sdk";
import type { Quota } from "./order.ts";
import type { Usage } from "./quota.ts";

const LARGEST = 5120;
const FRESH = 15 * 60 * 1000;

export function readSizeFile(directory: string, quota: Quota, count: () => Usage): Usage {
  const path = join(directory, "maildirsize");
  const kept = readKept(path, quota);
  if (kept !== undefined) return kept;
  const usage = count();
  const text = `${quotaLine(quota)}\n${Math.round(usage.size)} ${usage.files}\n`;
  // A new file beside it, then renamed: readers never see half of it.
  const temporary = join(directory, "tmp", `maildirsize.${process.pid}.${Date.now()}`);
  try {
    writeFileSync(pathOf(temporary), text, { flag: "wx", mode: 0o600 });
    renameSync(pathOf(temporary), pathOf(path));
  } catch {
    // The file is a cache: without it the next delivery counts again.
  }
  return usage;
}

export function addToSizeFile(path: string, size: number): void {
  try {
    appendFileSync(pathOf(path), `${size} 1\n`);
  } catch {
    // As above.
  }
}

function readKept(path: string, quota: Quota): Usage | undefined {
  try {
    const text = readFileSync(pathOf(path), "latin1");
    const facts = statSync(pathOf(path));
    const kept = text.length > LARGEST ? undefined : addUp(text, quota);
    if (kept === undefined) return undefined;
    const over = (quota.size > 0 && kept.size > quota.size) || (quota.files > 0 && kept.files > quota.files);
    const lines = text.split("\n").length - 1;
    return over && (lines > 2 || Date.now() - facts.mtimeMs > FRESH) ? undefined : kept;
  } catch {
    return undefined;
  }
}

/** Undefined when the file is damaged or names another quota. */
export function addUp(text: string, quota: Pick<Quota, "size" | "files">): Usage | undefined {
  const [first, ...rest] = text.split("\n");
  if (first !== quotaLine(quota)) return undefined;
  let size = 0;
  let files = 0;
  for (const line of rest) {
    if (line === "") continue;
    const match = /^\s*(-?\d+)\s+(-?\d+)\s*$/.exec(line);
    if (match === null) return undefined;
    size += Number(match[1]);
    files += Number(match[2]);
  }
  return size < 0 || files < 0 ? undefined : { size, files };
}

function quotaLine(quota: Pick<Quota, "size" | "files">): string {
  return `${quota.size}S,${quota.files}C`;
}
