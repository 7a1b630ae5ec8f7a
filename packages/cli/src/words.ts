/** Sizes, ages, times, reasons as people read them. One form everywhere: queue, explain, log, stats. */
import { unicodeOf } from "@mailkit/sdk";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** For columns: `12m`, `2h14`, `3d07`. */
export function shortAge(milliseconds: number): string {
  const minutes = Math.max(0, Math.floor(milliseconds / MINUTE));
  if (minutes < 60) return `${minutes}m`;
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)}h${String(minutes % 60).padStart(2, "0")}`;
  return `${Math.floor(minutes / 1440)}d${String(Math.floor((minutes % 1440) / 60)).padStart(2, "0")}`;
}

/** For sentences: `3 s`, `12 min`, `2 h 14 min`, `3 d 7 h`. */
export function longAge(milliseconds: number): string {
  const time = Math.max(0, milliseconds);
  if (time < 10_000) return `${Number((time / 1000).toFixed(1))} s`;
  if (time < MINUTE) return `${Math.round(time / 1000)} s`;
  if (time < HOUR) return `${Math.floor(time / MINUTE)} min`;
  if (time < DAY) return pair(time, HOUR, "h", MINUTE, "min");
  return pair(time, DAY, "d", HOUR, "h");
}

// oxlint-disable-next-line max-params
function pair(time: number, large: number, largeName: string, small: number, smallName: string): string {
  const rest = Math.floor((time % large) / small);
  return `${Math.floor(time / large)} ${largeName}${rest === 0 ? "" : ` ${rest} ${smallName}`}`;
}

/** For columns: `812`, `4.2K`, `118K`. */
export function shortSize(octets: number): string {
  const { number, unit } = scaled(octets);
  return `${number}${unit}`;
}

/** For sentences: `812 bytes`, `4.2 KB`. */
export function longSize(octets: number): string {
  const { number, unit } = scaled(octets);
  return unit === "" ? `${number} bytes` : `${number} ${unit}B`;
}

function scaled(octets: number): { number: string; unit: string } {
  let value = octets;
  let unit = "";
  for (const next of ["K", "M", "G", "T"]) {
    if (value < 1024) break;
    value /= 1024;
    unit = next;
  }
  return { number: unit === "" ? String(octets) : value < 10 ? value.toFixed(1) : String(Math.round(value)), unit };
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** `14:17`, with the day when it is another one than `now`: `28 Nov 14:02`. */
export function clockTime(milliseconds: number, now: number): string {
  const text = new Date(milliseconds).toTimeString().slice(0, 5);
  return sameDay(milliseconds, now) ? text : `${dayText(milliseconds)} ${text}`;
}

/** `28 Nov`. */
export function dayText(milliseconds: number): string {
  const date = new Date(milliseconds);
  return `${date.getDate()} ${MONTHS[date.getMonth()]}`;
}

export function sameDay(a: number, b: number): boolean {
  return new Date(a).toDateString() === new Date(b).toDateString();
}

/** A retry step or interval: `15m`, `2h`, `4d`. */
export function duration(milliseconds: number): string {
  for (const [unit, size] of [
    ["w", 7 * DAY],
    ["d", DAY],
    ["h", HOUR],
    ["m", MINUTE],
  ] as const)
    if (milliseconds >= size && milliseconds % size === 0) return `${milliseconds / size}${unit}`;
  return `${Math.round(milliseconds / 1000)}s`;
}

/** What the other server said, without the words around it that Exim's log has; one line, as Unicode. */
export function briefReason(message: string): string {
  const line = unicodeOf(message).split("\n")[0] as string;
  const said =
    /^SMTP error from remote mail server after (?:initial connection|[^:]{1,40}(?::<[^>]*>[^:]{0,80})?|pipelined [^:]{1,40}(?::<[^>]*>[^:]{0,80})?): (.+)$/.exec(
      line,
    );
  return said?.[1] ?? line;
}

export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** A byte string as a terminal may show it: Unicode, with nothing in it that steers the terminal or turns the text round. */
export function shown(text: string): string {
  return unicodeOf(text).replace(UNSHOWN, "\ufffd");
}

const UNSHOWN = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;
