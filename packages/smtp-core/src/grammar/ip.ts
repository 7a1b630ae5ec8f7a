/** Addresses of hosts as text, without node:net: layer 1 does no I/O. RFC 5321 §4.1.3, RFC 4291 §2.2. */

/** What may stand in brackets: an address, with or without `IPv6:` or (Exim takes it) `IPv4:`. RFC 5321 §4.1.3. */
export function isLiteral(inside: string): boolean {
  const tag = /^ipv([46]):/i.exec(inside);
  return tag === null ? isIp(inside) !== 0 : isIp(inside.slice(5)) === Number(tag[1]);
}

/** 4, 6, or 0 = no address. */
export function isIp(text: string): 0 | 4 | 6 {
  if (/^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.|$)){4}$/.test(text) && !text.endsWith(".")) return 4;
  if (text.length > 45 || !/^[0-9a-f:.]+$/i.test(text) || text.split("::").length > 2) return 0;
  const v4 = /:((?:\d{1,3}\.){3}\d{1,3})$/.exec(text);
  if (v4 !== null && isIp(v4[1] ?? "") !== 4) return 0;
  const groups = (v4 === null ? text : text.slice(0, -(v4[1] ?? "").length) + "0:0")
    .split("::")
    .map((half) => (half === "" ? [] : half.split(":")));
  const flat = groups.flat();
  if (!flat.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return 0;
  return groups.length === 2 ? (flat.length <= 7 ? 6 : 0) : flat.length === 8 ? 6 : 0;
}
