/** Is a host this one? Manual §"Recognizing the local host". */
import { networkInterfaces } from "node:os";
import { type Clock, type Maybe, chain } from "@mailkit/sdk";
import { canonicalAddress, isLoopback, normalName } from "./names.ts";
import type { FinderOptions } from "./settings.ts";

export function isLocalHost(name: string, addresses: readonly string[], options: FinderOptions): Maybe<boolean> {
  if (addresses.some((address) => options.isInterface(address))) return true;
  return options.treatAsLocal === undefined ? false : chain(options.treatAsLocal(normalName(name)), (yes) => yes);
}

const REFRESH = 60_000;

/** Addresses of this machine's interfaces, read again once a minute, loopback always among them, and `extra` ones. */
export function interfaceAddresses(clock: Clock, extra: readonly string[] = []): (address: string) => boolean {
  const fixed = extra.map(canonicalAddress);
  let known = new Set<string>();
  let readAt = Number.NEGATIVE_INFINITY;
  return (address) => {
    if (isLoopback(address)) return true;
    const now = clock.now();
    if (now - readAt > REFRESH) {
      readAt = now;
      known = new Set([...fixed, ...systemAddresses()]);
    }
    return known.has(canonicalAddress(address));
  };
}

function systemAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map((entry) => canonicalAddress(entry.address)));
}
