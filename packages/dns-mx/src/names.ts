/**
 * Domain names and addresses as text: normal form, wire limits, reverse names. Pure.
 */
import { isIP } from "node:net";
import { domainToASCII } from "node:url";
import { lower, unicodeOf } from "@mailkit/sdk";

/** Lower case, no final dot. */
export function normalName(name: string): string {
  return lower(name.length > 1 && name.endsWith(".") ? name.slice(0, -1) : name);
}

/** RFC 1035 §2.3.4: labels of 1 to 63 octets, 253 in all. The root is "" or ".". */
export function fitsWire(name: string): boolean {
  const bare = name.endsWith(".") ? name.slice(0, -1) : name;
  if (bare === "") return true;
  if (bare.length > 253) return false;
  let start = 0;
  for (;;) {
    const dot = bare.indexOf(".", start);
    const length = (dot < 0 ? bare.length : dot) - start;
    if (length < 1 || length > 63) return false;
    if (dot < 0) return true;
    start = dot + 1;
  }
}

export function isAddress(text: string): boolean {
  return isIP(text) !== 0;
}

/** Sixteen octets of an IPv6 address (an embedded IPv4 tail is understood), four of an IPv4 one. */
export function addressOctets(address: string): number[] | undefined {
  const kind = isIP(address);
  if (kind === 4) return address.split(".").map(Number);
  if (kind !== 6) return undefined;
  const bare = address.split("%", 1)[0] as string;
  const [head = "", tail] = bare.split("::", 2);
  const front = groupOctets(head);
  if (tail === undefined) return front;
  const back = groupOctets(tail);
  return [...front, ...Array.from({ length: 16 - front.length - back.length }, () => 0), ...back];
}

function groupOctets(part: string): number[] {
  if (part === "") return [];
  return part.split(":").flatMap((group) => {
    if (group.includes(".")) return group.split(".").map(Number);
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}

/** `4.3.2.1` or 32 nibbles: the front of a reverse name, also for DNS lists. RFC 1035 §3.5, RFC 3596 §2.5. */
export function reversedAddress(address: string): string | undefined {
  const octets = addressOctets(address);
  if (octets === undefined) return undefined;
  if (octets.length === 4) return octets.reverse().join(".");
  return octets
    .reverse()
    .map((octet) => `${(octet & 0xf).toString(16)}.${(octet >> 4).toString(16)}`)
    .join(".");
}

export function reverseName(address: string): string | undefined {
  const reversed = reversedAddress(address);
  if (reversed === undefined) return undefined;
  return `${reversed}.${isIP(address) === 4 ? "in-addr" : "ip6"}.arpa`;
}

/** The same address in two spellings? `::ffff:1.2.3.4` is 1.2.3.4 (manual §"Host list patterns that match by IP address"). */
export function sameAddress(a: string, b: string): boolean {
  return a === b || canonicalAddress(a) === canonicalAddress(b);
}

/** One spelling for each address: dotted for IPv4 and mapped IPv4, eight groups without compression for IPv6. */
export function canonicalAddress(address: string): string {
  if (!address.includes(":")) return address;
  const octets = addressOctets(address);
  if (octets === undefined) return address;
  if (octets.slice(0, 10).every((octet) => octet === 0) && octets[10] === 0xff && octets[11] === 0xff) return octets.slice(12).join(".");
  const groups: string[] = [];
  for (let i = 0; i < 16; i += 2) groups.push((((octets[i] as number) << 8) | (octets[i + 1] as number)).toString(16));
  return groups.join(":");
}

export function isLoopback(address: string): boolean {
  const octets = addressOctets(canonicalAddress(address));
  if (octets === undefined) return false;
  if (octets.length === 4) return octets[0] === 127;
  return octets.every((octet, i) => octet === (i === 15 ? 1 : 0));
}

/** Letters in random case: an answer must echo it, which adds a bit a letter to what a forger has to guess. */
export function mixCase(name: string, octets: Buffer): string {
  let out = "";
  for (let i = 0; i < name.length; i++) {
    const c = name[i] as string;
    const bit = ((octets[(i >> 3) % octets.length] as number) >> (i & 7)) & 1;
    out += bit === 1 && c >= "a" && c <= "z" ? c.toUpperCase() : c;
  }
  return out;
}

/**
 * The name as the DNS knows it: U-labels become A-labels, whatever `allow_utf8_domains` says (manual §"MTA operations" of
 * internationalisation). "" = it cannot be written so.
 */
export function asciiName(name: string): string {
  return /[^\x00-\x7f]/.test(name) ? domainToASCII(unicodeOf(name)) : name;
}
