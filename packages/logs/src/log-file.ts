import * as fs from "node:fs";
import { dirname } from "node:path";

/**
 * One log file: appended to with O_APPEND, one write for all lines of a turn, opened again when its name has come to
 * mean another file (`exicyclog`, `logrotate`), or another name is wanted (`%D`).
 */
export interface LogFile {
  /** How much of it was written; less than all comes with the reason. */
  append(path: string, octets: Buffer): { readonly written: number; readonly fault?: Error };
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
      let written = 0;
      try {
        const fd = fileAt(path);
        while (written < octets.length) written += fs.writeSync(fd, octets, written) || noRoom();
        return { written };
      } catch (error) {
        return { written, fault: error as Error };
      }
    },
    close,
  };
}

/** A write of nothing is a disk that takes nothing. */
function noRoom(): never {
  throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
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
