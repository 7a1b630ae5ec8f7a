/**
 * mbox: all messages in one file, each after a `From ` line. Reads need no lock (deliveries only append); the change at
 * QUIT takes the same `.lock` as `appendfile`, keeps what was appended meanwhile, and replaces the file at once.
 */
import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { chown, link, open, rename, stat, unlink, writeFile } from "node:fs/promises";
import { lockMailbox } from "./lock.ts";
import type { Mailbox, MailboxOpened } from "./mailbox.ts";
import { topOf, toWire, wireSize } from "./wire.ts";

interface Entry {
  /** Of the `From ` line. */
  readonly start: number;
  /** Of the message itself. */
  readonly from: number;
  /** Behind its last octet, the separating empty line left out. */
  readonly to: number;
  readonly end: number;
}

export async function openMbox(path: string): Promise<MailboxOpened> {
  const lock = await lockMailbox(`${path}.pop3lock`);
  if (!lock.ok) return lock;
  try {
    const octets = await readMailbox(path);
    return { ok: true, mailbox: mbox(path, octets, lock.release) };
  } catch {
    await lock.release();
    return { ok: false, code: "SYS/TEMP", text: "the mailbox cannot be read" };
  }
}

async function readMailbox(path: string): Promise<Buffer> {
  try {
    const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
    try {
      return await handle.readFile();
    } finally {
      await handle.close();
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return Buffer.alloc(0);
    throw error;
  }
}

/** Cuts at `From ` lines that begin the file or follow an empty line. */
export function cutMbox(octets: Buffer): Entry[] {
  const starts: number[] = octets.subarray(0, 5).equals(FROM) ? [0] : [];
  for (let at = octets.indexOf("\n\nFrom "); at >= 0; at = octets.indexOf("\n\nFrom ", at + 2)) starts.push(at + 2);
  return starts.map((start, i) => {
    const end = starts[i + 1] ?? octets.length;
    const lineEnd = octets.indexOf(10, start);
    const from = lineEnd < 0 || lineEnd >= end ? end : lineEnd + 1;
    const to = end - from >= 2 && octets[end - 1] === 10 && octets[end - 2] === 10 ? end - 1 : end;
    return { start, from, to, end };
  });
}

const FROM = Buffer.from("From ");

function mbox(path: string, octets: Buffer, release: () => Promise<void>): Mailbox {
  const entries = cutMbox(octets);
  const content = (entry: Entry): Buffer => octets.subarray(entry.from, entry.to);
  return {
    messages: uniqueIds(entries.map((entry) => ({ size: wireSize(content(entry)), uid: hash(octets.subarray(entry.start, entry.to)) }))),
    read: async (index, lines) => {
      const wire = toWire(content(entries[index] as Entry));
      return lines === undefined ? wire : topOf(wire, lines);
    },
    update: async (deleted) =>
      deleted.length === 0
        ? 0
        : replaceFile(
            path,
            octets,
            entries.filter((_, i) => !deleted.includes(i)),
          ).then((done) => (done ? 0 : deleted.length)),
    release,
  };
}

/** Two equal messages in one file still need two ids. */
function uniqueIds(messages: { size: number; uid: string }[]): { size: number; uid: string }[] {
  const seen = new Map<string, number>();
  return messages.map((message) => {
    const count = seen.get(message.uid) ?? 0;
    seen.set(message.uid, count + 1);
    return count === 0 ? message : { ...message, uid: `${message.uid}-${count}` };
  });
}

function hash(octets: Buffer): string {
  return createHash("sha256").update(octets).digest("hex").slice(0, 40);
}

async function replaceFile(path: string, seen: Buffer, kept: readonly Entry[]): Promise<boolean> {
  const unlock = await dotLock(path);
  if (unlock === undefined) return false;
  const temporary = `${path}.pop3.${process.pid}`;
  try {
    const now = await readMailbox(path);
    if (!now.subarray(0, seen.length).equals(seen)) return false;
    const facts = await stat(path);
    const handle = await open(temporary, "wx", facts.mode & 0o7777);
    try {
      await handle.writev([...kept.map((entry) => seen.subarray(entry.start, entry.end)), now.subarray(seen.length)]);
      await handle.datasync();
    } finally {
      await handle.close();
    }
    if (process.getuid?.() === 0) await chown(temporary, facts.uid, facts.gid);
    await rename(temporary, path);
    return true;
  } catch {
    await unlink(temporary).catch(() => {});
    return false;
  } finally {
    await unlock();
  }
}

/** `FILE.lock` by hard link, as `appendfile` makes it; a short wait, then give up. */
async function dotLock(path: string): Promise<(() => Promise<void>) | undefined> {
  const mine = `${path}.lock.pop3.${process.pid}`;
  try {
    await writeFile(mine, `${process.pid}\n`, { flag: "wx", mode: 0o600 });
    for (let attempt = 0; attempt < 20; attempt++) {
      const made = await link(mine, `${path}.lock`).then(
        () => true,
        () => false,
      );
      if (made) return () => unlink(`${path}.lock`).catch(() => {});
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
    return undefined;
  } catch {
    return undefined;
  } finally {
    await unlink(mine).catch(() => {});
  }
}
