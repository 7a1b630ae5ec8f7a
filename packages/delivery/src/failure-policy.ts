/**
 * What a failure means: try another time, give up, which hint to leave. The one place that judges; transports and
 * routers only report facts. Manual §"Errors in outgoing SMTP", §"Long-term failures".
 */
import type { RetryRule } from "@mailkit/config";
import type { HostFact, RecipientFact, RetryHint } from "@mailkit/sdk";
import { splitAddress } from "@mailkit/sdk";
import { timedOutVerdict } from "./reasons.ts";
import { lastCutoff, nextTry, retryKeys } from "./retry.ts";
import type { NextTry, RetrySubject } from "./retry.ts";
import type { AddressNode, DeliveryContext, JobResult, RoutedAddress, RoutingEnd, Verdict } from "./types.ts";

export interface PolicyServices {
  /** The rule that holds, looked for in the order of the configuration. */
  readonly ruleFor: (subject: RetrySubject) => Promise<RetryRule | undefined>;
  readonly hint: (key: string) => RetryHint | undefined;
  readonly transport: (name: string) => TransportRetryOptions;
  /** `retry_interval_max`, milliseconds. */
  readonly intervalMax: number;
  readonly random: (limit: number) => number;
}

export interface TransportRetryOptions {
  readonly remote: boolean;
  readonly useLocalPart: boolean;
  readonly includeSender: boolean;
}

/** Judges as things happen; deferrals that are past their time fail when all is over. */
export interface Judge {
  routing(ends: readonly RoutingEnd[]): Promise<readonly Verdict[]>;
  job(result: JobResult): Promise<readonly Verdict[]>;
  /** All verdicts, with those of `timeouts` last. */
  verdicts(): readonly Verdict[];
  /** Given up on, the last deferral first. */
  timeouts(): readonly Verdict[];
  /** New hints by key; undefined = it works again, forget it. */
  readonly hints: ReadonlyMap<string, RetryHint | undefined>;
}

export function makeJudge(context: DeliveryContext, services: PolicyServices): Judge {
  const work: Work = { context, services, verdicts: [], timeouts: [], hints: new Map() };
  return {
    async routing(ends) {
      const part: Work = { ...work, verdicts: [] };
      for (const end of ends) await judgeRouting(end, part);
      work.verdicts.push(...part.verdicts);
      return part.verdicts;
    },
    async job(result) {
      const part: Work = { ...work, verdicts: [] };
      await judgeJob(result, part);
      work.verdicts.push(...part.verdicts);
      return part.verdicts;
    },
    verdicts: () => [...work.verdicts, ...work.timeouts],
    timeouts: () => work.timeouts,
    hints: work.hints,
  };
}

interface Work {
  readonly context: DeliveryContext;
  readonly services: PolicyServices;
  readonly verdicts: Verdict[];
  /** Given up on when all is over, the last deferral first. */
  readonly timeouts: Verdict[];
  readonly hints: Map<string, RetryHint | undefined>;
}

async function judgeRouting(end: RoutingEnd, work: Work): Promise<void> {
  if (end.kind === "discarded") {
    work.verdicts.push({ kind: "discarded", address: end.node, shown: end.shown });
    return;
  }
  if (end.kind === "same") {
    work.verdicts.push({ kind: "same", address: end.node, done: end.done });
    return;
  }
  const userMessage = end.userMessage === undefined ? {} : { userMessage: end.userMessage };
  if (end.kind === "failed") {
    work.verdicts.push({
      kind: "failed",
      address: end.node,
      transport: "",
      fact: { kind: "failed", message: end.message },
      ...userMessage,
      hidden: end.hidden ?? false,
    });
    return;
  }
  const fact: Deferred = {
    kind: "deferred",
    message: end.message,
    scope: "recipient",
    errno: end.errno ?? -1,
    ...(end.freeze ? { freeze: true } : {}),
  };
  const verdict = {
    kind: "deferred" as const,
    address: end.node,
    transport: end.transport ?? "",
    fact,
    nextTry: end.nextTry ?? (end.early === true ? heldUntil(end.node, work) : undefined),
    ...userMessage,
    ...(end.hidden === true ? { hidden: true } : {}),
    ...(end.panic === true ? { panic: true } : {}),
    ...(end.early === true ? { early: true } : {}),
  };
  if (end.retryKey === undefined || end.freeze) {
    work.verdicts.push(verdict);
    return;
  }
  const key = end.retryKey;
  const next = await schedule(work, key, { first: ruleSubject(end.retryKey), error: "lookup" }, fact);
  work.verdicts.push({ ...verdict, nextTry: next.hint.nextTry });
  if (next.timedOut) work.timeouts.unshift(timedOutVerdict(verdict));
}

