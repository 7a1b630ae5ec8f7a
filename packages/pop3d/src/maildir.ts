/**
 * Maildir: a file a message, its name is its UIDL. Sizes on the wire count CRLF, so each file must be read once; the
 * sizes are kept in `mailkit-pop3.sizes` beside `cur` and `new` (a cache: when it is lost, files are read again).
 */
import { createHash } from "node:crypto";
import { readdir, readFile, rename, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readWhole, wireSizeOf } from "./files.ts";
import type { Mailbox, MailboxOpened } from "./mailbox.ts";
import { topOf, toWire } from "./wire.ts";

const CACHE = "mailkit-pop3.sizes";
const CACHE_HEAD = "mailkit-pop3 1";
/** Files read at the same time while sizes are learnt, each through a window of its own. */
const AT_ONCE = 16;
const WINDOW = 64 * 1024;

interface Entry {
  /** Name without flags. */
  readonly base: string;
  folder: "new" | "cur";
  name: string;
  size: number;
  /** Removed by somebody else, or no message. */
  gone: boolean;
}

/**
 * Sessions stand side by side, as nothing changes a file of a Maildir: the lock of RFC 1939 §4 is not needed for it. What
 * another session has removed meanwhile cannot be read, and counts as removed.
 */
export async function openMaildir(path: string): Promise<MailboxOpened> {
  try {
    const found = await scan(path);
    await learnSizes(path, found);
    const entries = found.filter((entry) => !entry.gone);
    return { ok: true, mailbox: maildir(path, entries) };
  } catch (error) {
    if (isMissing(error)) return { ok: true, mailbox: maildir(path, []) };
    return { ok: false, code: "SYS/TEMP", text: "the mailbox cannot be read" };
  }
}

async function scan(path: string): Promise<Entry[]> {
  const entries: Entry[] = [];
  for (const [base, place] of await placesOf(path)) entries.push({ base, ...place, size: -1, gone: false });
  return entries.sort((a, b) => (a.base < b.base ? -1 : a.base > b.base ? 1 : 0));
}

type Place = Pick<Entry, "folder" | "name">;

/** Every message by its name without flags. */
async function placesOf(path: string): Promise<Map<string, Place>> {
  const places = new Map<string, Place>();
  for (const folder of ["new", "cur"] as const) {
    for (const name of await readdir(join(path, folder), "latin1")) {
      if (name.startsWith(".")) continue;
      const colon = name.indexOf(":");
      places.set(colon < 0 ? name : name.slice(0, colon), { folder, name });
    }
  }
  return places;
}

async function learnSizes(path: string, entries: Entry[]): Promise<void> {
  const known = await readCache(path);
  const unknown = entries.filter((entry) => {
    entry.size = known.get(entry.base) ?? -1;
    return entry.size < 0;
  });
  let next = 0;
  const lane = async (): Promise<void> => {
    const window = Buffer.allocUnsafe(WINDOW);
    while (next < unknown.length) {
      const entry = unknown[next++] as Entry;
      await atPlace(path, entries, entry, async (file) => {
        entry.size = await wireSizeOf(file, window);
      }).catch((error: unknown) => leaveOut(entry, error));
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, unknown.length) }, lane));
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

/** Another program may move a file from `new` to `cur`, change its flags or remove it while the session is open. */
async function atPlace<T>(path: string, entries: readonly Entry[], entry: Entry, use: (file: string) => Promise<T>): Promise<T> {
  try {
    return await use(join(path, entry.folder, entry.name));
  } catch (error) {
    if (!isMissing(error) || entry.gone) throw error;
    await findAgain(path, entries);
    if (entry.gone) throw error;
    return use(join(path, entry.folder, entry.name));
  }
}

/** One look at the folders for all that may have moved, not one for each message. */
async function findAgain(path: string, entries: readonly Entry[]): Promise<void> {
  const places = await placesOf(path);
  for (const entry of entries) {
    const place = places.get(entry.base);
    if (place === undefined) entry.gone = true;
    else Object.assign(entry, place);
  }
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === "ENOENT";
}

/** What went while it was counted, and what is no file, is no message; any other fault is one of the mailbox. */
function leaveOut(entry: Entry, error: unknown): void {
  if (!["ENOENT", "ELOOP", "EISDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
  entry.gone = true;
}

function maildir(path: string, entries: Entry[]): Mailbox {
  return {
    messages: entries.map((entry) => ({ size: entry.size, uid: uidOf(entry.base) })),
    read: async (index, lines) => {
      const entry = entries[index] as Entry;
      const wire = toWire(await atPlace(path, entries, entry, (file) => readWhole(file, entry.size)));
      return lines === undefined ? wire : topOf(wire, lines);
    },
    update: async (deleted, retrieved) => {
      let failed = 0;
      for (const index of deleted) if (!(await remove(path, entries, entries[index] as Entry))) failed++;
      for (const index of retrieved) await markSeen(path, entries[index] as Entry);
      return failed;
    },
    release: async () => {},
  };
}

async function remove(path: string, entries: readonly Entry[], entry: Entry): Promise<boolean> {
  try {
    await atPlace(path, entries, entry, (file) => unlink(Buffer.from(file, "latin1")));
    return true;
  } catch {
    return entry.gone;
  }
}

async function markSeen(path: string, entry: Entry): Promise<void> {
  if (entry.folder !== "new" || entry.gone) return;
  await rename(Buffer.from(join(path, "new", entry.name), "latin1"), Buffer.from(join(path, "cur", `${entry.base}:2,S`), "latin1")).catch(
    () => {},
  );
}

/** 1 to 70 printable characters (RFC 1939 §7): the name itself, or its hash when it does not fit. */
function uidOf(base: string): string {
  return base.length <= 70 && /^[\x21-\x7e]+$/.test(base) ? base : createHash("sha256").update(base, "latin1").digest("hex");
}
