/**
 * Lock files that work over NFS: a "hitching post" of our own is hard-linked to MAILBOX.lock
 * (manual §"Operational details for appending"). Within the time that lock_retries and lock_interval give, the lock is
 * asked for more often than Exim does: nobody waits three seconds for a lock that is held for two milliseconds.
 */
import { closeSync, linkSync, openSync, statSync, unlinkSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { pathOf } from "@mailkit/sdk";
import { defer, done, type Order, type Step } from "./order.ts";
import { codeOf, systemFault } from "./io.ts";

const LONGEST_PAUSE = 250;

/** The name of the lock file that is now ours; give it to `removeLockfile`. */
export async function takeLockfile(order: Order): Promise<Step<string>> {
  const name = `${order.path}.lock`;
  const seconds = Math.floor(Date.now() / 1000);
  const hex = (n: number): string => n.toString(16).padStart(8, "0");
  const post = `${name}.${order.hostname}.${hex(seconds)}.${hex(process.pid)}`;
  const deadline = performance.now() + order.lock.patience;
  for (let pause = 2; ; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
    const taken = tryLink(order, name, post);
    if (!taken.ok) return taken;
    if (taken.value) return done(name);
    removeIfStale(name, order.lock.lockfileTimeout);
    const left = deadline - performance.now();
    if (left <= 0) return defer(`failed to lock mailbox ${order.path} (lock file)`, -9);
    await sleep(Math.min(pause, left));
  }
}

export function removeLockfile(name: string): void {
  quietly(() => unlinkSync(pathOf(name)));
}

function tryLink(order: Order, name: string, post: string): Step<boolean> {
  try {
    closeSync(openSync(pathOf(post), "wx", order.lock.lockfileMode));
  } catch (error) {
    if (codeOf(error) === "EEXIST") return done(false);
    const who = `(euid=${process.geteuid?.() ?? -1} egid=${process.getegid?.() ?? -1})`;
    return systemFault(error, `creating lock file hitching post ${post} ${who}`);
  }
  try {
    linkSync(pathOf(post), pathOf(name));
    return done(true);
  } catch {
    // The link may have been made although the answer was lost (NFS): two links say so.
    return done(quietly(() => statSync(pathOf(post)).nlink) === 2);
  } finally {
    quietly(() => unlinkSync(pathOf(post)));
  }
}

function removeIfStale(name: string, timeout: number): void {
  if (timeout <= 0) return;
  const made = quietly(() => statSync(pathOf(name)).ctimeMs);
  if (made !== undefined && Date.now() - made > timeout) removeLockfile(name);
}

function quietly<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
