/** The `HostFinder` of routers and transports: the entry to Exim's rules about hosts. */
import { type HostFinder, type HostsFound, type Maybe, chain } from "@mailkit/sdk";
import { type Addresses, type AddressWishes, addressesByDns, addressesByFile, selfEvident } from "./addresses.ts";
import { isLocalHost } from "./local.ts";
import { findMx } from "./mx.ts";
import { normalName } from "./names.ts";
import type { FinderOptions } from "./settings.ts";

export function makeHostFinder(options: FinderOptions): HostFinder {
  return {
    mx: (question) => findMx({ ...question, domain: normalName(question.domain) }, options),
    addresses: (question) => chain(lookUp(question, options), (found) => asHosts(question.name, found, options)),
    isLocal: options.isInterface,
  };
}

/** DNS first; only a definite "no such host" sends us to the hosts file. `byname` asks that first (manual §"How the options are used"). */
export function lookUp(
  question: AddressWishes & { name: string; byName?: boolean; byDns?: boolean },
  options: FinderOptions,
): Maybe<Addresses> {
  const known = selfEvident(question.name, question, options);
  if (known !== undefined) return known;
  const dns = () => addressesByDns(question.name, question, options);
  if (question.byDns === true) return dns();
  const file = () => addressesByFile(question.name, question, options);
  if (question.byName === true) return chain(file(), (found) => (found.kind === "found" ? found : dns()));
  return chain(dns(), (found) =>
    found.kind === "noDomain" || found.kind === "noData" ? chain(file(), (local) => (local.kind === "found" ? local : found)) : found,
  );
}

function asHosts(name: string, found: Addresses, options: FinderOptions): Maybe<HostsFound> {
  if (found.kind === "defer") return { kind: "defer", message: `lookup of host "${name}" did not complete: ${found.message}` };
  if (found.kind !== "found") return { kind: "notFound", why: found.kind, message: `no IP address found for host ${name}` };
  const { addresses, secure } = found;
  return chain(isLocalHost(name, addresses, options), (local) => ({
    kind: "found",
    hosts: addresses.map((address) => ({ name, address, fromMx: false, secure })),
    name: found.name,
    local: local ? "first" : "no",
    secure,
  }));
}
