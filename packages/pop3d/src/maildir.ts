/**
 * Maildir: a file a message, its name is its UIDL. Sizes on the wire count CRLF, so each file must be read once; the
 * sizes are kept in `mailkit-pop3.sizes` beside `cur` and `new` (a cache: when it is lost, files are read again).
 */
import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { open, readdir, readFile, rename, stat, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { lockMailbox } from "./lock.ts";
import type { Mailbox, MailboxOpened } from "./mailbox.ts";
import { topOf, toWire, wireSize } from "./mailbox.ts";

const CACHE = "mailkit-pop3.sizes";
const CACHE_HEAD = "mailkit-pop3 1";
/** Files read at the same time while sizes are learnt. */
const AT_ONCE = 16;

interface Entry {
  /** Name without flags. */
  readonly base: string;
  folder: "new" | "cur";
  name: string;
  size: number;
}

export async function openMaildir(path: string): Promise<MailboxOpened> {
  const lock = await lockMailbox(join(path, "mailkit-pop3.lock"));
  if (!lock.ok) return lock;
  try {
    const entries = await scan(path);
    await learnSizes(path, entries);
    return { ok: true, mailbox: maildir(path, entries, lock.release) };
  } catch (error) {
    await lock.release();
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return { ok: true, mailbox: maildir(path, [], async () => {}) };
    return { ok: false, code: "SYS/TEMP", text: "the mailbox cannot be read" };
  }
}

async function scan(path: string): Promise<Entry[]> {
  const entries: Entry[] = [];
  for (const folder of ["new", "cur"] as const) {
    for (const name of await readdir(join(path, folder), "latin1")) {
      if (name.startsWith(".")) continue;
      const colon = name.indexOf(":");
      entries.push({ base: colon < 0 ? name : name.slice(0, colon), folder, name, size: -1 });
    }
  }
  return entries.sort((a, b) => (a.base < b.base ? -1 : a.base > b.base ? 1 : 0));
}

async function learnSizes(path: string, entries: Entry[]): Promise<void> {
  const known = await readCache(path);
  const unknown = entries.filter((entry) => {
    entry.size = known.get(entry.base) ?? -1;
    return entry.size < 0;
  });
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < unknown.length) {
      const entry = unknown[next++] as Entry;
      entry.size = wireSize(await readEntry(path, entry));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  if (unknown.length > 0 || known.size > entries.length) await writeCache(path, entries);
}

async function readCache(path: string): Promise<Map<string, number>> {
  const known = new Map<string, number>();
  const text = await readFile(join(path, CACHE), "latin1").catch(() => "");
  const lines = text.split("\n");
  if (lines[0] !== CACHE_HEAD) return known;
  for (let i = 1; i < lines.length; i++) {
    const line = lines[i] as string;
    const space = line.indexOf(" ");
    const size = Number(line.slice(0, space));
    if (space > 0 && Number.isSafeInteger(size)) known.set(line.slice(space + 1), size);
  }
  return known;
}

async function writeCache(path: string, entries: readonly Entry[]): Promise<void> {
  const temporary = join(path, "tmp", `${CACHE}.${process.pid}`);
  try {
    await writeFile(temporary, `${CACHE_HEAD}\n${entries.map((e) => `${e.size} ${e.base}\n`).join("")}`, {
      encoding: "latin1",
      mode: 0o600,
    });
    await rename(temporary, join(path, CACHE));
  } catch {
    // a cache only: the next session reads the files again
  }
}

/** Another program may move a file from `new` to `cur` or change its flags while the session is open. */
async function readEntry(path: string, entry: Entry): Promise<Buffer> {
  try {
    return await readRegular(join(path, entry.folder, entry.name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    const moved = (await readdir(join(path, "cur"), "latin1")).find((name) => name === entry.base || name.startsWith(`${entry.base}:`));
    if (moved === undefined) throw error;
    entry.folder = "cur";
    entry.name = moved;
    return readRegular(join(path, "cur", moved));
  }
}

async function readRegular(file: string): Promise<Buffer> {
  const handle = await open(Buffer.from(file, "latin1"), constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

function maildir(path: string, entries: Entry[], release: () => Promise<void>): Mailbox {
  return {
    messages: entries.map((entry) => ({ size: entry.size, uid: uidOf(entry.base) })),
    read: async (index, lines) => {
      const wire = toWire(await readEntry(path, entries[index] as Entry));
      return lines === undefined ? wire : topOf(wire, lines);
    },
    update: async (deleted, retrieved) => {
      let failed = 0;
      for (const index of deleted) if (!(await remove(path, entries[index] as Entry))) failed++;
      for (const index of retrieved) await markSeen(path, entries[index] as Entry);
      return failed;
    },
    release,
  };
}

async function remove(path: string, entry: Entry): Promise<boolean> {
  try {
    await unlink(Buffer.from(join(path, entry.folder, entry.name), "latin1"));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") return false;
    return (await stat(join(path, "cur")).catch(() => undefined)) !== undefined;
  }
}

async function markSeen(path: string, entry: Entry): Promise<void> {
  if (entry.folder !== "new") return;
  await rename(Buffer.from(join(path, "new", entry.name), "latin1"), Buffer.from(join(path, "cur", `${entry.base}:2,S`), "latin1")).catch(
    () => {},
  );
}

/** 1 to 70 printable characters (RFC 1939 §7): the name itself, or its hash when it does not fit. */
function uidOf(base: string): string {
  return base.length <= 70 && /^[\x21-\x7e]+$/.test(base) ? base : createHash("sha256").update(base, "latin1").digest("hex");
}
