/** IP addresses and networks as numbers: parsing, masks, comparison, and the forms that Exim writes. */

export interface Ip {
  readonly version: 4 | 6;
  /** 32-bit words, unsigned, most significant first: one for IPv4, four for IPv6. */
  readonly words: readonly number[];
}

export interface Network {
  readonly ip: Ip;
  readonly bits: number;
}

/** An address without mask, brackets or port. A scope (`%eth0`) is accepted and dropped. */
export function parseIp(text: string): Ip | undefined {
  if (text.includes(":")) return parseIpv6(text);
  const word = parseIpv4(text);
  return word === undefined ? undefined : { version: 4, words: [word] };
}

/** `address` or `address/bits`; a mask that is longer than the address counts as its whole length, as in Exim. */
export function parseNetwork(text: string): Network | undefined {
  const slash = text.lastIndexOf("/");
  const ip = parseIp(slash < 0 ? text : text.slice(0, slash));
  if (ip === undefined) return undefined;
  const width = ip.words.length * 32;
  const mask = slash < 0 ? "" : text.slice(slash + 1);
  if (!/^\d{0,9}$/.test(mask)) return undefined;
  return { ip, bits: mask === "" ? width : Math.min(Number(mask), width) };
}

export function inNetwork(ip: Ip, network: Network): boolean {
  if (ip.version !== network.ip.version) return false;
  let bits = network.bits;
  for (let i = 0; i < ip.words.length && bits > 0; i++, bits -= 32) {
    const mask = wordMask(bits);
    if (((ip.words[i] as number) & mask) !== ((network.ip.words[i] as number) & mask)) return false;
  }
  return true;
}

export function maskIp(ip: Ip, bits: number): Ip {
  return { version: ip.version, words: ip.words.map((word, i) => (word & wordMask(bits - 32 * i)) >>> 0) };
}

/** `::ffff:1.2.3.4` as 1.2.3.4; other addresses as they are. */
export function unmapIp(ip: Ip): Ip {
  const [a, b, c, d] = ip.words;
  return ip.version === 6 && a === 0 && b === 0 && c === 0xffff ? { version: 4, words: [d as number] } : ip;
}

/** Unabbreviated: `10.1.2.3`, `2001:0db8:0000:...`; `separator` stands between the groups of IPv6. */
export function fullIp(ip: Ip, separator = ":"): string {
  if (ip.version === 4) return dotted(ip.words[0] as number);
  return groupsOf(ip)
    .map((group) => group.toString(16).padStart(4, "0"))
    .join(separator);
}

/** Short form of RFC 5952: the longest run of two or more zero groups, the first of equals, becomes `::`. */
export function shortIp(ip: Ip): string {
  if (ip.version === 4) return dotted(ip.words[0] as number);
  const groups = groupsOf(ip).map((group) => group.toString(16));
  let start = -1;
  let length = 1;
  for (let i = 0; i < 8; i++) {
    let run = 0;
    while (i + run < 8 && groups[i + run] === "0") run++;
    if (run > length) [start, length] = [i, run];
    if (run > 0) i += run - 1;
  }
  return start < 0 ? groups.join(":") : `${groups.slice(0, start).join(":")}::${groups.slice(start + length).join(":")}`;
}

/** Where its PTR records are: `4.3.2.1.in-addr.arpa`, or 32 digits and `ip6.arpa`. RFC 1035 §3.5, RFC 3596 §2.5. */
export function arpaName(ip: Ip): string {
  if (ip.version === 4)
    return `${dotted(ip.words[0] as number)
      .split(".")
      .reverse()
      .join(".")}.in-addr.arpa`;
  const digits = fullIp(ip, "");
  let name = "";
  for (let i = digits.length - 1; i >= 0; i--) name += `${digits[i]}.`;
  return `${name}ip6.arpa`;
}

function wordMask(bits: number): number {
  if (bits >= 32) return -1;
  return bits <= 0 ? 0 : -1 << (32 - bits);
}

function parseIpv4(text: string): number | undefined {
  if (text.length < 7 || text.length > 15) return undefined;
  let word = 0;
  let octet = -1;
  let dots = 0;
  for (let i = 0; i <= text.length; i++) {
    const code = i === text.length ? 46 : text.charCodeAt(i);
    if (code === 46) {
      if (octet < 0) return undefined;
      word = word * 256 + octet;
      octet = -1;
      dots++;
    } else {
      // A leading zero is refused: some readers would take it for octal.
      if (code < 48 || code > 57 || octet === 0) return undefined;
      octet = Math.max(octet, 0) * 10 + code - 48;
      if (octet > 255) return undefined;
    }
  }
  return dots === 4 ? word : undefined;
}

function parseIpv6(text: string): Ip | undefined {
  const scope = text.indexOf("%");
  const plain = scope < 0 ? text : text.slice(0, scope);
  if (plain.length > 45) return undefined;
  const halves = plain.split("::");
  if (halves.length > 2) return undefined;
  const head = parseGroups(halves[0] as string, halves.length === 1);
  const tail = halves.length === 2 ? parseGroups(halves[1] as string, true) : [];
  if (head === undefined || tail === undefined) return undefined;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  const groups = [...head, ...Array.from({ length: missing }, () => 0), ...tail];
  const word = (i: number): number => (groups[i] as number) * 0x10000 + (groups[i + 1] as number);
  return { version: 6, words: [word(0), word(2), word(4), word(6)] };
}

function parseGroups(text: string, last: boolean): number[] | undefined {
  if (text === "") return [];
  const groups: number[] = [];
  const parts = text.split(":");
  for (const [i, part] of parts.entries()) {
    if (last && i === parts.length - 1 && part.includes(".")) {
      const word = parseIpv4(part);
      if (word === undefined) return undefined;
      groups.push(word >>> 16, word & 0xffff);
    } else {
      if (!/^[0-9a-fA-F]{1,4}$/.test(part)) return undefined;
      groups.push(Number.parseInt(part, 16));
    }
  }
  return groups;
}

function groupsOf(ip: Ip): number[] {
  return ip.words.flatMap((word) => [word >>> 16, word & 0xffff]);
}

function dotted(word: number): string {
  return `${word >>> 24}.${(word >>> 16) & 255}.${(word >>> 8) & 255}.${word & 255}`;
}
