/**
 * From verdicts to what shall be written down: progress of the message, lines of the log, bounces, a warning, freezing.
 * Pure: nothing is done here, `deliver-message.ts` does it in this order: bounces durable, then progress, then log.
 * Manual §"Delivery in detail", §"Failures to deliver bounce messages".
 */
import type { Progress, Recipient, WaitReason } from "@mailkit/sdk";
import { fullReason } from "./reasons.ts";
import { SYSTEM_FILTER } from "./types.ts";
import type { AddressNode, DeliveryContext, Verdict } from "./types.ts";

export interface SettleSettings {
  /** `ignore_bounce_errors_after`, milliseconds. */
  readonly ignoreBounceErrorsAfter: number;
  /** The system filter freezes the message. */
  readonly freeze?: string;
}

export interface Settlement {
  readonly progress: readonly Progress[];
  /** For the log behind the delivery lines, without time and id. */
  readonly lines: readonly string[];
  readonly bounces: readonly BounceGroup[];
  readonly freeze: string | undefined;
  /** Every recipient is done: the message leaves the spool. */
  readonly completed: boolean;
  /** Open addresses with their reasons, for delay warnings. */
  readonly deferred: readonly Extract<Verdict, { kind: "deferred" }>[];
}

/** Failures that are told to one address. */
export interface BounceGroup {
  readonly to: string;
  readonly failures: readonly Failure[];
}
export type Failure = Extract<Verdict, { kind: "failed" }>;

export function settle(context: DeliveryContext, verdicts: readonly Verdict[], settings: SettleSettings): Settlement {
  const lines: string[] = [];
  const fates = new Fates(verdicts);
  const told = tellOfFailures(context, fates, settings, lines);
  const freeze = told.freeze ?? settings.freeze ?? freezeReason(verdicts);
  if (freeze !== undefined) lines.push(freeze === "" ? "Frozen" : `Frozen ${freeze}`);
  const replaced = oneTimeRecipients(context, fates, told.unsettled);
  const done = doneKeys(context, fates, told.unsettled);
  const recipients = [...context.envelope.recipients, ...replaced];
  const completed =
    recipients.every((r) => context.message.state.done.has(r.address) || done.includes(r.address)) && !fates.anyOpen(told.unsettled);
  return {
    progress: progressOf(context, fates, { done, freeze, completed, ...(replaced.length === 0 ? {} : { recipients }) }),
    lines,
    bounces: told.bounces,
    freeze,
    completed,
    deferred: fates.open(),
  };
}

/** The last verdict on an address counts: a deferral may be followed by "retry timeout exceeded". */
class Fates {
  readonly #last = new Map<string, Verdict>();

  constructor(verdicts: readonly Verdict[]) {
    for (const verdict of verdicts) {
      const key = fateKey(verdict.address);
      // In the order of the verdicts that count.
      this.#last.delete(key);
      this.#last.set(key, verdict);
    }
  }

  all(): IterableIterator<Verdict> {
    return this.#last.values();
  }

  /** A duplicate waits for the address that it is a duplicate of. */
  isOpen(verdict: Verdict, unsettled: ReadonlySet<Verdict>): boolean {
    if (verdict.kind !== "same") return verdict.kind === "deferred" || unsettled.has(verdict);
    if (verdict.done) return false;
    for (const other of this.#last.values()) {
      if (other.kind !== "same" && other.address.key === verdict.address.key && this.isOpen(other, unsettled)) return true;
    }
    return false;
  }

