/** The exclusive lock of a maildrop (RFC 1939 §4): a file that names its holder; a holder that is gone does not count. */
import { open, readFile, unlink } from "node:fs/promises";

export type Locked =
  | { readonly ok: true; readonly release: () => Promise<void> }
  | { readonly ok: false; readonly code: "IN-USE" | "SYS/TEMP"; readonly text: string };

export async function lockMailbox(path: string): Promise<Locked> {
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      const handle = await open(path, "wx", 0o600);
      await handle.writeFile(`${process.pid}\n`);
      await handle.close();
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

async function holderIsGone(path: string): Promise<boolean> {
  const pid = Number(await readFile(path, "latin1").catch(() => ""));
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
}
