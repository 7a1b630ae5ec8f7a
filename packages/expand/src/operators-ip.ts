/** Operators on IP addresses (manual §"mask", §"reverse_ip", §"ipv6norm"). */
import { expansionError, fullIp, maskIp, parseIp, unmapIp } from "@mailkit/sdk";
import type { Expansion, Ip } from "@mailkit/sdk";

export function mask(text: string, normal: boolean): string | Expansion {
  const found = /^([^/]*)(?:\/([0-9]*))?$/.exec(text);
  const ip = found === null ? undefined : parseIp(found[1] as string);
  if (found === null || ip === undefined) return expansionError(`"${text}" is not an IP address`);
  if (found[2] === undefined) return expansionError(`missing mask value in "${text}"`);
  const bits = Number(found[2]);
  if (bits > ip.words.length * 32) return expansionError(`mask value too big in "${text}"`);
  const masked = maskIp(ip, bits);
  const address = normal && ip.version === 6 ? normalForm(masked) : fullIp(masked, ".");
  return `${address}/${bits}`;
}

/** As in the names of reverse DNS: nibbles for IPv6. A mask is passed over; an IPv4 address in IPv6 form counts as IPv4. */
export function reverseIp(text: string): string | Expansion {
  const read = parseIp(text.replace(/\/[0-9]*$/, ""));
  const ip = read === undefined ? undefined : unmapIp(read);
  if (ip === undefined) return expansionError(`reverse_ip() not given an IP address [${text}]`);
  if (ip.version === 4) return fullIp(ip).split(".").reverse().join(".");
  return [...fullIp(ip, "")].reverse().join(".");
}

export function ipv6denorm(text: string): string | Expansion {
  const ip = asIpv6(text);
  return ip === undefined ? expansionError(`"${text}" is not an IP address`) : fullIp(ip);
}

export function ipv6norm(text: string): string | Expansion {
  const ip = asIpv6(text);
  return ip === undefined ? expansionError(`"${text}" is not an IP address`) : normalForm(ip);
}

function asIpv6(text: string): Ip | undefined {
  const ip = parseIp(text);
  return ip?.version === 4 ? { version: 6, words: [0, 0, 0xffff, ip.words[0] as number] } : ip;
}

/** The longest run of zeros, even one group, becomes `::`: unlike RFC 5952 §4.2.2, as Exim writes it. */
function normalForm(ip: Ip): string {
  const groups = ip.words.flatMap((word) => [(word >>> 16).toString(16), (word & 0xffff).toString(16)]);
  let start = -1;
  let length = 0;
  for (let i = 0; i < 8; i++) {
    let run = 0;
    while (groups[i + run] === "0") run++;
    if (run > length) [start, length] = [i, run];
    i += Math.max(run - 1, 0);
  }
  return start < 0 ? groups.join(":") : `${groups.slice(0, start).join(":")}::${groups.slice(start + length).join(":")}`;
}
