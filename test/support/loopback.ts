/**
 * Addresses of one's own: each call gives another address of 127/8, so that servers of different tests can use the same
 * port numbers and stand for different machines. Linux answers on all of them.
 */
import { randomInt } from "node:crypto";
import { createServer } from "node:net";

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
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", (error: NodeJS.ErrnoException) => (error.code === "EADDRINUSE" ? resolve(false) : reject(error)));
    probe.listen(port, address, () => probe.close(() => resolve(true)));
  });
}
