/** A retry rule as `-brt` prints it: what was read, not what was written (manual §"-brt"). */
import type { RetryRule, RetryStep } from "../types.ts";
import { parseTime, showTime } from "../values/numbers.ts";

/** Spellings of Exim; errors of SMTP replies are shown as `*`, since Exim keeps no name for them. */
export function showRetryRule({ pattern, error, steps }: RetryRule): string {
  return `${pattern}  ${errorName(error)}  ${steps.map((step) => `${showStep(step)}; `).join("")}`;
}

function errorName(error: string): string {
  if (/^(?:data|mail|rcpt)_4/.test(error)) return "*";
  const unread = error.startsWith("quota_") ? parseTime(error.slice("quota_".length)) : undefined;
  if (unread !== undefined) return `quota_${showTime(unread)}`;
  return error.replace(/_(a|mx)$/, (end) => end.toUpperCase());
}

function showStep({ kind, cutoff, interval, factor }: RetryStep): string {
  const whole = `${kind},${showTime(cutoff)},${showTime(interval)}`;
  if (kind !== "G") return whole;
  return `${whole},${Number.isInteger(factor) ? factor.toFixed(1) : Number(factor.toFixed(3))}`;
}
