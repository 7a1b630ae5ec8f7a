const UNITS: Readonly<Record<string, number>> = { w: 604_800, d: 86_400, h: 3600, m: 60, s: 1 };

/** `1w2d3h4m5s` in milliseconds; undefined when it is not one (manual §"Time intervals"). */
export function parseDuration(text: string): number | undefined {
  if (!/^(?:\d+[wdhms])+$/.test(text)) return undefined;
  let seconds = 0;
  for (const [, count, unit] of text.matchAll(/(\d+)([wdhms])/g)) seconds += Number(count) * (UNITS[unit as string] as number);
  return seconds * 1000;
}