  anyOpen(unsettled: ReadonlySet<Verdict>): boolean {
    return [...this.#last.values()].some((verdict) => this.isOpen(verdict, unsettled));
  }

  failures(): Failure[] {
    return [...this.#last.values()].filter((v) => v.kind === "failed");
  }

  open(): Extract<Verdict, { kind: "deferred" }>[] {
    return [...this.#last.values()].filter((v) => v.kind === "deferred");
  }
}

/** The same child of two parents has two fates. */
function fateKey(address: AddressNode): string {
  return address.parent === undefined ? address.key : `${address.key}\0${topOf(address).key}`;
}

function topOf(address: AddressNode): AddressNode {
  let node = address;
  while (node.parent !== undefined) node = node.parent;
  return node;
}

interface Told {
  readonly bounces: BounceGroup[];
  readonly freeze: string | undefined;
  /** Failures that stay open because nobody can be told of them. */
  readonly unsettled: ReadonlySet<Verdict>;
}

function tellOfFailures(context: DeliveryContext, fates: Fates, settings: SettleSettings, lines: string[]): Told {
  const groups = new Map<string, Failure[]>();
  const unsettled = new Set<Verdict>();
  const age = context.now - context.envelope.received;
  for (const failure of fates.failures().toReversed()) {
    const to = whoIsTold(failure, context);
    const notify = topOf(failure.address).dsn?.notify;
    if (notify !== undefined && !notify.includes("failure")) {
      lines.push(`${failure.address.display}: error ignored: RFC 3461 DSN, failure notify not requested`);
    } else if (to !== "" && failure.address.noError !== true) {
      groups.set(to, [...(groups.get(to) ?? []), failure]);
    } else if (context.options.cancelled === true) {
      continue;
    } else if (
      failure.address.noError === true ||
      failure.address.errorsTo === "" ||
      failure.timedOut === true ||
      age >= settings.ignoreBounceErrorsAfter
    ) {
      lines.push(`${shown(failure.address)}: error ignored`);
    } else {
      unsettled.add(failure);
    }
  }
  return {
    bounces: [...groups].map(([to, failures]) => ({ to, failures })),
    freeze: unsettled.size > 0 ? "(delivery error message)" : undefined,
    unsettled,
  };
}

/** A bounce to an `errors_to` address that cannot be delivered there is not sent there again. */
function whoIsTold({ address }: Failure, { envelope }: DeliveryContext): string {
  const to = address.errorsTo ?? envelope.sender;
  return envelope.sender === "" && to === topOf(address).display ? "" : to;
}

function shown(address: AddressNode): string {
  const top = topOf(address);
  return top.display === address.display ? address.display : `${address.display} <${top.display}>`;
}

function freezeReason(verdicts: readonly Verdict[]): string | undefined {
  return verdicts.some((v) => v.kind === "deferred" && v.fact.freeze === true) ? "" : undefined;
}

/**
 * Addresses that are over, and recipients of the envelope all of whose children are. The children of a `one_time`
 * redirection that wait are recipients of their own from now on: what they came from is over.
 */
function doneKeys(context: DeliveryContext, fates: Fates, unsettled: ReadonlySet<Verdict>): string[] {
  const open = new Set<string>();
  const over = new Map<string, string[]>();
  for (const verdict of fates.all()) {
    const top = topOf(verdict.address).display;
    const waits = fates.isOpen(verdict, unsettled);
    const from = waits ? oneTimeOf(verdict.address)?.parent : undefined;
    if (waits && from === undefined) open.add(top);
    else over.set(top, [...(over.get(top) ?? []), from?.key ?? verdict.address.key]);
  }
  const keys: string[] = [];
  for (const top of [SYSTEM_FILTER, ...context.envelope.recipients.map((recipient) => recipient.address)]) {
    const finished = over.get(top);
    if (finished === undefined) continue;
    const whole = !open.has(top) && top !== SYSTEM_FILTER;
    keys.push(...(whole ? [top] : finished.filter((key) => key !== top)));
  }
  return [...new Set(keys)];
}

/** The address that a `one_time` redirection made: itself, or what it came from. */
function oneTimeOf(address: AddressNode): AddressNode | undefined {
  for (let node: AddressNode | undefined = address; node !== undefined; node = node.parent) if (node.oneTime === true) return node;
  return undefined;
}

/** Manual, option one_time of the redirect router. */
function oneTimeRecipients(context: DeliveryContext, fates: Fates, unsettled: ReadonlySet<Verdict>): Recipient[] {
  const known = new Set(context.envelope.recipients.map((recipient) => recipient.address));
  const added: Recipient[] = [];
  for (const verdict of fates.all()) {
    const child = fates.isOpen(verdict, unsettled) ? oneTimeOf(verdict.address) : undefined;
    if (child === undefined || known.has(child.display)) continue;
    known.add(child.display);
    const top = topOf(child);
    added.push({
      address: child.display,
      parent: top.oneTimeParent ?? top.display,
      ...(child.errorsTo === undefined ? {} : { errorsTo: child.errorsTo }),
      ...(top.dsn === undefined ? {} : { dsn: top.dsn }),
    });
  }
  return added;
}

function progressOf(
  context: DeliveryContext,
  fates: Fates,
  end: { done: readonly string[]; freeze: string | undefined; completed: boolean; recipients?: readonly Recipient[] },
): Progress[] {
  const progress: Progress[] = [];
  if (end.recipients !== undefined) progress.push({ kind: "recipients", recipients: end.recipients });
  if (end.done.length > 0) progress.push({ kind: "done", addresses: end.done });
  if (end.completed) return progress;
  progress.push({
    kind: "attempted",
    at: context.now,
    waiting: fates.open().map((verdict) => [verdict.address.key, waitReason(verdict, context)]),
  });
  if (end.freeze !== undefined) progress.push({ kind: "freeze", at: context.now, why: end.freeze });
  return progress;
}

/** "Retry time not reached": nothing was tried, nothing was learnt. */
const NOT_TRIED = new Set([-52, -53, -54]);

function waitReason(verdict: Extract<Verdict, { kind: "deferred" }>, context: DeliveryContext): WaitReason {
  const known = NOT_TRIED.has(verdict.fact.errno ?? 0) ? context.message.state.waiting.get(verdict.address.key) : undefined;
  if (known !== undefined) return { ...known, ...(verdict.nextTry === undefined ? {} : { nextTry: verdict.nextTry }) };
  return {
    message: fullReason(verdict.fact),
    failed: context.now,
    ...(verdict.nextTry === undefined ? {} : { nextTry: verdict.nextTry }),
    ...(verdict.fact.host === undefined ? {} : { host: verdict.fact.host.name }),
    ...(verdict.address.router === "" ? {} : { router: verdict.address.router }),
    ...(verdict.transport === "" ? {} : { transport: verdict.transport }),
  };
}
