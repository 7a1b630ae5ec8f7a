/**
 * `ratelimit`: the client's smoothed rate against a limit (manual §"Rate limiting incoming messages"). An exponentially
 * weighted average, not a window: a burst counts at once, and is forgotten by and by.
 */
import type { AclItemSource } from "@mailkit/config";
import type { AclCompilers } from "../compile.ts";
import { type AclHook, hookName } from "../hooks.ts";
import type { ItemRun } from "../items.ts";
import { fault, type Outcome, type Run, setClean, withText } from "../run.ts";
import { parseRatelimit, type RateUnit, type RateWish } from "./ratelimit-parse.ts";

interface RateRecord {
  /** Milliseconds since 1970 of the last update. */
  readonly time: number;
  readonly rate: number;
  /** `unique=`: values of this period, and when it began. */
  readonly seen?: readonly string[];
  readonly since?: number;
}

export function compileRatelimit(item: AclItemSource, compilers: AclCompilers): ItemRun {
  const template = compilers.template(item.value, item.at);
  const known = template.constant === undefined ? undefined : parseRatelimit(template.constant);
  return (run) =>
    withText(run, template, (text) => {
      const wish = known ?? parseRatelimit(text);
      return typeof wish === "string" ? argumentFault(run, wish) : test(run, wish);
    });
}

function argumentFault(run: Run, why: string): "error" {
  return fault(run, `error in arguments to "ratelimit" condition: ${why}`);
}

const MAIL_HOOKS: ReadonlySet<AclHook> = new Set(["mail", "rcpt", "predata", "mime", "data", "prdr", "not_smtp", "not_smtp_mime"]);
const RCPT_HOOKS: ReadonlySet<AclHook> = new Set(["rcpt", "predata", "mime", "data", "prdr"]);

/** Where a unit makes no sense, the rate may be read but not changed (manual §"Ratelimit update modes"). */
function mayUpdate(unit: RateUnit, hook: AclHook): boolean {
  switch (unit) {
    case "per_conn":
      return !hook.startsWith("not_smtp");
    case "per_mail":
    case "per_byte":
      return MAIL_HOOKS.has(hook);
    case "per_rcpt":
      return RCPT_HOOKS.has(hook);
    case "per_addr":
      return hook === "rcpt";
    case "per_cmd":
      return true;
  }
}

function test(run: Run, wish: RateWish): Outcome {
  const { hook, session } = run.context;
  const allowed = mayUpdate(wish.unit, hook);
  if (!allowed && (wish.mode === "leaky" || wish.mode === "strict")) {
    return argumentFault(run, `"${wish.unit}" must not have /leaky or /strict option, or cannot be used in ${hookName(hook)} ACL`);
  }
  const mode = allowed ? (wish.mode ?? "leaky") : "readonly";
  const key = storeKey(wish, wish.key ?? session.peer?.address ?? "");
  const rate = mode === "readonly" ? read(run, key, wish) : onceFor(run, key, wish, () => update(run, key, wish, mode));
  const text = rate.toFixed(1);
  setClean(run, "sender_rate", text);
  setClean(run, "sender_rate_limit", wish.limitText);
  setClean(run, "sender_rate_period", wish.periodText);
  run.detail = `${text}/${wish.periodText} (max ${wish.limitText})`;
  return rate < wish.limit ? "no" : "yes";
}

/** The limit is not in it: it can be changed without forgetting anybody. */
function storeKey(wish: RateWish, key: string): string {
  const unique = wish.unit === "per_addr" || wish.unique !== undefined ? "/unique" : "";
  return `${wish.period / 1000}s/${wish.unit}${unique}/${key}`;
}

/** The same rate is updated once a command, message or connection, however often it is tested. */
function onceFor(run: Run, key: string, wish: RateWish, compute: () => number): number {
  const done = ledgerOf(run, wish.unit);
  const known = done.get(key);
  if (known !== undefined) return known;
  const rate = compute();
  done.set(key, rate);
  return rate;
}

const LEDGER = "acl rates updated";

function ledgerOf(run: Run, unit: RateUnit): Map<string, number> {
  const { session, message, hook } = run.context;
  if (unit === "per_cmd" || (hook === "rcpt" && (unit === "per_rcpt" || unit === "per_addr"))) return (run.rates ??= new Map());
  const cache = unit === "per_conn" ? session.listCache : message.listCache;
  let ledger = cache.get(LEDGER) as Map<string, number> | undefined;
  if (ledger === undefined) cache.set(LEDGER, (ledger = new Map()));
  return ledger;
}

function countOf(run: Run, wish: RateWish): number {
  const { hook, message } = run.context;
  if (wish.count !== undefined) return wish.count;
  if (wish.unit === "per_byte") return Math.max(message.size, 0);
  return wish.unit === "per_rcpt" && hook !== "rcpt" ? message.recipients.length : 1;
}

function read(run: Run, key: string, wish: RateWish): number {
  const { hints, clock } = run.context.scope.services;
  const record = hints.get<RateRecord>("ratelimit", key)?.value;
  return record === undefined ? 0 : smoothed(record, { now: clock.now(), period: wish.period, count: 0 });
}

function update(run: Run, key: string, wish: RateWish, mode: "leaky" | "strict"): number {
  const { hints, clock } = run.context.scope.services;
  const now = clock.now();
  const unique = uniqueOf(run, wish);
  let rate = 0;
  hints.update<RateRecord>("ratelimit", key, (old) => {
    const record = old?.value;
    const events = unique === undefined ? undefined : eventsOf(record, unique, { now, period: wish.period });
    const count = events?.isNew === false ? 0 : countOf(run, wish);
    rate = record === undefined ? count : smoothed(record, { now, period: wish.period, count });
    // Leaky: who is over the limit is not counted further, so that refused attempts do not add up.
    // A record of a clock that was set back since begins to fade now.
    if (mode === "leaky" && rate >= wish.limit && record !== undefined) return record.time > now ? { ...record, time: now } : record;
    return { time: now, rate, ...(events === undefined ? {} : { seen: events.seen, since: events.since }) };
  });
  return rate;
}

function uniqueOf(run: Run, wish: RateWish): string | undefined {
  if (wish.unit !== "per_addr") return wish.unique;
  const { address } = run.context;
  return wish.unique ?? `${address?.localPart ?? ""}@${address?.domain ?? ""}`;
}

/** More different events than this in one period count as the same: the record must not grow without end. */
const MAX_UNIQUE = 10_000;

function eventsOf(record: RateRecord | undefined, unique: string, { now, period }: { now: number; period: number }) {
  const fresh = record?.seen === undefined || Math.abs(now - (record.since ?? 0)) > period;
  const seen = fresh ? [] : (record?.seen as readonly string[]);
  const isNew = !seen.includes(unique) && seen.length < MAX_UNIQUE;
  return { isNew, seen: isNew ? [...seen, unique] : seen, since: fresh ? now : (record?.since as number) };
}

/**
 * The old rate fades with e^(-interval/period), the event enters as the rate it would be if all were spaced like it.
 * Events far apart would make less than one event a period, so the event itself is the least.
 */
export function smoothed(record: RateRecord, { now, period, count }: { now: number; period: number; count: number }): number {
  const intervals = Math.max((now - record.time) / period, 1e-9);
  const fade = Math.exp(-intervals);
  return Math.max((count * (1 - fade)) / intervals + fade * record.rate, count);
}
