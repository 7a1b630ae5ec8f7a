/**
 * The text of `dnslists` to data: `domain[,second][!][=|==|&|=&]ip,ip/key` items and the `+..._unknown` switches
 * (manual §"Using DNS lists" and the ten sections after it). Pure, total.
 */
import { parseIp, splitList, unmapIp, trimSpace } from "@mailkit/sdk";

export interface DnslistItem {
  /** The list named in `$dnslist_domain`, and asked for the text. */
  readonly domain: string;
  /** The list that is asked first, when two are given. */
  readonly first: string | undefined;
  readonly match: DnslistMatch | undefined;
  /** Undefined: the client's address. */
  readonly keys: readonly string[] | undefined;
  readonly written: string;
}

export interface DnslistMatch {
  readonly negated: boolean;
  /** `==`, `=&`: every address of the answer has to match. */
  readonly all: boolean;
  /** `&`: all bits of the mask are set. */
  readonly mask: boolean;
  readonly addresses: readonly string[];
}

export type DnslistEntry =
  | { readonly kind: "item"; readonly item: DnslistItem }
  | { readonly kind: "unknown"; readonly means: "include" | "exclude" | "defer" }
  | { readonly kind: "ignored"; readonly text: string };

const SWITCHES = new Map([
  ["+include_unknown", "include"],
  ["+exclude_unknown", "exclude"],
  ["+defer_unknown", "defer"],
] as const);

export function parseDnslists(text: string): DnslistEntry[] {
  const entries: DnslistEntry[] = [];
  for (const written of splitList(text).items) {
    if (written === "") continue;
    const means = SWITCHES.get(written as "+include_unknown");
    if (means !== undefined) entries.push({ kind: "unknown", means });
    else if (written.startsWith("+")) entries.push({ kind: "ignored", text: written });
    else entries.push({ kind: "item", item: parseItem(written) });
  }
  return entries;
}

function parseItem(written: string): DnslistItem {
  const slash = written.indexOf("/");
  const head = slash < 0 ? written : written.slice(0, slash);
  const keys = slash < 0 ? undefined : splitList(written.slice(slash + 1)).items.filter((key) => key !== "");
  const sign = /!?(?:==|=&|=|&)/.exec(head);
  const names = sign === null ? head : head.slice(0, sign.index);
  const [domain = "", first] = names.split(",", 2).map((name) => trimSpace(name));
  return {
    domain,
    first: first === "" ? undefined : first,
    match: sign === null ? undefined : parseMatch(sign[0], head.slice(sign.index + sign[0].length)),
    keys,
    written,
  };
}

function parseMatch(sign: string, list: string): DnslistMatch {
  const negated = sign.startsWith("!");
  const bare = negated ? sign.slice(1) : sign;
  return {
    negated,
    all: bare === "==" || bare === "=&",
    mask: bare.endsWith("&"),
    addresses: list
      .split(",")
      .map((address) => trimSpace(address))
      .filter((address) => address !== ""),
  };
}

/** Does an answer of these addresses satisfy the match? */
export function satisfies(match: DnslistMatch | undefined, found: readonly string[]): boolean {
  if (match === undefined) return true;
  const fits = (address: string) => match.addresses.some((wanted) => (match.mask ? hasBits(address, wanted) : address === wanted));
  const hit = match.all ? found.every(fits) : found.some(fits);
  return hit !== match.negated;
}

function hasBits(address: string, mask: string): boolean {
  const a = parseIp(address)?.words[0];
  const m = parseIp(mask)?.words[0];
  return a !== undefined && m !== undefined && (a & m) === (m | 0);
}

/** What stands before the list's domain: an address turned round (by nibbles for IPv6), a name as it is. */
export function queryPrefix(key: string): string {
  const parsed = parseIp(key);
  if (parsed === undefined) return key;
  const ip = unmapIp(parsed);
  const width = ip.version === 4 ? 8 : 4;
  const parts: string[] = [];
  for (const word of [...ip.words].reverse()) {
    for (let shift = 0; shift < 32; shift += width) parts.push(((word >>> shift) & ((1 << width) - 1)).toString(width === 8 ? 10 : 16));
  }
  return parts.join(".");
}
