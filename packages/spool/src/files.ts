import * as fs from "node:fs";

/**
 * The file system as the spool uses it: a port, so that tests can run out of space. The write of a batch is synchronous
 * (it ends in the page cache, a thread would cost more than the copy); what really waits, the sync, is not.
 */
export interface SpoolFiles {
  open(path: string, flags: string | number, mode?: number): number;
  close(fd: number): void;
  /** Returns what was written, maybe less than asked. */
  write(fd: number, octets: Buffer, length: number, position: number): number;
  /** The same on a thread, for large and unhurried writes. */
  writeLater(fd: number, octets: Buffer, length: number, position: number): Promise<number>;
  truncate(fd: number, length: number): void;
  fdatasync(fd: number, done: (error: Error | null) => void): void;
  /** Makes names in a directory durable. */
  syncDirectory(path: string): Promise<void>;
  read(fd: number, octets: Buffer, position: number): Promise<number>;
  /** The same at once, for starts. */
  readNow(fd: number, octets: Buffer, position: number): number;
  readFile(path: string): Buffer;
  size(path: string): number;
  list(directory: string): string[];
  rename(from: string, to: string): void;
  unlink(path: string): void;
  /** With its parents; the first one that was made, if any. */
  mkdir(path: string, mode: number): string | undefined;
}

export const realFiles: SpoolFiles = {
  open: (path, flags, mode = 0o600) => fs.openSync(path, flags, mode),
  close: (fd) => fs.closeSync(fd),
  write: (fd, octets, length, position) => fs.writeSync(fd, octets, 0, length, position),
  writeLater: (fd, octets, length, position) =>
    new Promise((resolve, reject) =>
      fs.write(fd, octets, 0, length, position, (error, written) => (error === null ? resolve(written) : reject(error))),
    ),
  truncate: (fd, length) => fs.ftruncateSync(fd, length),
  fdatasync: (fd, done) => fs.fdatasync(fd, done),
  syncDirectory: (path) =>
    new Promise((resolve, reject) =>
      fs.open(path, "r", (failed, fd) => {
        if (failed !== null) return reject(failed);
        fs.fsync(fd, (error) => fs.close(fd, () => (error === null ? resolve() : reject(error))));
      }),
    ),
  read: (fd, octets, position) =>
    new Promise((resolve, reject) =>
      fs.read(fd, octets, 0, octets.length, position, (error, count) => (error === null ? resolve(count) : reject(error))),
    ),
  readNow: (fd, octets, position) => fs.readSync(fd, octets, 0, octets.length, position),
  readFile: (path) => fs.readFileSync(path),
  size: (path) => fs.statSync(path).size,
  list: (directory) => fs.readdirSync(directory),
  rename: (from, to) => fs.renameSync(from, to),
  unlink: (path) => fs.unlinkSync(path),
  mkdir: (path, mode) => fs.mkdirSync(path, { recursive: true, mode }),
};

/** Writes all of it or throws (a short write becomes `ENOSPC`, which is what it means on a file). */
export function writeAll(files: SpoolFiles, fd: number, octets: Buffer, at: { length: number; position: number }): void {
  let done = 0;
  while (done < at.length) {
    const rest = done === 0 ? octets : octets.subarray(done);
    const written = files.write(fd, rest, at.length - done, at.position + done);
    if (written <= 0) throw Object.assign(new Error("no space left on device (short write)"), { code: "ENOSPC" });
    done += written;
  }
}

export function datasync(files: SpoolFiles, fd: number): Promise<void> {
  return new Promise((resolve, reject) => files.fdatasync(fd, (error) => (error === null ? resolve() : reject(error))));
}
