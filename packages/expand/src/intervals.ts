/** Times as Exim writes them: `1w2d3h4m5s` (manual §"Time intervals"). */

const UNITS = [
  ["w", 604_800],
  ["d", 86_400],
  ["h", 3600],
  ["m", 60],
  ["s", 1],
] as const;

/** Seconds; each number needs its unit. */
export function parseInterval(text: string): number | undefined {
  if (!/^(?:[0-9]{1,15}[wdhms])+$/.test(text)) return undefined;
  let seconds = 0;
  for (const [, digits, letter] of text.matchAll(/([0-9]+)([wdhms])/g)) {
    seconds += Number(digits) * (UNITS.find(([unit]) => unit === letter)?.[1] ?? 0);
  }
  return seconds;
}

export function formatInterval(seconds: number): string {
  let rest = seconds;
  let text = "";
  for (const [unit, size] of UNITS) {
    const count = Math.floor(rest / size);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * size;
  }
  return text === "" ? "0s" : text;
}
