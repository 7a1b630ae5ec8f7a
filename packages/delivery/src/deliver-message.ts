/**
 * One attempt at one message, from the spool back to the spool. The story: may it be tried now? route its open
 * recipients, plan jobs, run them, judge what they report, settle. Only the last step writes anything down.
 */
import type { Progress, StoredMessage } from "@mailkit/sdk";
import { attemptPlan } from "./attempt.ts";
import type { DeliveryDeps } from "./deps.ts";
import { liveHint } from "./deps.ts";
import { filterMessage } from "./filter-message.ts";
import { holdRemote } from "./held-domains.ts";
import { makeJudge } from "./failure-policy.ts";
import type { Judge } from "./failure-policy.ts";
import { logVerdicts, writeLine } from "./log-verdicts.ts";
import { planDeliveries } from "./plan.ts";
import type { ReportServices } from "./reports.ts";
import { bounceMessage, freezeMessage, successMessage, syntaxMessage, warningMessage } from "./reports.ts";
import { admission, chooseRule, retryKeys } from "./retry.ts";
import { routeRecipients } from "./route-recipients.ts";
import { settle } from "./settle.ts";
import type { Settlement } from "./settle.ts";
import type { AttemptOptions, DeliveryContext, RoutedAddress, Verdict } from "./types.ts";
import { dueWarnings } from "./warnings.ts";

export type DeliveryEnd = "completed" | "waits" | "frozen" | "gone" | "skipped";

export async function deliverMessage(id: string, options: AttemptOptions, deps: DeliveryDeps): Promise<DeliveryEnd> {
  const begun = await beginAttempt(id, options, deps);
  if (typeof begun === "string") return begun;
  const filtered = await filterMessage(begun, deps);
  const { context, scope } = filtered;
  const routed = await routeRecipients(filtered, deps);
  const reports: ReportServices = {
    settings: deps.settings.reports,
    scope,
    boundary: () => boundary(deps),
    trouble: (line) => deps.log.panic(id, line),
  };
  for (const report of routed.reports) await deps.submit(await syntaxMessage(report, context, reports), id);
  const judge = makeJudge(context, {
    ruleFor: async (subject) => chooseRule(deps.retryRules, subject, scope),
    hint: (key) => liveHint(deps, key),
    transport: deps.retryOptions,
    intervalMax: deps.settings.retryIntervalMax,
    random: (limit) => deps.random.below(limit),
  });
  const ready = await holdRemote(routed.deliveries, { context, scope }, deps);
  logVerdicts(await judge.routing([...routed.ends, ...ready.held]), context, deps);
  const plan = planDeliveries({
    deliveries: ready.now,
    transport: deps.transportFacts,
    mustWait: (address) => mustWait(address, context, deps),
  });
  await attemptPlan(plan, { context, scope, judge }, deps);
  logVerdicts(judge.timeouts(), context, deps);
  const settlement = settle(context, judge.verdicts(), {
    ignoreBounceErrorsAfter: deps.settings.ignoreBounceErrorsAfter,
    ...(filtered.fate.kind === "freeze" ? { freeze: filtered.fate.text } : {}),
  });
  return finish({ context, judge, settlement, routed: routed.routed, headersChanged: filtered.changed }, reports, deps);
}

/** Frozen messages are passed over, thawed or given up; the rest is ready. */
async function beginAttempt(id: string, wanted: AttemptOptions, deps: DeliveryDeps): Promise<DeliveryContext | DeliveryEnd> {
  const message = await deps.spool.get(id);
  if (message === undefined) return "gone";
  const now = deps.now();
  const { frozen } = message.state;
  if (frozen === undefined) {
    const options = isLooping(message, deps) ? { ...wanted, giveUp: LOOP } : wanted;
    return { message, envelope: message.envelope, now, options };
  }
  const { timeoutFrozenAfter, autoThaw } = deps.settings;
  if (wanted.giveUp !== undefined) return { message, envelope: message.envelope, now, options: wanted };
  // What counts is how long the message has been here; auto_thaw counts from when it was frozen.
  if (timeoutFrozenAfter > 0 && now - message.envelope.received >= timeoutFrozenAfter && !wanted.thaw) {
    deps.log.main(id, "cancelled by timeout_frozen_after");
    const options = { ...wanted, giveUp: "message has been frozen for too long", cancelled: true };
    return { message, envelope: message.envelope, now, options };
  }
  if (!wanted.thaw && !(autoThaw > 0 && now - frozen.since >= autoThaw)) {
    if (deps.log.format.on("skip_delivery")) deps.log.main(id, "Message is frozen");
    return "skipped";
  }
  deps.log.main(id, wanted.thaw ? "Unfrozen by forced delivery" : "Unfrozen by auto-thaw");
  await deps.spool.record(id, [{ kind: "thaw", manual: wanted.thaw }]);
  const thawed = await deps.spool.get(id);
  return thawed === undefined ? "gone" : { message: thawed, envelope: thawed.envelope, now, options: wanted };
}

