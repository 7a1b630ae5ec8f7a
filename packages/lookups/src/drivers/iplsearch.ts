/**
 * iplsearch: the keys of the file are addresses and networks; the first that contains the address counts, not the
 * narrowest (manual §"Single-key lookup types"). Networks are indexed by the length of their mask.
 */
import { defineLookup, fullIp, maskIp, parseIp, parseNetwork, unmapIp, type Ip, type LookupResult, lookupOption } from "@mailkit/sdk";
import { searchFile, textEntries, type TextEntry } from "./text-file.ts";

interface Line {
  readonly entry: TextEntry;
  readonly place: number;
}

interface Table {
  /** One for each mask that occurs: masked address to the first line with it. */
  readonly masks: readonly { readonly version: 4 | 6; readonly bits: number; readonly lines: ReadonlyMap<string, Line> }[];
  /** The line with the key `*`, for `iplsearch*`. */
  readonly star: Line | undefined;
}

export const iplsearch = defineLookup({
  name: "iplsearch",
  style: "single-key",
  find: ({ file, key, options }, host) => {
    const ip = parseIp(key);
    const whole = lookupOption(options, "ret") === "full";
    return searchFile(file, "iplsearch", host, {
      derive: readTable,
      search: (table) => {
        if (ip !== undefined) return resultOf(firstMatch(table, unmapIp(ip)), whole);
        return key === "*" ? resultOf(table.star, whole) : { kind: "defer", message: keyFault(key) };
      },
    });
  },
});

function keyFault(key: string): string {
  const wanted = "(an IP address, with optional CIDR mask, is wanted)";
  return `"${key}" is not a valid iplsearch key ${wanted}: in a host list, use net-iplsearch as the search type`;
}

function firstMatch(table: Table, ip: Ip): Line | undefined {
  let best: Line | undefined;
  for (const mask of table.masks) {
    if (mask.version !== ip.version) continue;
    const line = mask.lines.get(fullIp(maskIp(ip, mask.bits)));
    if (line !== undefined && (best === undefined || line.place < best.place)) best = line;
  }
  return best;
}

function resultOf(line: Line | undefined, whole: boolean): LookupResult {
  if (line === undefined) return { kind: "notFound" };
  return { kind: "found", text: whole ? line.entry.key + line.entry.rest : line.entry.data };
}

function readTable(content: string): Table {
  const masks = new Map<string, { version: 4 | 6; bits: number; lines: Map<string, Line> }>();
  let star: Line | undefined;
  let place = 0;
  for (const entry of textEntries(content)) {
    const line = { entry, place: place++ };
    if (entry.key === "*") star ??= line;
    const network = parseNetwork(entry.key);
    if (network === undefined) continue;
    const { ip, bits } = network;
    const name = `${ip.version}/${bits}`;
    const mask = masks.get(name) ?? { version: ip.version, bits, lines: new Map<string, Line>() };
    masks.set(name, mask);
    const masked = fullIp(maskIp(ip, bits));
    if (!mask.lines.has(masked)) mask.lines.set(masked, line);
  }
  return { masks: [...masks.values()], star };
}
