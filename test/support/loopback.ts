/**
 * Addresses of one's own: each call gives another address of 127/8, so that servers of different tests can use the same
 * port numbers and stand for different machines. Linux answers on all of them.
 */
import { randomInt } from "node:crypto";
import { createServer } from "node:net";
import type { Server } from "node:net";

export function loopbackAddress(): string {
  return `127.${randomInt(1, 255)}.${randomInt(0, 256)}.${randomInt(1, 255)}`;
}

/**
 * A port that is free on an address; nobody else uses the address, so it stays free. It lies below those that the system
 * gives to connections, which are bound to every address for a moment.
 */
export async function freePort(address: string): Promise<number> {
  for (;;) {
    const port = randomInt(10_000, 32_000);
    if (await isFree(address, port)) return port;
  }
}

function isFree(address: string, port: number): Promise<boolean> {
  const probe = createServer();
  return listens(probe, address, port).then((free) => (free ? new Promise((resolve) => probe.close(() => resolve(true))) : false));
}

/** False: somebody has it. A program that is just being started holds what this process had open until it runs. */
export function listens(server: Server, address: string, port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const refused = (error: NodeJS.ErrnoException): void => (error.code === "EADDRINUSE" ? resolve(false) : reject(error));
    server.once("error", refused).listen(port, address, () => {
      server.off("error", refused);
      resolve(true);
    });
  });
}