type Deferred = Extract<RecipientFact, { kind: "deferred" }>;

/** Routing was put off: until the hint that held it back lets it go. */
function heldUntil(node: AddressNode, { services, context }: Work): number | undefined {
  const keys = [
    retryKeys.routing(node.display),
    retryKeys.routing(splitAddress(node.display).domain),
    retryKeys.recipient(node.display, context.envelope.sender),
  ];
  const times = keys.flatMap((key) => services.hint(key)?.nextTry ?? []);
  return times.length === 0 ? undefined : Math.max(...times);
}

async function judgeJob({ job, report }: JobResult, work: Work): Promise<void> {
  const hosts = report.hosts ?? [];
  const hostsTimedOut = await judgeHosts(hosts, job.addresses[0] as RoutedAddress, work);
  let delivered = 0;
  for (const [i, address] of job.addresses.entries()) {
    const fact = report.facts[i] ?? {
      kind: "deferred" as const,
      message: "the transport said nothing of this recipient",
      scope: "none" as const,
    };
    if (fact.kind === "delivered") {
      forgetRecipient(address, work);
      work.verdicts.push({ kind: "delivered", address, fact, first: delivered++ === 0 });
    } else if (fact.kind === "failed") {
      work.verdicts.push({ kind: "failed", address, transport: job.transport, fact });
    } else {
      await judgeDeferral(address, fact, { transport: job.transport, hostsTimedOut, hosts }, work);
    }
  }
}

/** Updates the hints of the hosts; true when every one of them is past its last cutoff. */
async function judgeHosts(hosts: readonly HostFact[], address: RoutedAddress, work: Work): Promise<boolean> {
  let alive = hosts.length === 0;
  for (const fact of hosts) {
    const key = retryKeys.host(fact.host, fact.port);
    if (fact.result === "ok") {
      if (work.services.hint(key) !== undefined) work.hints.set(key, undefined);
      alive = true;
    } else if (fact.result === "skipped") {
      if (work.services.hint(key)?.expired !== true) alive = true;
    } else {
      const subject = { first: `*@${fact.host.name}`, second: `*@${address.facts.domain}`, error: fact.retryError ?? "other" };
      const next = await schedule(work, key, subject, { kind: "deferred", message: fact.message ?? "", scope: "host" });
      if (!next.timedOut) alive = true;
    }
  }
  return !alive;
}

interface DeferredAt {
  readonly transport: string;
  readonly hostsTimedOut: boolean;
  readonly hosts: readonly HostFact[];
}

async function judgeDeferral(address: RoutedAddress, fact: Deferred, at: DeferredAt, work: Work): Promise<void> {
  const panic = fact.panic === true ? { panic: true } : {};
  const verdict = { kind: "deferred" as const, address, transport: at.transport, fact, nextTry: undefined, ...panic };
  if (fact.freeze === true || fact.scope === "none") {
    work.verdicts.push(verdict);
    return;
  }
  const outcome = await scheduleDeferral(address, fact, at, work);
  work.verdicts.push({ ...verdict, nextTry: outcome.nextTry });
  if (outcome.timedOut) work.timeouts.unshift(timedOutVerdict(verdict));
}

