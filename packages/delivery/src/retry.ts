/**
 * Retry rules and hints: which rule holds, when to try again, when to give up. Pure. Manual chapter "Retry
 * configuration".
 */
import { parseTime } from "@mailkit/config";
import type { RetryRule, RetryStep } from "@mailkit/config";
import type { Maybe, RetryHint, Scope } from "@mailkit/sdk";
import { chain, CLOCK_SET_BACK, firstOf } from "@mailkit/sdk";

export interface RetrySubject {
  /** Tried first: `*@host` for host errors, the address or `*@domain` for the others. */
  readonly first: string;
  /** Tried on the same line when the first does not match (the domain of the address, for host errors). */
  readonly second?: string;
  /** Class of the error: `refused_A`, `rcpt_452`, `quota`, `lookup`, ... */
  readonly error: string;
  readonly sender: string | undefined;
}

/** The first rule whose pattern, error and senders match. */
export function chooseRule(rules: readonly RetryRule[], subject: RetrySubject, scope: Scope): Maybe<RetryRule | undefined> {
  return firstOf(rules, (rule) => {
    if (!errorMatches(rule.error, subject.error)) return undefined;
    return chain(patternMatches(rule, subject, scope), (matches) => {
      if (!matches) return undefined;
      return chain(senderMatches(rule, subject.sender, scope), (fits) => (fits ? rule : undefined));
    });
  });
}

function patternMatches(rule: RetryRule, subject: RetrySubject, scope: Scope): Maybe<boolean> {
  return chain(rule.list.match(subject.first, scope), (result) => {
    if (result.kind === "yes") return true;
    if (subject.second === undefined) return false;
    return chain(rule.list.match(subject.second, scope), (other) => other.kind === "yes");
  });
}

function senderMatches(rule: RetryRule, sender: string | undefined, scope: Scope): Maybe<boolean> {
  if (rule.senders === undefined) return true;
  if (sender === undefined) return false;
  return chain(rule.senders.match(sender, scope), (result) => result.kind === "yes");
}

/** Does the error named in a rule cover this one? (manual §"Retry rules for specific errors") */
export function errorMatches(named: string, error: string): boolean {
  const rule = named.toLowerCase();
  const actual = error.toLowerCase();
  if (rule === "*" || rule === actual) return true;
  const unread = unreadFor(rule);
  if (unread !== undefined) return (unreadFor(actual) ?? -1) >= unread;
  if (rule === "quota") return actual.startsWith("quota");
  const reply = /^(mail|rcpt|data)_(4[\dx][\dx])$/.exec(rule);
  if (reply !== null)
    return actual.startsWith(`${reply[1]}_`) && new RegExp(`^${(reply[2] as string).replaceAll("x", "\\d")}$`).test(actual.slice(5));
  const staged = /^(refused|timeout|timeout_connect)(?:_(a|mx))?$/.exec(rule);
  if (staged === null) return false;
  const [, what, from] = staged as unknown as [string, string, string | undefined];
  const base = actual.replace(/_(?:a|mx)$/, "");
  const covered = what === "timeout" ? base.startsWith("timeout") : base === what;
  return covered && (from === undefined || actual.endsWith(`_${from}`));
}

/** `quota_3d`: the mailbox is full, and nobody has read it for so long. */
function unreadFor(error: string): number | undefined {
  return error.startsWith("quota_") ? parseTime(error.slice("quota_".length)) : undefined;
}

export interface NextTry {
  readonly hint: RetryHint;
  /** The last cutoff of the rule has passed: the address fails. */
  readonly timedOut: boolean;
}

export interface RetryTiming {
  readonly rule: RetryRule | undefined;
  readonly old: RetryHint | undefined;
  readonly now: number;
  /** Arrival of the message; counts instead of the first failure for errors of the message. */
  readonly received: number;
  readonly ofMessage: boolean;
  readonly error: string;
  readonly text: string;
  /** `retry_interval_max`, milliseconds. */
  readonly intervalMax: number;
  readonly random: (limit: number) => number;
}

/** New hint after a failure, and whether the address is past its time. No rule, or one without steps: at once. */
export function nextTry(timing: RetryTiming): NextTry {
  const { now, old, rule } = timing;
  const firstFailed = old?.firstFailed ?? now;
  const since = timing.ofMessage ? Math.min(firstFailed, timing.received) : firstFailed;
  const steps = rule?.steps ?? [];
  const last = steps.at(-1);
  const base = { firstFailed, lastTry: now, error: timing.error, text: timing.text };
  if (last === undefined) return { hint: { ...base, nextTry: now, expired: true }, timedOut: true };
  const age = now - since;
  const step = steps.find((s) => age < s.cutoff) ?? last;
  const expired = age >= last.cutoff;
  const interval = Math.min(intervalOf(step, old, timing), timing.intervalMax);
  return { hint: { ...base, nextTry: now + interval, expired }, timedOut: expired || now - timing.received >= last.cutoff };
}

/** G grows from the smaller of the interval that was foreseen and the one that really passed. */
function intervalOf(step: RetryStep, old: RetryHint | undefined, timing: RetryTiming): number {
  if (step.kind === "F" || old === undefined) return step.interval;
  const previous = Math.min(old.nextTry - old.lastTry, timing.now - old.lastTry);
  const grown = previous < step.interval ? step.interval : previous * step.factor;
  if (step.kind === "G") return Math.round(grown);
  const most = Math.min(grown, timing.intervalMax);
  return step.interval + timing.random(Math.max(1, Math.round(most - step.interval)));
}

/** The longest a message may wait under the rule; undefined = no rule, no waiting. */
export function lastCutoff(rule: RetryRule | undefined): number | undefined {
  return rule?.steps.at(-1)?.cutoff;
}

export type Admission = "now" | "not yet" | "expired";

type StoredHint = { readonly value: RetryHint; readonly updated: number };

/** Hints that are too old count for nothing (manual §"Timeout of retry data"), nor do those of a clock that was set back. */
export function isStale({ updated }: Pick<StoredHint, "updated">, now: number, dataExpire: number): boolean {
  return now - updated > dataExpire || updated > now + CLOCK_SET_BACK;
}

/** May something with this hint be tried? */
export function admission(hint: StoredHint | undefined, now: number, dataExpire: number): Admission {
  if (hint === undefined || isStale(hint, now, dataExpire) || now >= hint.value.nextTry) return "now";
  return hint.value.expired ? "expired" : "not yet";
}

/** Keys as Exim's retry database has them. */
export const retryKeys = {
  routing: (key: string): string => `R:${key}`,
  recipient: (address: string, sender: string | undefined): string => `R:${address}${sender === undefined ? "" : `:<${sender}>`}`,
  local: (address: string): string => `T:${address}`,
  host: (host: { readonly name: string; readonly address: string }, port: number): string =>
    `T:${host.name}:${host.address}${port === 25 ? "" : `:${port}`}`,
  hostForMessage: (host: { readonly name: string; readonly address: string }, port: number, id: string): string =>
    `T:${host.name}:${host.address}${port === 25 ? "" : `:${port}`}:${id}`,
};
