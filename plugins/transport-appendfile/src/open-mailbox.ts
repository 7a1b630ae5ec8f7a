/** Opens a mailbox that exists, or makes it, with the checks that keep one user out of another's mailbox. */
import { chmodSync, closeSync, constants, fchmodSync, fstatSync, lstatSync, openSync, statSync, type Stats } from "node:fs";
import { pathOf } from "@mailkit/sdk";
import { codeOf, systemFault } from "./io.ts";
import { defer, done, type Order, type Step } from "./order.ts";

export interface OpenMailbox {
  readonly fd: number;
  /** False for a named pipe. */
  readonly regular: boolean;
}

const { O_RDWR, O_WRONLY, O_APPEND, O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK } = constants;
const TRIES = 10;

/** A file that comes and goes while we look is tried again, ten times (manual §"Operational details for appending"). */
export function openMailbox(order: Order): Step<OpenMailbox> {
  for (let i = 0; i < TRIES; i++) {
    const opened = openOnce(order);
    if (opened !== "again") return opened;
  }
  return defer(`mailbox ${order.path}: existence changes all the time`, -5, { freeze: true });
}

function openOnce(order: Order): Step<OpenMailbox> | "again" {
  const path = pathOf(order.path);
  let link: Stats;
  try {
    link = lstatSync(path);
  } catch (error) {
    if (codeOf(error) !== "ENOENT") return systemFault(error, `stat() mailbox ${order.path} failed`);
    return create(order, false);
  }
  if (!link.isSymbolicLink()) return openExisting(order, link);
  if (!order.allowSymlink) return defer(`mailbox ${order.path} is not a regular file`, -4);
  const owner = checkOwner(order, link, "symlink");
  if (owner !== undefined) return owner;
  try {
    return openExisting(order, statSync(path));
  } catch (error) {
    if (codeOf(error) !== "ENOENT") return systemFault(error, `stat() mailbox ${order.path} failed`);
    return create(order, true);
  }
}

function openExisting(order: Order, facts: Stats): Step<OpenMailbox> | "again" {
  const fault = checkFacts(order, facts);
  if (fault !== undefined) return fault;
  let fd: number;
  try {
    fd = openSync(pathOf(order.path), facts.isFIFO() ? O_WRONLY | O_NONBLOCK : O_RDWR | O_APPEND | (order.allowSymlink ? 0 : O_NOFOLLOW));
  } catch (error) {
    if (codeOf(error) === "ENOENT") return "again";
    if (facts.isFIFO()) return systemFault(error, `while opening named pipe ${order.path} (could mean no process is reading it)`);
    return systemFault(error, `while opening mailbox ${order.path}`);
  }
  const now = fstatSync(fd);
  if (now.ino === facts.ino && now.dev === facts.dev && now.mode === facts.mode && now.uid === facts.uid && now.gid === facts.gid) {
    return narrowMode(order, fd, now);
  }
  closeSync(fd);
  return defer(`opened mailbox ${order.path} is not the file that was checked`, -8, { freeze: true });
}

function checkFacts(order: Order, facts: Stats): ReturnType<typeof defer> | undefined {
  const fifo = order.allowFifo && facts.isFIFO();
  if (facts.nlink > 1 && !facts.isSymbolicLink()) return defer(`mailbox ${order.path} has too many links (${facts.nlink})`, -4);
  if (!facts.isFile() && !fifo) return defer(`mailbox ${order.path} is not a regular file`, -4);
  const owner = checkOwner(order, facts, "mailbox");
  if (owner !== undefined) return owner;
  const group = process.getegid?.() ?? -1;
  if (order.checkGroup && facts.gid !== group) return defer(`mailbox ${order.path} has wrong gid (${facts.gid} != ${group})`, -6);
  const mode = facts.mode & 0o777;
  if (!order.modeForced && order.modeFailNarrower && (mode & order.mode) !== order.mode && !fifo) {
    return defer(`mailbox ${order.path} has the wrong mode ${octal(mode)} (${octal(order.mode)} expected)`, -7);
  }
  return undefined;
}

function checkOwner(order: Order, facts: Stats, what: "mailbox" | "symlink"): ReturnType<typeof defer> | undefined {
  const user = process.geteuid?.() ?? -1;
  if (!order.checkOwner || facts.uid === user) return undefined;
  return defer(`${what} ${order.path} has wrong uid (${facts.uid} != ${user})`, -6);
}

/** Wider permissions than `mode` are taken away (manual §"mode"). */
function narrowMode(order: Order, fd: number, facts: Stats): Step<OpenMailbox> {
  const mode = facts.mode & 0o777;
  if (facts.isFile() && (mode & ~order.mode) !== 0) {
    try {
      fchmodSync(fd, mode & order.mode);
    } catch (error) {
      closeSync(fd);
      return systemFault(error, `unable to set mode of mailbox ${order.path}`);
    }
  }
  return done({ fd, regular: facts.isFile() });
}

function create(order: Order, throughLink: boolean): Step<OpenMailbox> | "again" {
  const path = pathOf(order.path);
  if (order.fileMustExist) {
    return defer(`mailbox ${order.path} does not exist, but file_must_exist is set`, 2);
  }
  if (!order.mayCreate) {
    return defer(`mailbox ${order.path} does not exist, but creation outside the home directory is not permitted`, -34);
  }
  try {
    const fd = openSync(path, O_RDWR | O_APPEND | O_CREAT | (throughLink ? 0 : O_EXCL), order.mode);
    fchmodSync(fd, order.mode);
    if (throughLink) chmodSync(path, order.mode);
    return done({ fd, regular: true });
  } catch (error) {
    if (codeOf(error) === "EEXIST") return "again";
    return systemFault(error, `while creating mailbox ${order.path}`);
  }
}

function octal(mode: number): string {
  return mode.toString(8);
}
