/** `ratelimit = m / p / options / key` to data (manual §"Rate limiting incoming messages"). Pure, total. */
import { trimSpace } from "@mailkit/sdk";
import { parseCount, parseTime } from "../scalars.ts";

export type RateUnit = "per_conn" | "per_mail" | "per_byte" | "per_rcpt" | "per_addr" | "per_cmd";

export interface RateWish {
  readonly limit: number;
  readonly limitText: string;
  /** Milliseconds. */
  readonly period: number;
  readonly periodText: string;
  readonly unit: RateUnit;
  readonly mode: "leaky" | "strict" | "readonly" | undefined;
  readonly count: number | undefined;
  readonly unique: string | undefined;
  /** Undefined: the client's address. */
  readonly key: string | undefined;
}

const UNITS: ReadonlySet<string> = new Set<RateUnit>(["per_conn", "per_mail", "per_byte", "per_rcpt", "per_addr", "per_cmd"]);
const MODES: ReadonlySet<string> = new Set(["leaky", "strict", "readonly"]);

/** A string is the fault, without its standard beginning. */
export function parseRatelimit(text: string): RateWish | string {
  const [limitText = "", periodText, ...options] = splitSlashes(text);
  const limit = parseCount(limitText);
  if (limit === undefined) return `"${limitText}" is not a positive number`;
  const period = periodText === undefined ? undefined : parseTime(periodText);
  if (period === undefined || period === 0) return `"${periodText ?? "NULL"}" is not a time value`;
  let unit: RateUnit | undefined;
  let mode: RateWish["mode"];
  let count: number | undefined;
  let unique: string | undefined;
  const key: string[] = [];
  for (const option of options) {
    if (option === "") continue;
    if (UNITS.has(option)) {
      if (unit !== undefined && unit !== option) return "conflicting per_* options";
      unit = option as RateUnit;
    } else if (MODES.has(option)) {
      if (mode !== undefined && mode !== option) return "conflicting update modes";
      mode = option as RateWish["mode"];
    } else if (option.startsWith("count=")) {
      count = parseCount(option.slice(6));
      if (count === undefined) return `"${option}" is not a positive number`;
    } else if (option.startsWith("unique=")) unique = option.slice(7);
    else key.push(option);
  }
  // Whatever is no option is a part of the key, slashes between them.
  return {
    limit,
    limitText,
    period,
    periodText: periodText as string,
    unit: unit ?? "per_mail",
    mode,
    count,
    unique,
    key: key.length === 0 ? undefined : key.join("/"),
  };
}

/** At single slashes; a doubled one stands for itself. */
function splitSlashes(text: string): string[] {
  return text.split(/(?<!\/)\/(?!\/)/).map((part) => trimSpace(part).replaceAll("//", "/"));
}
