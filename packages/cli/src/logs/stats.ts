/** Figures of a mainlog, as eximstats gives them: totals, hours, who and where most. Pure; memory is bounded. */
import type { LogRecord } from "@mailkit/logs";
import { lower, splitAddress, unicodeOf } from "@mailkit/sdk";

export interface Totals {
  readonly messages: number;
  /** Octets, of messages whose size the log has. */
  readonly volume: number;
  readonly hosts: number;
}

export interface HourFigures {
  /** Milliseconds since 1970, the beginning of the hour. */
  readonly hour: number;
  readonly in: number;
  readonly out: number;
  readonly defer: number;
  readonly reject: number;
}

export interface Ranked {
  readonly name: string;
  readonly count: number;
  readonly volume: number;
}

export interface LogFigures {
  readonly from: number | undefined;
  readonly to: number | undefined;
  readonly lines: number;
  readonly received: Totals;
  readonly delivered: Totals;
  readonly failed: number;
  readonly deferred: number;
  readonly completed: number;
  readonly rejected: number;
  readonly frozen: number;
  readonly hours: readonly HourFigures[];
  /** Deliveries by the time since arrival. */
  readonly delays: readonly { readonly upTo: number; readonly count: number }[];
  readonly top: {
    readonly senders: readonly Ranked[];
    readonly sendingHosts: readonly Ranked[];
    readonly recipientDomains: readonly Ranked[];
    readonly transports: readonly Ranked[];
    readonly deferReasons: readonly Ranked[];
    readonly rejections: readonly Ranked[];
  };
}

const MINUTE = 60_000;
/** The last one takes the rest. */
const DELAYS = [1000, 10_000, MINUTE, 5 * MINUTE, 60 * MINUTE, 24 * 60 * MINUTE, Infinity];

export function newStats(): { add(record: LogRecord): void; figures(top: number): LogFigures } {
  const totals = { lines: 0, failed: 0, deferred: 0, completed: 0, rejected: 0, frozen: 0 };
  const span = { from: undefined as number | undefined, to: undefined as number | undefined };
  const received = newTotals();
  const delivered = newTotals();
  const hours = new Map<number, { in: number; out: number; defer: number; reject: number }>();
  const delays = DELAYS.map((upTo) => ({ upTo, count: 0 }));
  const arrivals = new Recent<{ time: number; size: number }>();
  const tables = {
    senders: new Ranking(),
    sendingHosts: new Ranking(),
    recipientDomains: new Ranking(),
    transports: new Ranking(),
    deferReasons: new Ranking(),
    rejections: new Ranking(),
  };

  function hourOf(time: number): { in: number; out: number; defer: number; reject: number } {
    const hour = time - (time % (60 * MINUTE));
    let found = hours.get(hour);
    if (found === undefined) hours.set(hour, (found = { in: 0, out: 0, defer: 0, reject: 0 }));
    return found;
  }

  function arrival(record: LogRecord): void {
    const size = Number(record.fields.get("S") ?? 0) || 0;
    received.add(size, hostOf(record));
    hourOf(record.time).in++;
    if (record.id !== undefined) arrivals.set(record.id, { time: record.time, size });
    tables.senders.add(record.address === "" ? "<>" : lower(record.address ?? ""), size);
    tables.sendingHosts.add(hostOf(record) ?? `local user ${record.fields.get("U") ?? "?"}`, size);
  }

  function delivery(record: LogRecord): void {
    const known = record.id === undefined ? undefined : arrivals.get(record.id);
    const size = known?.size ?? 0;
    delivered.add(size, record.host === undefined ? undefined : (record.host.name ?? record.host.address));
    hourOf(record.time).out++;
    if (known !== undefined) {
      const slot = delays.find(({ upTo }) => record.time - known.time < upTo);
      if (slot !== undefined) slot.count++;
    }
    const domain = splitAddress(record.original ?? record.address ?? "").domain || "here";
    tables.recipientDomains.add(lower(domain), size);
    tables.transports.add(record.fields.get("T") ?? "none", size);
  }

  function add(record: LogRecord): void {
    totals.lines++;
    span.from = Math.min(span.from ?? record.time, record.time);
    span.to = Math.max(span.to ?? record.time, record.time);
    switch (record.kind) {
      case "arrival":
      case "fakereject":
        return arrival(record);
      case "delivery":
      case "additional":
      case "cutthrough":
        return delivery(record);
      case "deferred":
        totals.deferred++;
        hourOf(record.time).defer++;
        return tables.deferReasons.add(reasonKey(record.message ?? ""), 0);
      case "failed":
        return void totals.failed++;
      case "completed":
        return void totals.completed++;
      case "frozen":
        return void totals.frozen++;
      case "rejected":
        totals.rejected++;
        hourOf(record.time).reject++;
        return tables.rejections.add(reasonKey(record.message ?? record.text.replace(/^.*? (?=(?:temporarily )?rejected )/, "")), 0);
      default:
    }
  }

  return {
    add,
    figures: (top) => ({
      ...span,
      ...totals,
      received: received.figures(),
      delivered: delivered.figures(),
      hours: [...hours].sort(([a], [b]) => a - b).map(([hour, figures]) => ({ hour, ...figures })),
      delays,
      top: {
        senders: tables.senders.top(top),
        sendingHosts: tables.sendingHosts.top(top),
        recipientDomains: tables.recipientDomains.top(top),
        transports: tables.transports.top(top),
        deferReasons: tables.deferReasons.top(top),
        rejections: tables.rejections.top(top),
      },
    }),
  };
}

