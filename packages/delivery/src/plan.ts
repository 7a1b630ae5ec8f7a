/**
 * From routed addresses to jobs: what goes together, what waits. Pure; retry hints and options arrive as functions.
 * Manual §"Delivery in detail", §"Address batching in local transports", §"Outgoing SMTP and LMTP over TCP/IP".
 */
import type { HostTarget } from "@mailkit/sdk";
import type { Job, Plan, RoutedAddress } from "./types.ts";

export interface TransportFacts {
  readonly remote: boolean;
  /** Most recipients in one job. */
  readonly batchMax: number;
  /** `multi_domain`, expanded: this recipient may go together with those of other domains. */
  readonly multiDomain: (address: RoutedAddress) => boolean;
  /** Local options mention `$local_part` or `$domain`: then only equal ones go together. */
  readonly dependsOnLocalPart: boolean;
  readonly dependsOnDomain: boolean;
  /** `batch_id`, expanded; undefined = the address's own properties. */
  readonly batchId: (address: RoutedAddress) => string | undefined;
}

export interface PlanInput {
  readonly deliveries: readonly RoutedAddress[];
  readonly transport: (name: string) => TransportFacts;
  /** Its retry time has not come (local deliveries; remote hosts are asked one by one while trying). */
  readonly mustWait: (address: RoutedAddress) => boolean;
}

export function planDeliveries(input: PlanInput): Plan {
  const waiting: RoutedAddress[] = [];
  const ready: RoutedAddress[] = [];
  for (const address of input.deliveries) (input.mustWait(address) ? waiting : ready).push(address);
  const groups = new Map<string, RoutedAddress[][]>();
  for (const address of ready) place(address, input.transport(address.transport), groups);
  const jobs = [...groups.values()].flat().map((addresses) => toJob(addresses, input));
  return { local: jobs.filter((job) => !job.remote), remote: jobs.filter((job) => job.remote), waiting };
}

function place(address: RoutedAddress, facts: TransportFacts, groups: Map<string, RoutedAddress[][]>): void {
  const key = facts.remote ? remoteKey(address) : localKey(address, facts);
  const batches = groups.get(key);
  if (batches === undefined) {
    groups.set(key, [[address]]);
    return;
  }
  const last = batches.findLast((batch) => mayShare(batch[0] as RoutedAddress, address, facts));
  if (last !== undefined && (facts.batchMax === 0 || last.length < facts.batchMax)) last.push(address);
  else batches.push([address]);
}

/** Other domains may share a transaction when both the first of it and the newcomer say so. */
function mayShare(first: RoutedAddress, address: RoutedAddress, facts: TransportFacts): boolean {
  if (!facts.remote || first.facts.domain.toLowerCase() === address.facts.domain.toLowerCase()) return true;
  return facts.multiDomain(first) && facts.multiDomain(address);
}

function toJob(addresses: RoutedAddress[], input: PlanInput): Job {
  const first = addresses[0] as RoutedAddress;
  return { transport: first.transport, remote: input.transport(first.transport).remote, addresses, hosts: first.hosts };
}

function remoteKey(address: RoutedAddress): string {
  return [...commonKey(address), hostsKey(address.hosts), address.fallbackHosts.join(",")].join("\0");
}

function localKey(address: RoutedAddress, facts: TransportFacts): string {
  if (facts.batchMax === 1) return `${address.key}\0${address.parent?.key ?? ""}`;
  const batchId = facts.batchId(address);
  const generated = address.generated;
  return [
    ...commonKey(address),
    batchId ?? "",
    batchId === undefined && facts.dependsOnLocalPart ? address.facts.localPart : "",
    batchId === undefined && facts.dependsOnDomain ? address.facts.domain.toLowerCase() : "",
    generated === undefined ? "" : address.display,
    address.home ?? "",
    hostsKey(address.hosts),
  ].join("\0");
}

function commonKey(address: RoutedAddress): string[] {
  const { identity } = address;
  return [
    address.transport,
    address.errorsTo ?? "\x01",
    identity === undefined ? "" : `${identity.uid}:${identity.gid}:${identity.initgroups ?? ""}`,
    address.headersAdd.join("\n"),
    address.headersRemove.join("\n"),
  ];
}

/** Hosts of equal preference count as a set: their order is chance. */
function hostsKey(hosts: readonly HostTarget[]): string {
  const parts: string[] = [];
  for (let i = 0; i < hosts.length;) {
    const mx = (hosts[i] as HostTarget).mx;
    let end = i + 1;
    while (mx !== undefined && end < hosts.length && hosts[end]?.mx === mx) end++;
    parts.push(
      hosts
        .slice(i, end)
        .map((h) => `${h.name} ${h.address} ${h.port ?? ""}`)
        .sort()
        .join("|"),
    );
    i = end;
  }
  return parts.join(";");
}
