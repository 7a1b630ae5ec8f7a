/**
 * The file of mailkit's own users, for `mailkit user`, AUTH and POP3. Owns the file: reads it without following links,
 * rewrites it as a whole (temporary file, fsync, rename), one writer at a time.
 */
import { constants } from "node:fs";
import { type FileHandle, open, rename, unlink } from "node:fs/promises";
import { dirname } from "node:path";
import { randomBytes } from "node:crypto";
import { lower, pathOf, textOf } from "@mailkit/sdk";
import { hashPassword, verifyPassword } from "./password.ts";
import { isUserName, parseUsers, type UserLine, withoutUser, withUser } from "./user-file.ts";

export type UserChange = { readonly kind: "done" } | { readonly kind: "exists" | "unknown" | "badName" | "busy"; readonly message: string };

export interface UserStore {
  list(): Promise<readonly string[]>;
  add(name: string, password: string): Promise<UserChange>;
  setPassword(name: string, password: string): Promise<UserChange>;
  remove(name: string): Promise<UserChange>;
  /** Takes as long for an unknown name as for a wrong password. Names count without regard to case. */
  verify(name: string, password: string): Promise<boolean>;
}

const MAX_FILE = 16 * 1024 * 1024;
/** Of no password; only there to take its time. */
const NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

export function openUserStore(path: string): UserStore {
  const users = async (): Promise<UserLine[]> => parseUsers(await readFile(path));
  const change = (name: string, edit: (text: string, known: UserLine | undefined) => Promise<string | UserChange>) =>
    withLock(path, name, async () => {
      const text = await readFile(path);
      const edited = await edit(text, find(parseUsers(text), name));
      if (typeof edited !== "string") return edited;
      await replaceFile(path, edited);
      return { kind: "done" };
    });
  return {
    list: async () => (await users()).map((user) => user.name),
    add: (name, password) =>
      change(name, async (text, known) => {
        if (known !== undefined) return { kind: "exists", message: `there is a user "${known.name}" already` };
        return withUser(text, { name: lower(name), hash: await hashPassword(password), rest: "" });
      }),
    setPassword: (name, password) =>
      change(name, async (text, known) =>
        known === undefined ? unknown(name) : withUser(text, { ...known, hash: await hashPassword(password) }),
      ),
    remove: (name) => change(name, async (text, known) => (known === undefined ? unknown(name) : withoutUser(text, known.name))),
    verify: async (name, password) => {
      const user = find(await users(), name);
      const matches = await verifyPassword(password, user?.hash ?? NOBODY);
      return user !== undefined && matches;
    },
  };
}

function find(users: readonly UserLine[], name: string): UserLine | undefined {
  const wanted = lower(name);
  return users.find((user) => lower(user.name) === wanted);
}

function unknown(name: string): UserChange {
  return { kind: "unknown", message: `there is no user "${name}"` };
}

/** "" when there is none yet. Anything but a regular file is refused. */
async function readFile(path: string): Promise<string> {
  let file: FileHandle;
  try {
    file = await open(pathOf(path), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw error;
  }
  try {
    const facts = await file.stat();
    if (!facts.isFile()) throw new Error(`${path} is not a regular file`);
    if (facts.size > MAX_FILE) throw new Error(`${path} is too large for a users file`);
    return textOf(await file.readFile());
  } finally {
    await file.close();
  }
}

async function replaceFile(path: string, text: string): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString("hex")}.tmp`;
  const file = await open(pathOf(temporary), constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600);
  try {
    await keepOwner(path, file);
    await file.writeFile(text, "latin1");
    await file.sync();
  } catch (error) {
    await unlink(pathOf(temporary)).catch(() => {});
    throw error;
  } finally {
    await file.close();
  }
  await rename(pathOf(temporary), pathOf(path));
  const folder = await open(pathOf(dirname(path)), constants.O_RDONLY);
  await folder.sync().finally(() => folder.close());
}

/** A new password must not make the file unreadable for the server that runs under another uid. */
async function keepOwner(path: string, file: FileHandle): Promise<void> {
  const old = await open(pathOf(path), constants.O_RDONLY | constants.O_NOFOLLOW).catch(() => undefined);
  if (old === undefined) return;
  try {
    const { uid, gid, mode } = await old.stat();
    await file.chmod(mode & 0o777);
    if (process.getuid?.() === 0) await file.chown(uid, gid);
  } finally {
    await old.close();
  }
}

/** A second writer is told so at once; a lock that a killed one has left is named in the message. */
async function withLock(path: string, name: string, work: () => Promise<UserChange>): Promise<UserChange> {
  if (!isUserName(lower(name)))
    return { kind: "badName", message: `"${name}" cannot be the name of a user: letters, digits and . _ + @ - only` };
  const lock = `${path}.lock`;
  try {
    const file = await open(pathOf(lock), constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600);
    await file.close();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    return { kind: "busy", message: `${path} is being changed by somebody else; if not, remove ${lock}` };
  }
  try {
    return await work();
  } finally {
    await unlink(pathOf(lock)).catch(() => {});
  }
}
