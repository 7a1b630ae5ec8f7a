/**
 * Appends a message to a mailbox file: manual §"Operational details for appending". Checks before and after opening,
 * locks, quota, one write, and back to the old length when anything fails.
 */
import { closeSync, fchmodSync, fstatSync, ftruncateSync, futimesSync, readSync, type Stats } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { LocalJob, NewLocalMessage } from "@mailkit/sdk";
import { ensureDirectories, syncData, writeFault, writeMessage, type Serial } from "./io.ts";
import type { KernelLocks } from "./kernel-lock.ts";
import { removeLockfile, takeLockfile } from "./lockfile.ts";
import { defer, done, type Order, type Step } from "./order.ts";
import { openMailbox, type OpenMailbox } from "./open-mailbox.ts";
import { overQuota, quotaWarning } from "./quota.ts";

export type Appended =
  | { readonly kind: "done"; readonly warning?: NewLocalMessage }
  | { readonly kind: "pass"; readonly transport: string };

export interface MailboxTools {
  readonly locks: KernelLocks;
  /** Deliveries of this process into one mailbox wait in line instead of fighting for the lock file. */
  readonly inLine: Serial;
}

export async function appendToMailbox(order: Order, job: LocalJob, tools: MailboxTools): Promise<Step<Appended>> {
  if (order.createDirectory && order.mayCreate) {
    // An existing directory costs one failed mkdir; a missing one that may not be made shows when the file is opened.
    const made = ensureDirectories(order, dirname(order.path));
    if (!made.ok) return made;
  }
  return tools.inLine(order.path, async () => {
    if (!order.lock.lockfile) return withOpenMailbox(order, job, tools);
    const lockfile = await takeLockfile(order);
    if (!lockfile.ok) return lockfile;
    try {
      return await withOpenMailbox(order, job, tools);
    } finally {
      removeLockfile(lockfile.value);
    }
  });
}

async function withOpenMailbox(order: Order, job: LocalJob, tools: MailboxTools): Promise<Step<Appended>> {
  const deadline = performance.now() + order.lock.patience;
  for (let pause = 5; ; pause = Math.min(pause * 2, 250)) {
    const opened = openMailbox(order);
    if (!opened.ok) return opened;
    const mailbox = opened.value;
    try {
      const locked = await kernelLock(order, mailbox, tools.locks);
      if (!locked.ok) return locked;
      if (locked.value !== "busy") {
        try {
          return await append(order, job, mailbox);
        } finally {
          if (locked.value === "locked") await tools.locks.free(order.path);
        }
      }
    } finally {
      closeSync(mailbox.fd);
    }
    const left = deadline - performance.now();
    if (left <= 0) return defer(`failed to lock mailbox ${order.path} (fcntl/flock)`, -9);
    await sleep(Math.min(pause, left));
  }
}

async function kernelLock(order: Order, mailbox: OpenMailbox, locks: KernelLocks): Promise<Step<"locked" | "busy" | "none">> {
  const { fcntl, flock, lockfile } = order.lock;
  if ((!fcntl && !flock) || !mailbox.regular) return done("none");
  if (await locks.take(order.path, { fcntl, flock })) return done("locked");
  if (await locks.available()) return done("busy");
  // Without perl there is no such lock. The lock file protects against everybody who uses lock files.
  return lockfile ? done("none") : defer(`failed to lock mailbox ${order.path} (fcntl/flock): no perl to take the lock`, -9);
}

async function append(order: Order, job: LocalJob, mailbox: OpenMailbox): Promise<Step<Appended>> {
  // Somebody else may have appended between open and lock.
  const before = fstatSync(mailbox.fd);
  const other = checkFormat(order, mailbox.fd, before);
  if (!other.ok) return other;
  if (other.value !== undefined) return done({ kind: "pass", transport: other.value });
  const size = order.quota.knownSize ?? before.size;
  const full = overQuota(order.quota, { size, files: 0 }, order.path, before.atimeMs);
  if (full !== undefined) return { ok: false, fault: full };
  try {
    await writeMessage(mailbox.fd, order, job);
    if (mailbox.regular) await syncData(mailbox.fd);
  } catch (error) {
    restore(mailbox, before);
    return writeFault(error, order.path);
  }
  if (order.modeForced) fchmodSync(mailbox.fd, order.mode);
  const warning = quotaWarning(order.quota, size);
  return done(warning === undefined ? { kind: "done" } : { kind: "done", warning });
}

/** `file_format`: the transport that this mailbox belongs to, undefined when it is ours. */
function checkFormat(order: Order, fd: number, before: Stats): Step<string | undefined> {
  if (order.fileFormat.length === 0 || before.size === 0) return done(undefined);
  const longest = Math.max(...order.fileFormat.map(([text]) => text.length));
  const head = Buffer.alloc(longest);
  const length = readSync(fd, head, 0, longest, 0);
  const start = head.toString("latin1", 0, length);
  const match = order.fileFormat.find(([text]) => start.startsWith(text));
  if (match === undefined) return defer("mailbox file format unrecognized", -33);
  return done(match[1] === order.transport ? undefined : match[1]);
}

function restore(mailbox: OpenMailbox, before: Stats): void {
  if (!mailbox.regular) return;
  try {
    ftruncateSync(mailbox.fd, before.size);
    futimesSync(mailbox.fd, before.atime, before.mtime);
  } catch {
    // The disk is in trouble already; the fault that is reported is the first one.
  }
}
