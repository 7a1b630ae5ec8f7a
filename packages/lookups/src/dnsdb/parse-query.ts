/** The query of a dnsdb lookup: separators, modifiers, type, names (manual §"More about dnsdb" and after). Pure, total. */
import { parseIp, splitList, trimSpace, trimSpaceStart, type DnsType } from "@mailkit/sdk";

export type DnsdbType = DnsType | "A+" | "MXH" | "ZNS" | "CSA";

export interface DnsdbQuery {
  readonly separator: string;
  /** Undefined = each type's own way. */
  readonly fieldSeparator: string | undefined;
  readonly onDefer: "strict" | "never" | "lax";
  readonly dnssec: "strict" | "never" | "lax";
  readonly retransmit?: number;
  readonly retries?: number;
  readonly type: DnsdbType;
  readonly names: readonly string[];
}

const TYPES: ReadonlySet<string> = new Set<DnsdbType>([
  "A",
  "AAAA",
  "A+",
  "CNAME",
  "CSA",
  "MX",
  "MXH",
  "NS",
  "PTR",
  "SOA",
  "SPF",
  "SRV",
  "TLSA",
  "TXT",
  "ZNS",
]);

/** A string is what is wrong, in Exim's words. */
export function parseDnsdbQuery(text: string): DnsdbQuery | string {
  const head = readSeparators(trimSpaceStart(text));
  const modifiers = readModifiers(head.rest);
  if (typeof modifiers === "string") return modifiers;
  const { rest, ...wishes } = modifiers;
  const equals = rest.indexOf("=");
  const type = equals < 0 ? "TXT" : trimSpace(rest.slice(0, equals)).toUpperCase();
  if (!TYPES.has(type)) return "unsupported DNS record type";
  const names = readNames(type, trimSpace(rest.slice(equals + 1)));
  return { ...wishes, separator: head.separator, fieldSeparator: head.fieldSeparator, type: type as DnsdbType, names };
}

interface Separators {
  readonly separator: string;
  readonly fieldSeparator: string | undefined;
  readonly rest: string;
}

/** `>x`, `>x,y` (y between the fields of a record), `>x;` (nothing between them). */
function readSeparators(text: string): Separators {
  if (!text.startsWith(">") || text.length < 2) return { separator: "\n", fieldSeparator: undefined, rest: text };
  const separator = text[1] as string;
  const next = text[2];
  if (next === "," && text.length > 3) return { separator, fieldSeparator: text[3], rest: trimSpaceStart(text.slice(4)) };
  if (next === ";") return { separator, fieldSeparator: "", rest: trimSpaceStart(text.slice(3)) };
  return { separator, fieldSeparator: undefined, rest: trimSpaceStart(text.slice(2)) };
}

interface Modifiers {
  onDefer: "strict" | "never" | "lax";
  dnssec: "strict" | "never" | "lax";
  retransmit?: number;
  retries?: number;
  rest: string;
}

const MODIFIER = /^(defer|dnssec|retrans|retry)_([^,]*?)[ \t]*(,|$)[ \t\n]*/;

function readModifiers(text: string): Modifiers | string {
  const modifiers: Modifiers = { onDefer: "lax", dnssec: "lax", rest: text };
  for (;;) {
    const found = MODIFIER.exec(modifiers.rest);
    if (found === null) return modifiers;
    const [whole, name, value = "", comma] = found;
    const fault = applyModifier(modifiers, name as string, value);
    if (fault !== undefined) return fault;
    if (comma !== ",") return "dnsdb modifier syntax error";
    modifiers.rest = modifiers.rest.slice(whole.length);
  }
}

function applyModifier(modifiers: Modifiers, name: string, value: string): string | undefined {
  switch (name) {
    case "defer":
    case "dnssec":
      if (value !== "strict" && value !== "never" && value !== "lax") return `unsupported dnsdb ${name} behaviour`;
      modifiers[name === "defer" ? "onDefer" : "dnssec"] = value;
      return undefined;
    case "retrans":
      modifiers.retransmit = parseTime(value);
      return modifiers.retransmit === undefined ? "unsupported dnsdb timeout value" : undefined;
    default:
      if (!/^\d{1,6}$/.test(value)) return "dnsdb modifier syntax error";
      modifiers.retries = Number(value);
      return undefined;
  }
}

const UNITS: Readonly<Record<string, number>> = { w: 604_800, d: 86_400, h: 3600, m: 60, s: 1 };

/** An Exim time (`1m30s`) in milliseconds. */
function parseTime(text: string): number | undefined {
  if (!/^(?:\d{1,9}[wdhms])+$/.test(text)) return undefined;
  let seconds = 0;
  for (const [, count, unit] of text.matchAll(/(\d+)([wdhms])/g)) seconds += Number(count) * (UNITS[unit as string] as number);
  return seconds * 1000;
}

/** A list, but for PTR and exactly one IPv6 address, whose colons are no separators. */
function readNames(type: string, text: string): readonly string[] {
  if (type === "PTR" && parseIp(text)?.version === 6) return [text];
  return splitList(text).items;
}
