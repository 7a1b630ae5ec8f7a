/** Numbers and times as options write them, and back (manual §"Integer values" to §"Time intervals"). Pure. */

export type NumberRead =
  | { readonly kind: "value"; readonly value: number }
  /** `text` is what Exim quotes; `end` is the offset of what follows the number. */
  | { readonly kind: "fault"; readonly why: "none" | "extra" | "overflow" | "invalid"; readonly offset: number };

const INT_MAX = 2147483647;
/** Room of the 64-bit options (`check_spool_space`, ...). */
const WIDE_MAX = 2 ** 63 - 1024;
const POWERS = "KMGTPEZ";

/** Decimal, `0` octal or `0x` hexadecimal, with K M G. `wide` options hold more than 32 bits. */
export function parseInteger(text: string, wide = false): NumberRead {
  const match = /^([+-]?)(0[xX][0-9A-Fa-f]+|0[0-7]*|[1-9][0-9]*)/.exec(text);
  if (match === null) return { kind: "fault", why: "none", offset: 0 };
  const digits = match[2] as string;
  const base = /^0x/i.test(digits) ? 16 : digits.startsWith("0") ? 8 : 10;
  let value = Number.parseInt(base === 16 ? digits.slice(2) : digits, base);
  let end = match[0].length;
  const power = POWERS.indexOf((text[end] ?? " ").toUpperCase());
  if (power >= 0) {
    value *= 1024 ** (power + 1);
    end++;
  }
  if (value > (wide ? WIDE_MAX : INT_MAX)) return { kind: "fault", why: "overflow", offset: 0 };
  if (end < text.length) return { kind: "fault", why: "extra", offset: end };
  return { kind: "value", value: match[1] === "-" ? -value : value };
}

/** Free space in octets: Exim counts it in kilobytes, so that a number without K, M or G is so many of them. */
export function parseSpace(text: string): NumberRead {
  const read = parseInteger(text, true);
  return read.kind === "value" && /^[+-]?(?:0x[0-9a-f]+|\d+)$/i.test(text) ? { ...read, value: read.value * 1024 } : read;
}

export function parseOctal(text: string): NumberRead {
  const digits = /^[0-7]+/.exec(text)?.[0];
  if (digits === undefined) return { kind: "fault", why: "none", offset: 0 };
  if (digits.length < text.length) return { kind: "fault", why: "extra", offset: digits.length };
  const value = Number.parseInt(digits, 8);
  return value > INT_MAX ? { kind: "fault", why: "overflow", offset: 0 } : { kind: "value", value };
}

/** Up to three decimals; Exim drops further ones. */
export function parseFixed(text: string): NumberRead {
  const match = /^(\d+)(?:\.(\d*))?/.exec(text);
  if (match === null) return { kind: "fault", why: "none", offset: 0 };
  if (match[0].length < text.length) return { kind: "fault", why: "extra", offset: match[0].length };
  const thousandths = Number(match[1]) * 1000 + Number((match[2] ?? "").slice(0, 3).padEnd(3, "0"));
  return thousandths > 2147483647999 ? { kind: "fault", why: "overflow", offset: 0 } : { kind: "value", value: thousandths / 1000 };
}

const SECONDS: Readonly<Record<string, number>> = { w: 604800, d: 86400, h: 3600, m: 60, s: 1 };

/** `1w2d3h4m5s` in milliseconds; undefined when it is no such thing. A bare number is not a time. */
export function parseTime(text: string): number | undefined {
  if (!/^(?:\d+[wdhms])+$/.test(text)) return undefined;
  let seconds = 0;
  for (const [, count, unit] of text.matchAll(/(\d+)([wdhms])/g)) seconds += Number(count) * (SECONDS[unit as string] as number);
  return Number.isSafeInteger(seconds) ? seconds * 1000 : undefined;
}

export function showTime(milliseconds: number): string {
  let rest = Math.floor(Math.abs(milliseconds) / 1000);
  if (rest === 0) return "0s";
  let text = milliseconds < 0 ? "-" : "";
  for (const [unit, size] of Object.entries(SECONDS)) {
    const count = Math.floor(rest / size);
    if (count > 0) text += `${count}${unit}`;
    rest %= size;
  }
  return text;
}

/** `10M`, `16K`, or plain: for the options that Exim shows so. */
export function showSize(value: number): string {
  if (value !== 0) {
    if (value % 1099511627776 === 0) return `${value / 1099511627776}T`;
    if (value % 1073741824 === 0) return `${value / 1073741824}G`;
    if (value % 1048576 === 0) return `${value / 1048576}M`;
    if (value % 1024 === 0) return `${value / 1024}K`;
  }
  return String(value);
}

export function showOctal(value: number): string {
  return value === 0 ? "00" : `0${value.toString(8)}`;
}
