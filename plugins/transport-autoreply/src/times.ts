/** Times as Exim writes them, `1w2d3h4m5s`; pure. */
import { trimSpace } from "@mailkit/sdk";
const UNITS: Readonly<Record<string, number>> = { w: 604_800_000, d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000 };

/** Milliseconds; a number without a unit is no time (but 0 is). */
export function parseTime(text: string): number | undefined {
  const trimmed = trimSpace(text);
  if (trimmed === "0" || trimmed === "") return 0;
  if (!/^(?:\d+[wdhms])+$/.test(trimmed)) return undefined;
  return [...trimmed.matchAll(/(\d+)([wdhms])/g)].reduce((sum, part) => sum + Number(part[1]) * (UNITS[part[2] as string] as number), 0);
}
