/** /etc/hosts: names to addresses and back. Pure; the caller reads the file. */
import { lower } from "@mailkit/sdk";
import { canonicalAddress, isAddress } from "./names.ts";

export interface HostsTable {
  readonly addresses: ReadonlyMap<string, readonly string[]>;
  /** By `canonicalAddress`; the official name first. */
  readonly names: ReadonlyMap<string, readonly string[]>;
}

/** hosts(5). */
export function parseHostsFile(content: string): HostsTable {
  const addresses = new Map<string, string[]>();
  const names = new Map<string, string[]>();
  for (const line of content.split("\n")) {
    const [address = "", ...found] = line.replace(/#.*/, "").trim().split(/\s+/);
    if (!isAddress(address) || found.length === 0) continue;
    const lowered = found.map(lower);
    for (const name of lowered) append(addresses, name, [address]);
    append(names, canonicalAddress(address), lowered);
  }
  return { addresses, names };
}

function append(map: Map<string, string[]>, key: string, values: readonly string[]): void {
  const list = map.get(key) ?? [];
  for (const value of values) if (!list.includes(value)) list.push(value);
  map.set(key, list);
}