const LOOP = 'Too many "Received" headers - suspected mail loop';

/** Manual, option received_headers_max: a message that has been through too many hands goes back to its sender. */
function isLooping({ headers }: StoredMessage, { settings }: DeliveryDeps): boolean {
  let hops = 0;
  for (const header of headers) if (header.type === "P") hops++;
  return hops > settings.receivedHeadersMax;
}

/** Local deliveries mind their retry time in queue runs only; remote hosts are asked one by one while trying. */
function mustWait(address: RoutedAddress, context: DeliveryContext, deps: DeliveryDeps): boolean {
  if (context.options.cause !== "queueRun" || context.options.force) return false;
  const options = deps.retryOptions(address.transport);
  const sender = options.includeSender ? context.envelope.sender : undefined;
  const key = options.remote
    ? retryKeys.recipient(address.address, sender)
    : retryKeys.local(options.useLocalPart ? address.key : address.facts.domain);
  return admission(deps.hints.get("retry", key), context.now, deps.settings.retryDataExpire) === "not yet";
}

interface Ended {
  readonly context: DeliveryContext;
  readonly judge: Judge;
  readonly settlement: Settlement;
  /** Routing hints that are over. */
  readonly routed: readonly string[];
  readonly headersChanged: boolean;
}

/** Bounces first (durable), then the progress of the message, then hints; a crash in between repeats, it does not lose. */
async function finish(ended: Ended, reports: ReportServices, deps: DeliveryDeps): Promise<DeliveryEnd> {
  const { context, settlement, judge } = ended;
  const { id } = context.envelope;
  for (const line of settlement.lines) writeLine(context, line, deps);
  for (const group of settlement.bounces) await deps.submit(await bounceMessage(group, context, reports), id);
  const delivered = judge.verdicts().filter((v): v is Extract<Verdict, { kind: "delivered" }> => v.kind === "delivered");
  const success = await successMessage(context, delivered, reports);
  if (success !== undefined) await deps.submit(success, id);
  if (settlement.completed) {
    await deps.spool.complete(id);
    writeHints(ended, deps);
    deps.log.main(id, "Completed");
    return "completed";
  }
  const warned = await sendWarnings(ended, reports, deps);
  const headers: readonly Progress[] = ended.headersChanged ? [{ kind: "headers", headers: context.message.headers }] : [];
  await deps.spool.record(id, [...headers, ...withWarnings(settlement.progress, warned)]);
  writeHints(ended, deps);
  await tellOfFreezing(ended, reports, deps);
  return settlement.freeze === undefined ? "waits" : "frozen";
}

function writeHints({ judge, routed }: Ended, deps: DeliveryDeps): void {
  for (const [key, hint] of judge.hints) {
    if (hint === undefined) deps.hints.delete("retry", key);
    else deps.hints.put("retry", key, hint);
  }
  for (const key of routed) if (!judge.hints.has(key)) deps.hints.delete("retry", key);
}

/** Returns the number of warnings sent so far, undefined when none went out now. */
async function sendWarnings({ context, settlement }: Ended, reports: ReportServices, deps: DeliveryDeps): Promise<number | undefined> {
  const { envelope, message } = context;
  if (settlement.freeze !== undefined || settlement.deferred.length === 0 || envelope.sender === "") return undefined;
  const due = dueWarnings(deps.settings.delayWarning, context.now - envelope.received);
  if (due <= message.state.warnings || !(await deps.settings.delayWarningCondition(reports.scope))) return undefined;
  const groups = new Map<string, Settlement["deferred"][number][]>();
  for (const verdict of settlement.deferred) {
    const to = verdict.address.errorsTo ?? envelope.sender;
    if (to !== "") groups.set(to, [...(groups.get(to) ?? []), verdict]);
  }
  for (const [to, delayed] of groups) await deps.submit(await warningMessage(to, delayed, context, reports), envelope.id);
  return due;
}

function withWarnings(progress: readonly Progress[], warnings: number | undefined): readonly Progress[] {
  return warnings === undefined ? progress : progress.map((step) => (step.kind === "attempted" ? { ...step, warnings } : step));
}

/** `freeze_tell`: somebody hears of a message that froze, unless it is a bounce itself. */
async function tellOfFreezing({ context, settlement }: Ended, reports: ReportServices, deps: DeliveryDeps): Promise<void> {
  const { freezeTell } = deps.settings;
  if (settlement.freeze === undefined || freezeTell === undefined || context.envelope.sender === "") return;
  const told = await freezeMessage({ to: freezeTell, why: settlement.freeze, waiting: settlement.deferred }, context, reports);
  await deps.submit(told, context.envelope.id);
}

function boundary(deps: DeliveryDeps): string {
  return `${Math.floor(deps.now() / 1000)}-eximdsn-${deps.random.below(2_000_000_000)}`;
}
