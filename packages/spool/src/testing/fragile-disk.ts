/**
 * A file system in memory that can lose power. What was synced is there afterwards; of the rest, chance decides: single
 * sectors of writes, single names of folders (POSIX promises no more; most file systems do). `after` is the disk as it is
 * found when the power is back.
 */
import { dirname } from "node:path";
import type { SpoolFiles } from "../files.ts";

const SECTOR = 512;

type Change = { readonly at: number; readonly octets: Buffer } | { readonly length: number };

interface Inode {
  content: Buffer;
  durable: Buffer;
  pending: Change[];
}

/** Name in a folder, and what it stands for; undefined = removed. */
interface NameChange {
  readonly path: string;
  readonly inode: Inode | undefined;
}

export interface FragileDisk {
  readonly files: SpoolFiles;
  /** Calls that change something, so far. */
  readonly changes: number;
  /** The power goes at the change with that number: it and all calls after it never come back. */
  failAt(change: number): void;
  readonly failed: boolean;
  after(random: () => number): FragileDisk;
}

interface Names {
  readonly now: Map<string, Inode>;
  readonly durable: Map<string, Inode>;
  pending: NameChange[];
}

export function fragileDisk(start: ReadonlyMap<string, Buffer> = new Map()): FragileDisk {
  const inodes = new Map([...start].map(([path, content]) => [path, { content, durable: content, pending: [] } as Inode]));
  const names: Names = { now: new Map(inodes), durable: new Map(inodes), pending: [] };
  const folders = new Set<string>([...start.keys()].map((path) => dirname(path)));
  const open = new Map<number, Inode>();
  let nextFd = 100;
  let changes = 0;
  let failAt = Infinity;
  const dead = (): boolean => changes >= failAt;
  const never = <T>(): Promise<T> => new Promise<T>(() => {});
  /** Synchronous calls cannot hang; who gets this has no power to do anything about it. */
  const change = (): void => {
    changes++;
    if (dead()) throw Object.assign(new Error("no power"), { code: "EPOWER" });
  };
  const inodeOf = (path: string): Inode => names.now.get(path) ?? missing(path);
  const rename = (path: string, inode: Inode | undefined): void => {
    if (inode === undefined) names.now.delete(path);
    else names.now.set(path, inode);
    names.pending.push({ path, inode });
  };
  const write = (fd: number, octets: Buffer, length: number, position: number): number => {
    change();
    const inode = open.get(fd) as Inode;
    const piece = Buffer.from(octets.subarray(0, length));
    inode.content = patched(inode.content, { at: position, octets: piece });
    inode.pending.push({ at: position, octets: piece });
    return length;
  };
  const sync = (inode: Inode): void => {
    inode.durable = inode.content;
    inode.pending = [];
  };
  const files: SpoolFiles = {
    open(path, flags) {
      const known = names.now.get(path);
      const wanted = String(flags);
      if (known === undefined && wanted.startsWith("r")) missing(path);
      if (known !== undefined && wanted.includes("x")) throw Object.assign(new Error(`EEXIST: ${path}`), { code: "EEXIST" });
      const inode = known ?? { content: Buffer.alloc(0), durable: Buffer.alloc(0), pending: [] };
      if (known === undefined) {
        change();
        rename(path, inode);
      }
      open.set(nextFd, inode);
      return nextFd++;
    },
    close: (fd) => void open.delete(fd),
    write,
    writeLater: async (fd, octets, length, position) => (dead() ? never<number>() : write(fd, octets, length, position)),
    truncate(fd, length) {
      change();
      const inode = open.get(fd) as Inode;
      inode.content = patched(inode.content, { length });
      inode.pending.push({ length });
    },
    fdatasync(fd, done) {
      const inode = open.get(fd) as Inode;
      setImmediate(() => {
        changes++;
        if (dead()) return;
        sync(inode);
        done(null);
      });
    },
    async syncDirectory(path) {
      changes++;
      if (dead()) return never();
      const mine = (one: NameChange): boolean => dirname(one.path) === path;
      for (const one of names.pending.filter(mine)) apply(names.durable, one);
      names.pending = names.pending.filter((one) => !mine(one));
    },
    read: async (fd, octets, position) => (dead() ? never<number>() : (open.get(fd) as Inode).content.copy(octets, 0, position)),
    readNow: (fd, octets, position) => (open.get(fd) as Inode).content.copy(octets, 0, position),
    readFile: (path) => inodeOf(path).content,
    size: (path) => inodeOf(path).content.length,
    list(directory) {
      if (!folders.has(directory)) missing(directory);
      return [...names.now.keys()].filter((path) => dirname(path) === directory).map((path) => path.slice(directory.length + 1));
    },
    rename(from, to) {
      const inode = inodeOf(from);
      change();
      rename(from, undefined);
      rename(to, inode);
    },
    unlink(path) {
      inodeOf(path);
      change();
      rename(path, undefined);
    },
    mkdir(path) {
      folders.add(path);
      return undefined;
    },
  };
  return {
    files,
    get changes() {
      return changes;
    },
    failAt: (at) => void (failAt = at),
    get failed() {
      return dead();
    },
    after: (random) => {
      const found = new Map(names.durable);
      for (const one of names.pending) if (random() < 0.5) apply(found, one);
      const disk = fragileDisk(new Map([...found].map(([path, inode]) => [path, survivor(inode, random)])));
      for (const folder of folders) disk.files.mkdir(folder, 0o700);
      return disk;
    },
  };
}

function missing(path: string): never {
  throw Object.assign(new Error(`ENOENT: ${path}`), { code: "ENOENT" });
}

function apply(names: Map<string, Inode>, { path, inode }: NameChange): void {
  if (inode === undefined) names.delete(path);
  else names.set(path, inode);
}

function patched(content: Buffer, change: Change): Buffer {
  if ("length" in change)
    return Buffer.concat([content.subarray(0, change.length), Buffer.alloc(Math.max(0, change.length - content.length))]);
  const { at, octets } = change;
  const whole = Buffer.alloc(Math.max(content.length, at + octets.length));
  content.copy(whole);
  octets.copy(whole, at);
  return whole;
}

/** What was synced, and of later writes some sectors. */
function survivor({ durable, pending }: Inode, random: () => number): Buffer {
  let content = durable;
  for (const change of pending) {
    if ("length" in change) {
      if (random() < 0.5) content = patched(content, change);
      continue;
    }
    const { at, octets } = change;
    for (let from = 0; from < octets.length;) {
      const end = Math.min(octets.length, from + SECTOR - ((at + from) % SECTOR));
      if (random() < 0.5) content = patched(content, { at: at + from, octets: octets.subarray(from, end) });
      from = end;
    }
  }
  return content;
}
