import * as fs from "node:fs";
import { dirname } from "node:path";

/**
 * One log file: appended to with O_APPEND, one write for all lines of a turn, opened again when its name has come to
 * mean another file (`exicyclog`, `logrotate`), or another name is wanted (`%D`).
 */
export interface LogFile {
  /** Throws when it cannot be opened or written. */
  append(path: string, octets: Buffer): void;
  close(): void;
}

export interface LogFileOptions {
  /** `log_mode`. */
  readonly mode: number;
}

export function openLogFile(options: LogFileOptions): LogFile {
  let current: { path: string; fd: number; inode: number; device: number } | undefined;

  function close(): void {
    if (current !== undefined) fs.closeSync(current.fd);
    current = undefined;
  }

  function fileAt(path: string): number {
    if (current !== undefined && (current.path !== path || moved(current))) close();
    if (current === undefined) {
      const fd = openOrMake(path, options.mode);
      const { ino, dev } = fs.fstatSync(fd);
      current = { path, fd, inode: ino, device: dev };
    }
    return current.fd;
  }

  return {
    append(path, octets) {
      const fd = fileAt(path);
      for (let done = 0; done < octets.length;) done += fs.writeSync(fd, octets, done);
    },
    close,
  };
}

function moved(file: { path: string; inode: number; device: number }): boolean {
  const now = fs.statSync(file.path, { throwIfNoEntry: false });
  return now === undefined || now.ino !== file.inode || now.dev !== file.device;
}

function openOrMake(path: string, mode: number): number {
  const flags = fs.constants.O_WRONLY | fs.constants.O_APPEND | fs.constants.O_CREAT;
  try {
    return fs.openSync(path, flags, mode);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    fs.mkdirSync(dirname(path), { recursive: true, mode: 0o750 });
    return fs.openSync(path, flags, mode);
  }
}
