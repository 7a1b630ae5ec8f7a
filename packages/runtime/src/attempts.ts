/** Planned jobs to transports: the adapter between `delivery` (hop 8) and `transports` (hop 9). */
import type { DeliveryContext, Job, RoutedAddress } from "@mailkit/delivery";
import { admission, retryKeys } from "@mailkit/delivery";
import type { HintsStore, HostTarget, RetryHint, Scope, TransportReport } from "@mailkit/sdk";
import type { TransportInstance } from "@mailkit/config";
import { runAttempt } from "@mailkit/transports";
import type { TransportPorts } from "@mailkit/transports";

export interface AttemptParts {
  readonly transports: ReadonlyMap<string, TransportInstance>;
  readonly ports: Omit<TransportPorts, "admit">;
  readonly scopeForAddress: (address: RoutedAddress, base: Scope) => Scope;
  readonly hints: HintsStore;
  /** `retry_data_expire`, milliseconds. */
  readonly retryDataExpire: number;
}

export function makeAttempt(parts: AttemptParts): (job: Job, context: DeliveryContext, scope: Scope) => Promise<TransportReport> {
  return (job, context, scope) => {
    const first = job.addresses[0] as RoutedAddress;
    const instance = parts.transports.get(job.transport);
    if (instance === undefined)
      return Promise.resolve(
        forEach(job, `no transport ${job.transport === "" ? "was set" : `"${job.transport}"`} for ${first.router} router`),
      );
    return runAttempt({
      instance,
      recipients: job.addresses.map((address) => ({
        address: address.address,
        facts: address.facts,
        original: topOf(address),
        ...(address.dsn === undefined ? {} : { dsn: address.dsn }),
      })),
      hosts: job.hosts,
      ...(first.generated === undefined ? {} : { generated: first.generated }),
      message: context.message,
      returnPath: first.errorsTo ?? context.envelope.sender,
      router: {
        name: first.router,
        headersAdd: first.headersAdd,
        headersRemove: first.headersRemove,
        ...(first.identity === undefined ? {} : { identity: first.identity }),
        ...(first.home === undefined ? {} : { home: first.home }),
        ...(first.cwd === undefined ? {} : { cwd: first.cwd }),
        fallbackHosts: first.fallbackHosts,
      },
      scope: parts.scopeForAddress(first, scope),
      now: context.now,
      ports: {
        ...parts.ports,
        admit: (host, port) => admit({ host, port, delayAfterCutoff: instance.options["delay_after_cutoff"] !== false }, context, parts),
      },
    });
  };
}

function topOf(address: RoutedAddress): string {
  let node: { display: string; parent: RoutedAddress["parent"] } = address;
  while (node.parent !== undefined) node = node.parent;
  return node.display;
}

interface HostAsked {
  readonly host: HostTarget;
  readonly port: number;
  readonly delayAfterCutoff: boolean;
}

type Admitted = Awaited<ReturnType<TransportPorts["admit"]>>;

/**
 * Retry hints of a host hold for every message, those of a host and this message for it alone. A host past its last
 * cutoff is tried once for a message that came after that (`delay_after_cutoff` false), else when its time has come.
 */
function admit({ host, port, delayAfterCutoff }: HostAsked, context: DeliveryContext, parts: AttemptParts): Admitted {
  if (context.options.force) return { ok: true };
  const keys = [retryKeys.host(host, port), retryKeys.hostForMessage(host, port, context.envelope.id)];
  for (const key of keys) {
    const record = parts.hints.get<RetryHint>("retry", key);
    const state = admission(record, context.now, parts.retryDataExpire);
    if (state === "now") continue;
    if (state === "expired" && !delayAfterCutoff && record !== undefined && record.value.lastTry < context.envelope.received) continue;
    return { ok: false, reason: "retry time not reached" };
  }
  return { ok: true };
}

function forEach(job: Job, message: string): TransportReport {
  return { facts: job.addresses.map(() => ({ kind: "deferred", message, scope: "none", errno: -30 })) };
}
