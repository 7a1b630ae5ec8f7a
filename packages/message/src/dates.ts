/**
 * Dates of header lines and logs. Pure: the offset of the time zone is an argument, in minutes east of Greenwich.
 */
const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** `Tue, 2 Mar 1999 09:44:33 +0000`, RFC 5322 §3.3, as Exim writes it: the day without leading zero. */
export function mailDate(milliseconds: number, offset: number): string {
  const t = new Date(milliseconds + offset * 60_000);
  return (
    `${DAYS[t.getUTCDay()]}, ${t.getUTCDate()} ${MONTHS[t.getUTCMonth()]} ${t.getUTCFullYear()} ` +
    `${two(t.getUTCHours())}:${two(t.getUTCMinutes())}:${two(t.getUTCSeconds())} ${zoneText(offset)}`
  );
}

/** `Tue Mar 02 09:44:33 1999`: the From_ line of mailboxes (`$tod_bsdinbox`). */
export function mailboxDate(milliseconds: number, offset: number): string {
  const t = new Date(milliseconds + offset * 60_000);
  return (
    `${DAYS[t.getUTCDay()]} ${MONTHS[t.getUTCMonth()]} ${two(t.getUTCDate())} ` +
    `${two(t.getUTCHours())}:${two(t.getUTCMinutes())}:${two(t.getUTCSeconds())} ${t.getUTCFullYear()}`
  );
}

/** `1999-03-02 09:44:33`, with `log_timezone` ` +0000`, with `millisec` `.123`. */
export function logDate(milliseconds: number, offset: number, also: { readonly zone?: boolean; readonly millisec?: boolean } = {}): string {
  const t = new Date(milliseconds + offset * 60_000);
  let text =
    `${t.getUTCFullYear()}-${two(t.getUTCMonth() + 1)}-${two(t.getUTCDate())} ` +
    `${two(t.getUTCHours())}:${two(t.getUTCMinutes())}:${two(t.getUTCSeconds())}`;
  if (also.millisec === true) text += `.${String(t.getUTCMilliseconds()).padStart(3, "0")}`;
  if (also.zone === true) text += ` ${zoneText(offset)}`;
  return text;
}

/** `+0130` for 90. */
export function zoneText(offset: number): string {
  const size = Math.abs(offset);
  return `${offset < 0 ? "-" : "+"}${two(Math.floor(size / 60))}${two(size % 60)}`;
}

/**
 * Offset at that moment in a zone: `timezone` option ("UTC", "Europe/Paris"), undefined = the system's. A name that
 * nobody knows is UTC, as in the C library.
 */
export function zoneOffset(milliseconds: number, timezone?: string): number {
  if (timezone === undefined) return -new Date(milliseconds).getTimezoneOffset();
  if (timezone === "" || /^(utc|gmt)$/i.test(timezone)) return 0;
  try {
    const parts = new Intl.DateTimeFormat("en-US", { timeZone: timezone, timeZoneName: "longOffset" }).formatToParts(milliseconds);
    const name = parts.find((part) => part.type === "timeZoneName")?.value ?? "";
    const match = /([+-])(\d\d):(\d\d)/.exec(name);
    return match === null ? 0 : (match[1] === "-" ? -1 : 1) * (Number(match[2]) * 60 + Number(match[3]));
  } catch {
    return 0;
  }
}

/** RFC 5322 dates back to milliseconds; undefined when it is none. Numeric and the old named zones (§4.3). */
export function parseMailDate(text: string): number | undefined {
  const match =
    /^\s*(?:[A-Za-z]{3}\s*,)?\s*(\d{1,2})\s+([A-Za-z]{3})\s+(\d{2,4})\s+(\d{1,2}):(\d\d)(?::(\d\d))?\s*([+-]\d{4}|[A-Za-z]{1,5})?/.exec(
      text,
    );
  if (match === null) return undefined;
  const month = MONTHS.findIndex((name) => name.toLowerCase() === (match[2] as string).toLowerCase());
  if (month < 0) return undefined;
  const year = Number(match[3]);
  const full = (match[3] as string).length > 2 ? year : year < 50 ? 2000 + year : 1900 + year;
  const at = Date.UTC(full, month, Number(match[1]), Number(match[4]), Number(match[5]), Number(match[6] ?? 0));
  return at - offsetOfZone(match[7] ?? "+0000") * 60_000;
}

const NAMED_ZONES: ReadonlyMap<string, number> = new Map([
  ["EST", -300],
  ["EDT", -240],
  ["CST", -360],
  ["CDT", -300],
  ["MST", -420],
  ["MDT", -360],
  ["PST", -480],
  ["PDT", -420],
]);

function offsetOfZone(zone: string): number {
  const match = /^([+-])(\d\d)(\d\d)$/.exec(zone);
  if (match === null) return NAMED_ZONES.get(zone.toUpperCase()) ?? 0;
  return (match[1] === "-" ? -1 : 1) * (Number(match[2]) * 60 + Number(match[3]));
}

function two(n: number): string {
  return n < 10 ? `0${n}` : String(n);
}
