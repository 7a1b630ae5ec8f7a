/**
 * Reading the files of a Maildir, of which there are thousands: an open and a read in the thread pool for each, where
 * `readFile` takes five trips. Never through a symbolic link; a pipe or device in the place of a message is not waited for.
 */
import { closeSync, constants, open, read } from "node:fs";
import { newWireCounter } from "./wire.ts";

const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** `file` is a byte string; `expected` octets are room enough in most cases, more is read as it comes. */
export async function readWhole(file: string, expected: number): Promise<Buffer> {
  const fd = await openFile(file);
  try {
    let octets = Buffer.allocUnsafe(Math.max(expected, 0) + 1);
    let used = 0;
    for (;;) {
      const count = await readSome(fd, octets, used);
      used += count;
      // A short read of a regular file is its end.
      if (count === 0 || used < octets.length) return octets.subarray(0, used);
      octets = Buffer.concat([octets, Buffer.allocUnsafe(octets.length)]);
    }
  } finally {
    closeSync(fd);
  }
}

/** The size that `toWire` would give the file, read through `window` and never held whole. */
export async function wireSizeOf(file: string, window: Buffer): Promise<number> {
  const fd = await openFile(file);
  try {
    const counter = newWireCounter();
    for (;;) {
      const count = await readSome(fd, window, 0);
      counter.push(window.subarray(0, count));
      if (count < window.length) return counter.size();
    }
  } finally {
    closeSync(fd);
  }
}

function openFile(file: string): Promise<number> {
  return new Promise((resolve, reject) => {
    open(Buffer.from(file, "latin1"), FLAGS, (error, fd) => (error === null ? resolve(fd) : reject(error)));
  });
}

function readSome(fd: number, into: Buffer, at: number): Promise<number> {
  return new Promise((resolve, reject) => {
    read(fd, into, at, into.length - at, null, (error, count) => (error === null ? resolve(count) : reject(error)));
  });
}
