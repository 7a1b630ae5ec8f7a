/**
 * Runs a plan: local jobs one after the other, then remote ones side by side up to `remote_max_parallel`. What was
 * delivered is recorded before the next job begins, so that a crash does not deliver it again.
 */
import type { Scope, TransportReport } from "@mailkit/sdk";
import type { DeliveryDeps } from "./deps.ts";
import { liveHint } from "./deps.ts";
import { verdictLine } from "./log-lines.ts";
import { retryKeys } from "./retry.ts";
import type { DeliveryContext, Job, JobResult, Plan, RoutedAddress, RoutingEnd } from "./types.ts";

export interface Attempted {
  readonly results: readonly JobResult[];
  /** Addresses that were left alone. */
  readonly ends: readonly RoutingEnd[];
}

export async function attemptPlan(plan: Plan, context: DeliveryContext, scope: Scope, deps: DeliveryDeps): Promise<Attempted> {
  const later = context.options.routeOnly === true || context.options.localOnly === true;
  const jobs = later ? plan.local : [...plan.local, ...plan.remote];
  const run = makeRunner(jobs.length > 1, context, scope, deps);
  const results: JobResult[] = [];
  for (const job of plan.local) results.push(await run(job));
  if (!later) results.push(...(await inParallel(plan.remote, deps.settings.remoteMaxParallel, run)));
  const ends = [
    ...plan.waiting.map((address) => waiting(address, deps)),
    ...(later ? plan.remote.flatMap((job) => job.addresses.map(leftForLater)) : []),
  ];
  return { results, ends };
}

function makeRunner(several: boolean, context: DeliveryContext, scope: Scope, deps: DeliveryDeps): (job: Job) => Promise<JobResult> {
  return async (job) => {
    const report = await deps.attempt(job, context, scope);
    for (const line of report.log ?? []) deps.log.main(context.envelope.id, line);
    if (!several || report.facts.every((fact) => fact.kind !== "delivered")) return { job, report };
    await recordDelivered(job, report, context, deps);
    return { job, report, logged: true };
  };
}

/** Other jobs may take long: what is delivered is on the disk and in the log before they end. */
async function recordDelivered(job: Job, report: TransportReport, context: DeliveryContext, deps: DeliveryDeps): Promise<void> {
  const { id } = context.envelope;
  const done: string[] = [];
  const lines: string[] = [];
  for (const [i, address] of job.addresses.entries()) {
    const fact = report.facts[i];
    if (fact?.kind !== "delivered") continue;
    const first = done.length === 0 || !job.remote;
    done.push(address.key);
    if (address.quiet === true) continue;
    lines.push(verdictLine({ kind: "delivered", address, fact, first }, context, deps.log.format));
  }
  await deps.spool.record(id, [{ kind: "done", addresses: done }]);
  for (const line of lines) {
    deps.log.main(id, line);
    deps.log.message(id, line);
  }
}

async function inParallel(jobs: readonly Job[], limit: number, run: (job: Job) => Promise<JobResult>): Promise<JobResult[]> {
  if (jobs.length === 1) return [await run(jobs[0] as Job)];
  const results: JobResult[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < jobs.length) {
      const index = next++;
      results[index] = await run(jobs[index] as Job);
    }
  };
  await Promise.all(Array.from({ length: Math.min(jobs.length, Math.max(1, limit)) }, worker));
  return results;
}

function waiting(address: RoutedAddress, deps: DeliveryDeps): RoutingEnd {
  const { remote, useLocalPart } = deps.retryOptions(address.transport);
  const key = remote ? retryKeys.recipient(address.address, undefined) : retryKeys.local(useLocalPart ? address.key : address.facts.domain);
  return {
    kind: "deferred",
    node: address,
    message: remote ? "retry time not reached" : "Retry time not yet reached",
    userMessage: undefined,
    freeze: false,
    errno: remote ? -52 : -53,
    retryKey: undefined,
    early: remote,
    nextTry: liveHint(deps, key)?.nextTry,
    ...(remote ? {} : { transport: address.transport }),
  };
}

function leftForLater(address: RoutedAddress): RoutingEnd {
  return {
    kind: "deferred",
    node: address,
    message: "first-pass only routing due to -odqs, queue_smtp_domains or control=queue",
    userMessage: undefined,
    freeze: false,
    errno: -1,
    retryKey: undefined,
    transport: address.transport,
  };
}
