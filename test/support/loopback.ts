/**
 * Addresses of one's own: each call gives another address of 127/8, so that servers of different tests can use the same
 * port numbers and stand for different machines. Linux answers on all of them.
 */
import { randomInt } from "node:crypto";
import { createServer } from "node:net";

export function loopbackAddress(): string {
  return `127.${randomInt(1, 255)}.${randomInt(0, 256)}.${randomInt(1, 255)}`;
}

/** A port that is free on an address; nobody else uses the address, so it stays free. */
export function freePort(address: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, address, () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}