function hostOf({ host }: LogRecord): string | undefined {
  if (host === undefined) return undefined;
  return host.name === undefined ? host.address : `${host.name}${host.address === undefined ? "" : ` [${host.address}]`}`;
}

/** Reasons that differ in addresses, numbers and ids only are one. */
function reasonKey(message: string): string {
  return unicodeOf(message)
    .replace(/^SMTP error from remote mail server after [^:]+(?::<[^>]*>[^:]*)?: /, "")
    .replace(/<[^>]*>/g, "<...>")
    .replace(/\b[\w.+-]+@[\w.-]+\b/g, "...")
    .replace(/\[[\da-fA-F.:]+\]/g, "[...]")
    .replace(/\b(?=\w*\d)[\w-]{8,}\b/g, "...")
    .slice(0, 100);
}

function newTotals(): { add(size: number, host: string | undefined): void; figures(): Totals } {
  let messages = 0;
  let volume = 0;
  const hosts = new Set<string>();
  return {
    add(size, host) {
      messages++;
      volume += size;
      if (host !== undefined && hosts.size < MOST) hosts.add(host);
    },
    figures: () => ({ messages, volume, hosts: hosts.size }),
  };
}

/** Names kept at once in a table; when there are more, the rarest half goes. */
const MOST = 50_000;

class Ranking {
  #counts = new Map<string, { count: number; volume: number }>();

  add(name: string, volume: number): void {
    const found = this.#counts.get(name);
    if (found !== undefined) {
      found.count++;
      found.volume += volume;
      return;
    }
    if (this.#counts.size >= MOST) this.#counts = new Map([...this.#counts].sort(([, a], [, b]) => b.count - a.count).slice(0, MOST / 2));
    this.#counts.set(name, { count: 1, volume });
  }

  top(count: number): Ranked[] {
    return [...this.#counts]
      .sort(([nameA, a], [nameB, b]) => b.count - a.count || b.volume - a.volume || (nameA < nameB ? -1 : 1))
      .slice(0, count)
      .map(([name, figures]) => ({ name: unicodeOf(name), ...figures }));
  }
}

/** Messages under way; the oldest are forgotten. */
class Recent<T> {
  readonly #values = new Map<string, T>();

  get(key: string): T | undefined {
    return this.#values.get(key);
  }

  set(key: string, value: T): void {
    this.#values.set(key, value);
    if (this.#values.size > MOST * 4) this.#values.delete(this.#values.keys().next().value as string);
  }
}
