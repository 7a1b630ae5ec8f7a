/** `smtp_ratelimit_mail` and `smtp_ratelimit_rcpt`: how long the answer to the n-th command waits. Manual §"smtp_ratelimit_hosts". */

export interface RateLimit {
  /** Commands that are answered at once. */
  readonly threshold: number;
  /** Milliseconds before the first answer beyond it, how it grows, and where it stops. */
  readonly delay: number;
  readonly factor: number;
  readonly limit: number;
}

/** `2,0.5s,1.05,4m`; undefined = not of that form. */
export function parseRateLimit(text: string): RateLimit | undefined {
  const match = /^\s*([0-9]+)\s*,\s*([0-9.]+[smhd]?)\s*,\s*([0-9]+(?:\.[0-9]+)?)\s*,\s*([0-9.]+[smhd]?)\s*$/.exec(text);
  if (match === null) return undefined;
  const [, threshold, delay, factor, limit] = match;
  const parsed = {
    threshold: Number(threshold),
    delay: milliseconds(delay ?? ""),
    factor: Number(factor),
    limit: milliseconds(limit ?? ""),
  };
  return Object.values(parsed).every((n) => Number.isFinite(n)) ? parsed : undefined;
}

/** Wait before the answer to command number `count` (from 1). */
export function delayFor({ threshold, delay, factor, limit }: RateLimit, count: number): number {
  if (count <= threshold) return 0;
  return Math.min(limit, delay * factor ** (count - threshold - 1));
}

function milliseconds(text: string): number {
  const unit = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }[text.at(-1) ?? ""];
  return unit === undefined ? Number(text) * 1000 : Number(text.slice(0, -1)) * unit;
}
