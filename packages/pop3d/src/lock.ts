/**
 * The exclusive lock of a maildrop (RFC 1939 §4): a file that names its holder, by process id and by when that process
 * began, since ids come again (in a container after every start). A holder that is gone does not count.
 */
import { open, readFile, stat, unlink } from "node:fs/promises";

export type Locked =
  | { readonly ok: true; readonly release: () => Promise<void> }
  | { readonly ok: false; readonly code: "IN-USE" | "SYS/TEMP"; readonly text: string };

/** So long a holder may take to write its name, milliseconds. */
const NAMING = 10_000;

export async function lockMailbox(path: string): Promise<Locked> {
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      await makeLock(path);
      return { ok: true, release: () => unlink(path).catch(() => {}) };
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "ENOENT") return { ok: true, release: async () => {} };
      if (code !== "EEXIST") return { ok: false, code: "SYS/TEMP", text: "the mailbox cannot be locked" };
      if (!(await holderIsGone(path))) return { ok: false, code: "IN-USE", text: "another session has the mailbox open" };
      await unlink(path).catch(() => {});
    }
  }
  return { ok: false, code: "IN-USE", text: "another session has the mailbox open" };
}

async function makeLock(path: string): Promise<void> {
  const handle = await open(path, "wx", 0o600);
  try {
    await handle.writeFile(`${process.pid} ${(await beginningOf(process.pid)) ?? ""}\n`);
  } catch (error) {
    // A lock without a name would hold for ever.
    await unlink(path).catch(() => {});
    throw error;
  } finally {
    await handle.close();
  }
}

async function holderIsGone(path: string): Promise<boolean> {
  const [name, began] = (await readFile(path, "latin1").catch(() => "")).trim().split(" ");
  const pid = Number(name);
  if (!Number.isSafeInteger(pid) || pid <= 0) return isOld(path);
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return true;
  }
  const now = await beginningOf(pid);
  return began !== undefined && now !== undefined && began !== now;
}

/** Whoever made it did not live to write its name. */
async function isOld(path: string): Promise<boolean> {
  const made = await stat(path).catch(() => undefined);
  return made !== undefined && Math.abs(Date.now() - made.mtimeMs) > NAMING;
}

/** In ticks since the machine began (proc(5), field 22 of stat); undefined = the system does not tell. */
async function beginningOf(pid: number): Promise<string | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, "latin1").catch(() => "");
  return text.slice(text.lastIndexOf(")") + 2).split(" ")[19];
}
