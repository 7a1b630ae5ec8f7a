/**
 * A client's address to its names: reverse look-up, then each name back to addresses; only names that lead back count
 * (manual §"host_lookup"). `host_lookup_order` decides whether DNS or the hosts file is asked first.
 */
import { type HostNames, type Maybe, chain, firstOf, mapInOrder } from "@mailkit/sdk";
import { hostsTable } from "./addresses.ts";
import { lookUp } from "./finder.ts";
import { canonicalAddress, normalName, reverseName, sameAddress } from "./names.ts";
import type { FinderOptions } from "./settings.ts";

/** PTR records looked at; some addresses have hundreds. */
const MAX_NAMES = 16;

export function findHostNames(address: string, options: FinderOptions): Maybe<HostNames> {
  let last: HostNames = { kind: "unknown", message: `no host name found for IP address ${address}` };
  const order = options.hostLookupOrder ?? ["bydns", "byaddr"];
  const walk = firstOf(order, (method) =>
    chain(method === "bydns" ? namesByDns(address, options) : namesByFile(address, options), (found) => {
      if (found.kind !== "names") {
        if (method === "bydns" || found.kind === "defer") last = found;
        // A name server that does not answer leaves the question open; the hosts file may still know.
        return undefined;
      }
      return chain(confirm(address, found.names, options), (confirmed) => {
        if (confirmed.kind === "names") return confirmed;
        last = confirmed;
        return undefined;
      });
    }),
  );
  return chain(walk, (found) => found ?? last);
}

function namesByDns(address: string, options: FinderOptions): Maybe<HostNames> {
  const name = reverseName(canonicalAddress(address));
  const unknown: HostNames = { kind: "unknown", message: `no host name found for IP address ${address}` };
  if (name === undefined) return unknown;
  return chain(options.dns.query({ name, type: "PTR" }), (answer) => {
    if (answer.kind === "defer") return { kind: "defer", message: `host name lookup for ${address} did not complete: ${answer.message}` };
    if (answer.kind !== "found") return unknown;
    const names = answer.records.map((record) => normalName(record.data)).filter(isPlausible);
    return names.length === 0 ? unknown : { kind: "names", names: [...new Set(names)].slice(0, MAX_NAMES) };
  });
}

/** It goes into logs, headers and list matches: nothing but what a host name is made of. */
function isPlausible(name: string): boolean {
  return /^[a-z0-9_][a-z0-9._/-]*$/.test(name);
}

function namesByFile(address: string, options: FinderOptions): Maybe<HostNames> {
  return chain(hostsTable(options), (table) => {
    const names = table?.names.get(canonicalAddress(address)) ?? [];
    return names.length === 0 ? { kind: "unknown", message: `no host name found for IP address ${address}` } : { kind: "names", names };
  });
}

function confirm(address: string, names: readonly string[], options: FinderOptions): Maybe<HostNames> {
  const ipv4Only = !canonicalAddress(address).includes(":");
  let complaint: HostNames | undefined;
  const checked = mapInOrder(names, (name) =>
    chain(lookUp({ name, ipv4Only }, options), (found) => {
      if (found.kind === "found" && found.addresses.some((other) => sameAddress(other, address))) return name;
      if (found.kind === "defer") complaint = { kind: "defer", message: `lookup of host name ${name} did not complete: ${found.message}` };
      else if (found.kind === "found") complaint ??= { kind: "unknown", message: `${address} does not match any IP address for ${name}` };
      else complaint ??= { kind: "unknown", message: `no IP address found for host ${name}` };
      return undefined;
    }),
  );
  return chain(checked, (results) => {
    const good = results.filter((name) => name !== undefined);
    return good.length > 0 ? { kind: "names", names: good } : (complaint as HostNames);
  });
}
