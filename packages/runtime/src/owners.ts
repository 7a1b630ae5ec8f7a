/**
 * What a command of root makes in the spool and the logs belongs to the server's own user, so that its workers can go on
 * with it. Folders there are that user's: links are not followed, and a file with a second name is left alone.
 */
import { parseLogFilePath } from "@mailkit/logs";
import { closeSync, constants, fchownSync, fstatSync, openSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Engine } from "./engine.ts";

/** The partition, hints and logs, as far as root owns them. Nothing is done by anybody else. */
export function giveToServer(engine: Engine, partition: string): void {
  const { isRoot, eximUid, eximGid } = engine.machine;
  if (!isRoot || eximUid === 0 || process.geteuid?.() !== 0) return;
  const spool = engine.settings.text("spool_directory") as string;
  const logs = parseLogFilePath(engine.settings.text("log_file_path") ?? "", spool).file;
  const owner = { uid: eximUid, gid: eximGid };
  for (const folder of [spool, join(spool, "input")]) give(folder, owner);
  giveTree(partition, owner);
  giveTree(join(spool, "db"), owner);
  if (logs !== undefined && logs.startsWith(`${spool}/`)) giveTree(dirname(logs), owner);
  else if (logs !== undefined) giveLogs(logs, owner);
}

interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** Deep enough for a partition with its bodies. */
const DEPTH = 3;

function giveTree(path: string, owner: Owner, depth = 0): void {
  if (!give(path, owner) || depth >= DEPTH) return;
  for (const entry of namesIn(path)) giveTree(join(path, entry), owner, depth + 1);
}

/** Log files in a folder that others use, too: those of our name. */
function giveLogs(pattern: string, owner: Owner): void {
  const name = pattern.slice(pattern.lastIndexOf("/") + 1).replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const ours = new RegExp(`^${name.replace("%s", "(?:main|reject|panic)").replace(/%[DM]/, "\\d*")}$`);
  for (const entry of namesIn(dirname(pattern))) if (ours.test(entry)) give(join(dirname(pattern), entry), owner);
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** True for a folder that may be looked into. */
function give(path: string, { uid, gid }: Owner): boolean {
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch {
    return false;
  }
  try {
    const facts = fstatSync(file);
    if (facts.uid === 0 && (facts.isDirectory() || (facts.isFile() && facts.nlink === 1))) fchownSync(file, uid, gid);
    return facts.isDirectory();
  } finally {
    closeSync(file);
  }
}
