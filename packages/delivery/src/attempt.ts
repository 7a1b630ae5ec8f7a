/**
 * Runs a plan: local jobs one after the other, then remote ones side by side up to `remote_max_parallel`. What was
 * delivered is recorded before the next job begins, so that a crash does not deliver it again.
 */
import type { RecipientFact, Scope, TransportReport } from "@mailkit/sdk";
import type { DeliveryDeps } from "./deps.ts";
import { liveHint } from "./deps.ts";
import type { Judge } from "./failure-policy.ts";
import { BYPASSED } from "./log-lines.ts";
import { logVerdicts } from "./log-verdicts.ts";
import { retryKeys } from "./retry.ts";
import type { AttemptOptions, DeliveryContext, Job, Plan, RoutedAddress, RoutingEnd, Verdict } from "./types.ts";

export interface AttemptAround {
  readonly context: DeliveryContext;
  readonly scope: Scope;
  readonly judge: Judge;
}

export async function attemptPlan(plan: Plan, around: AttemptAround, deps: DeliveryDeps): Promise<void> {
  const { context, judge } = around;
  const { routeOnly, localOnly } = context.options;
  const later = routeOnly !== undefined || localOnly === true;
  const jobs = later ? plan.local.length : plan.local.length + plan.remote.length;
  const run = makeRunner(jobs > 1, around, deps);
  const waits = plan.waiting.map((address) => waiting(address, deps));
  logVerdicts(await judge.routing(waits), context, deps);
  // What goes nowhere is over when it is routed.
  for (const job of plan.local.toSorted((a, b) => Number(goesNowhere(b)) - Number(goesNowhere(a)))) await run(job);
  if (!later) return inParallel(plan.remote, deps.settings.remoteMaxParallel, run);
  const why: LeftWhy = routeOnly ?? "options";
  const left = plan.remote.flatMap((job) => job.addresses.map((address) => leftForLater(address, why)));
  logVerdicts(await judge.routing(left), context, deps);
}

/** Other jobs may take long: what is delivered is on the disk and in the log before they end. */
function makeRunner(several: boolean, { context, scope, judge }: AttemptAround, deps: DeliveryDeps): (job: Job) => Promise<void> {
  const { id } = context.envelope;
  return async (job) => {
    const nowhere = goesNowhere(job);
    const report: TransportReport = nowhere ? { facts: job.addresses.map(() => DELIVERED) } : await deps.attempt(job, context, scope);
    for (const line of report.log ?? []) deps.log.main(id, line);
    for (const line of report.panic ?? []) deps.log.panic(id, line);
    const verdicts = await judge.job({ job, report });
    const done = several ? verdicts.flatMap((verdict) => (verdict.kind === "delivered" ? [verdict.address.key] : [])) : [];
    if (done.length > 0) await deps.spool.record(id, [{ kind: "done", addresses: done }]);
    logVerdicts(nowhere ? verdicts.map(bypassed) : verdicts, context, deps);
  };
}

const DELIVERED: RecipientFact = { kind: "delivered" };

/** A redirection to /dev/null needs no transport (manual §"Items in a non-filter redirection list"). */
function goesNowhere({ addresses }: Job): boolean {
  return addresses.every(({ generated }) => generated?.kind === "file" && generated.path === "/dev/null");
}

function bypassed(verdict: Verdict): Verdict {
  return verdict.kind === "delivered" ? { ...verdict, address: { ...verdict.address, transport: BYPASSED } } : verdict;
}

/** When one breaks off, the others are waited for: the message is in nobody else's hands while something is under way. */
async function inParallel(jobs: readonly Job[], limit: number, run: (job: Job) => Promise<void>): Promise<void> {
  if (jobs.length === 1) return run(jobs[0] as Job);
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < jobs.length) await run(jobs[next++] as Job);
  };
  const ended = await Promise.allSettled(Array.from({ length: Math.min(jobs.length, Math.max(1, limit)) }, worker));
  for (const one of ended) if (one.status === "rejected") throw one.reason;
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

export type LeftWhy = "options" | NonNullable<AttemptOptions["routeOnly"]>;

/** A remote delivery that is not for now; the first pass of `-qq` says nothing of it. */
export function leftForLater(address: RoutedAddress, why: LeftWhy): RoutingEnd {
  return {
    kind: "deferred",
    node: why === "firstPass" ? { ...address, quiet: true } : address,
    message:
      why === "told" ? "SMTP delivery explicitly queued" : "first-pass only routing due to -odqs, queue_smtp_domains or control=queue",
    userMessage: undefined,
    freeze: false,
    errno: why === "told" ? 0 : -1,
    retryKey: undefined,
    transport: address.transport,
  };
}