async function scheduleDeferral(
  address: RoutedAddress,
  fact: Deferred,
  at: DeferredAt,
  work: Work,
): Promise<{ nextTry: number | undefined; timedOut: boolean }> {
  const options = work.services.transport(at.transport);
  const error = fact.retryError ?? "other";
  const sender = options.includeSender ? work.context.envelope.sender : undefined;
  if (fact.scope === "recipient" || !options.remote) {
    const whole = options.remote || options.useLocalPart;
    const key = options.remote ? retryKeys.recipient(address.address, sender) : retryKeys.local(whole ? address.key : address.facts.domain);
    const next = await schedule(work, key, { first: whole ? ruleAddress(address) : `*@${address.facts.domain}`, error }, fact);
    return { nextTry: next.hint.nextTry, timedOut: next.timedOut };
  }
  if (fact.scope === "message" && fact.host !== undefined) {
    const key = retryKeys.hostForMessage(fact.host, fact.host.port, work.context.envelope.id);
    const next = await schedule(work, key, { first: `*@${fact.host.name}`, second: `*@${address.facts.domain}`, error }, fact);
    return { nextTry: next.hint.nextTry, timedOut: next.timedOut };
  }
  return { nextTry: earliestHost(at.hosts, work), timedOut: at.hostsTimedOut || (await tooOld(address, fact, work)) };
}

/** A message older than the last cutoff is not kept, even when its hosts come and go (manual §"Deliveries that work intermittently"). */
async function tooOld(address: RoutedAddress, fact: Deferred, work: Work): Promise<boolean> {
  const rule = await work.services.ruleFor({
    first: `*@${fact.host?.name ?? address.facts.domain}`,
    second: `*@${address.facts.domain}`,
    error: fact.retryError ?? "other",
    sender: work.context.envelope.sender,
  });
  const cutoff = lastCutoff(rule);
  return cutoff === undefined || work.context.now - work.context.envelope.received >= cutoff;
}

function earliestHost(hosts: readonly HostFact[], work: Work): number | undefined {
  const times = hosts.flatMap(({ host, port }) => {
    const keys = [retryKeys.host(host, port), retryKeys.hostForMessage(host, port, work.context.envelope.id)];
    const due = keys.flatMap((key) => (work.hints.get(key) ?? work.services.hint(key))?.nextTry ?? []);
    return due.length === 0 ? [] : [Math.max(...due)];
  });
  return times.length === 0 ? undefined : Math.min(...times);
}

async function schedule(work: Work, key: string, subject: Omit<RetrySubject, "sender">, fact: Deferred): Promise<NextTry> {
  const { context, services } = work;
  const rule = await services.ruleFor({ ...subject, sender: context.envelope.sender });
  const next = nextTry({
    rule,
    old: services.hint(key),
    now: context.now,
    received: context.envelope.received,
    ofMessage: fact.scope === "message" || subject.error.startsWith("quota"),
    error: subject.error,
    text: fact.message,
    intervalMax: services.intervalMax,
    random: services.random,
  });
  work.hints.set(key, next.hint);
  return next;
}

/** It works again: hints of this recipient go. */
function forgetRecipient(address: RoutedAddress, work: Work): void {
  const { services, context } = work;
  const options = services.transport(address.transport);
  const keys = options.remote
    ? [retryKeys.recipient(address.address, options.includeSender ? context.envelope.sender : undefined)]
    : [retryKeys.local(options.useLocalPart ? address.key : address.facts.domain)];
  for (const key of keys) if (services.hint(key) !== undefined) work.hints.set(key, undefined);
}

/** Of the key that the router gave: `R:user@domain` or `R:domain`. */
function ruleSubject(retryKey: string): string {
  const subject = retryKey.replace(/^R:/, "");
  return subject.includes("@") ? subject : `*@${subject}`;
}

function ruleAddress(address: RoutedAddress): string {
  return splitAddress(address.key).domain === "" ? `${address.facts.localPart}@${address.facts.domain}` : address.key;
}
