/** Planned jobs to transports: the adapter between `delivery` (hop 8) and `transports` (hop 9). */
import type { DeliveryContext, Job, RoutedAddress } from "@mailkit/delivery";
import { admission, chooseRule, lastCutoff, retryKeys } from "@mailkit/delivery";
import type { HintsStore, HostTarget, RetryHint, Scope, TransportReport } from "@mailkit/sdk";
import type { RetryRule, TransportInstance } from "@mailkit/config";
import { runAttempt } from "@mailkit/transports";
import type { TransportPorts } from "@mailkit/transports";

export interface AttemptParts {
  readonly transports: ReadonlyMap<string, TransportInstance>;
  readonly ports: Omit<TransportPorts, "admit">;
  readonly scopeForAddress: (address: RoutedAddress, base: Scope) => Scope;
  readonly hints: HintsStore;
  readonly retryRules: readonly RetryRule[];
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
        ...(address.alsoFor === undefined ? {} : { alsoFor: address.alsoFor }),
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
        admit: (host, port) =>
          admit(
            { host, port, domain: first.facts.domain, delayAfterCutoff: instance.options["delay_after_cutoff"] !== false },
            context,
            scope,
            parts,
          ),
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
  readonly domain: string;
  readonly delayAfterCutoff: boolean;
}

type Admitted = Awaited<ReturnType<TransportPorts["admit"]>>;

/**
 * Retry hints of a host hold for every message, those of a host and this message for it alone. A host past its last
 * cutoff is tried once for a message that came after that (`delay_after_cutoff` false), else when its time has come.
 */
async function admit(asked: HostAsked, context: DeliveryContext, scope: Scope, parts: AttemptParts): Promise<Admitted> {
  const { host, port } = asked;
  if (context.options.force) return { ok: true };
  let expired = false;
  for (const key of [retryKeys.host(host, port), retryKeys.hostForMessage(host, port, context.envelope.id)]) {
    const record = parts.hints.get<RetryHint>("retry", key);
    const state = admission(record, context.now, parts.retryDataExpire);
    expired ||= record !== undefined && record.value.expired && context.now - record.updated <= parts.retryDataExpire;
    if (state === "now" || record === undefined) continue;
    if (state === "not yet" && (await isTooOld(record.value.error, asked, { context, scope, parts }))) continue;
    if (state === "expired" && !asked.delayAfterCutoff && record.value.lastTry < context.envelope.received) continue;
    return { ok: false, reason: "retry time not reached", expired };
  }
  return { ok: true, expired, outlived: (error) => isTooOld(error, asked, { context, scope, parts }) };
}

/** A message that has waited longer than its rule allows is tried at once (manual §"Deliveries that work intermittently"). */
async function isTooOld(error: string, { host, domain }: HostAsked, at: { context: DeliveryContext; scope: Scope; parts: AttemptParts }) {
  const { envelope, now } = at.context;
  const subject = { first: `*@${host.name}`, second: `*@${domain}`, error, sender: envelope.sender };
  const cutoff = lastCutoff(await chooseRule(at.parts.retryRules, subject, at.scope));
  return cutoff !== undefined && now - envelope.received > cutoff;
}

function forEach(job: Job, message: string): TransportReport {
  return { facts: job.addresses.map(() => ({ kind: "deferred", message, scope: "none", errno: -30 })) };
}
