/** How much goes in and out: messages by second, for a minute. Pure; times are handed in. */
import type { LogKind } from "@mailkit/logs";

export type Flow = "in" | "out" | "defer" | "reject";

const FLOWS: Readonly<Partial<Record<LogKind, Flow>>> = {
  arrival: "in",
  delivery: "out",
  additional: "out",
  cutthrough: "out",
  deferred: "defer",
  rejected: "reject",
  fakereject: "reject",
};

const SECONDS = 60;
/** Rates are the mean of so many seconds. */
const WINDOW = 10;
/** The sparkline: steps of so many seconds. */
const STEP = 5;
const STEPS = 8;

export interface Rates {
  add(kind: LogKind, time: number): void;
  at(now: number): RateFigures;
}

export interface RateFigures {
  /** Messages a second. */
  readonly in: number;
  readonly out: number;
  /** In the last minute. */
  readonly defer: number;
  readonly reject: number;
  /** Traffic in and out in the steps of the last 40 seconds, oldest first. */
  readonly steps: readonly number[];
}

export function newRates(): Rates {
  const slots = Array.from({ length: SECONDS }, () => ({ second: -1, in: 0, out: 0, defer: 0, reject: 0 }));
  const slotOf = (second: number): (typeof slots)[number] => slots[((second % SECONDS) + SECONDS) % SECONDS] as (typeof slots)[number];
  const sum = (from: number, to: number, pick: (slot: (typeof slots)[number]) => number): number => {
    let total = 0;
    for (let second = from; second <= to; second++) {
      const slot = slotOf(second);
      if (slot.second === second) total += pick(slot);
    }
    return total;
  };
  return {
    add(kind, time) {
      const flow = FLOWS[kind];
      if (flow === undefined) return;
      const second = Math.floor(time / 1000);
      const slot = slotOf(second);
      if (slot.second > second) return; // older than a minute
      if (slot.second !== second) Object.assign(slot, { second, in: 0, out: 0, defer: 0, reject: 0 });
      slot[flow] += 1;
    },
    at(now) {
      const last = Math.floor(now / 1000) - 1;
      const traffic = (slot: (typeof slots)[number]): number => slot.in + slot.out;
      return {
        in: sum(last - WINDOW + 1, last, (slot) => slot.in) / WINDOW,
        out: sum(last - WINDOW + 1, last, (slot) => slot.out) / WINDOW,
        defer: sum(last - SECONDS + 2, last + 1, (slot) => slot.defer),
        reject: sum(last - SECONDS + 2, last + 1, (slot) => slot.reject),
        steps: Array.from({ length: STEPS }, (_, i) => {
          const end = last - (STEPS - 1 - i) * STEP;
          return sum(end - STEP + 1, end, traffic);
        }),
      };
    },
  };
}

const BARS = "▁▂▃▄▅▆▇█";
const PLAIN_BARS = "_.-:=+*#";

/** One character a step, the highest fills the line. */
export function sparkline(steps: readonly number[], unicode = true): string {
  const bars = unicode ? BARS : PLAIN_BARS;
  const most = Math.max(...steps, 1);
  return steps.map((step) => bars[step === 0 ? 0 : Math.max(1, Math.ceil((step / most) * (bars.length - 1)))]).join("");
}

/** `41/s`, `1.5/s`, `12/min`. */
export function rateText(perSecond: number): string {
  if (perSecond >= 10) return `${Math.round(perSecond)}/s`;
  if (perSecond >= 1) return `${Number(perSecond.toFixed(1))}/s`;
  return `${Math.round(perSecond * 60)}/min`;
}
