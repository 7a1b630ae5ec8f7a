/** Is a host this one? Manual §"Recognizing the local host". */
import { isIP } from "node:net";
import { networkInterfaces } from "node:os";
import { type Clock, type Maybe, chain } from "@mailkit/sdk";
import { canonicalAddress, normalName } from "./names.ts";
import type { FinderOptions } from "./settings.ts";

export function isLocalHost(name: string, addresses: readonly string[], options: FinderOptions): Maybe<boolean> {
  if (addresses.some((address) => options.isInterface(address))) return true;
  return options.treatAsLocal === undefined ? false : chain(options.treatAsLocal(normalName(name)), (yes) => yes);
}

const REFRESH = 60_000;

/** The settings that say which addresses are this host's. */
export interface OwnAddresses {
  /** Items of `local_interfaces` and `extra_local_interfaces`, ports taken off; none = all interfaces. */
  readonly listed: readonly string[];
}

/**
 * Addresses that count as this host: those listed, and for the wildcards 0.0.0.0 and ::0 those of all interfaces of that
 * family, read again once a minute. 127.0.0.1 is no exception: it counts as far as it is listed or an interface's.
 */
export function interfaceAddresses(clock: Clock, { listed }: OwnAddresses = { listed: [] }): (address: string) => boolean {
  const items = listed.length === 0 ? ["0.0.0.0", "::"] : listed;
  const fixed = items.map(canonicalAddress);
  const families = new Set([...(fixed.includes("0.0.0.0") ? [4] : []), ...(items.some(isAnyIpv6) ? [6] : [])]);
  let known = new Set<string>(fixed);
  let readAt = Number.NEGATIVE_INFINITY;
  return (address) => {
    const now = clock.now();
    if (families.size > 0 && Math.abs(now - readAt) > REFRESH) {
      readAt = now;
      known = new Set([...fixed, ...systemAddresses().filter((own) => families.has(isIP(own)))]);
    }
    return known.has(canonicalAddress(address));
  };
}

function isAnyIpv6(item: string): boolean {
  return item === "::0" || item === "::";
}

function systemAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map((entry) => canonicalAddress(entry.address)));
}
