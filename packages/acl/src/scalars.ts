/** Small values inside ACL items: times, numbers, truth. */
import { trimSpace } from "@mailkit/sdk";

const UNITS: Readonly<Record<string, number>> = { w: 604_800, d: 86_400, h: 3600, m: 60, s: 1 };

/** `1h30m`, or plain digits as seconds only where `bare`; milliseconds. Manual §"Time intervals". */
export function parseTime(text: string): number | undefined {
  if (!/^(?:\d+[wdhms])+$/.test(text)) return undefined;
  let seconds = 0;
  for (const [, digits, unit] of text.matchAll(/(\d+)([wdhms])/g)) seconds += Number(digits) * (UNITS[unit as string] as number);
  return seconds * 1000;
}

/** A number with a fraction and maybe K, M, G; not negative. */
export function parseCount(text: string): number | undefined {
  const match = /^(\d+(?:\.\d*)?|\.\d+)([KMG]?)$/i.exec(text);
  if (match === null) return undefined;
  const power = " KMG".indexOf((match[2] as string).toUpperCase() || " ");
  return Number(match[1]) * 1024 ** power;
}

/** The condition `condition`: undefined for what is neither (manual §"ACL conditions"). */
export function parseTruth(text: string): boolean | undefined {
  const trimmed = trimSpace(text);
  if (trimmed === "" || /^(?:no|false)$/i.test(trimmed)) return false;
  if (/^(?:yes|true)$/i.test(trimmed)) return true;
  return /^-?\d+$/.test(trimmed) ? Number(trimmed) !== 0 : undefined;
}
