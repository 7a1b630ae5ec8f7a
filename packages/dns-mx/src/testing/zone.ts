/** A `DnsService` from plain data, for tests of the rules: answers at once. */
import type { DnsAnswer, DnsQuestion, DnsRecord, DnsService, Random } from "@mailkit/sdk";

/** `"example.com MX"`: list of `"10 mx.example.com"`; a string names a failure: noDomain, noData, servfail, timeout. */
export type ZoneData = Readonly<Record<string, readonly string[] | "noData" | "noDomain" | "servfail" | "timeout">>;

export function dnsOf(zone: ZoneData, secureNames: readonly string[] = []): DnsService & { readonly asked: string[] } {
  const asked: string[] = [];
  return { asked, query: (question) => (asked.push(`${question.name} ${question.type}`), answer(zone, question, secureNames)) };
}

function answer(zone: ZoneData, question: DnsQuestion, secureNames: readonly string[]): DnsAnswer {
  let name = question.name.toLowerCase();
  for (let i = 0; i < 5; i++) {
    const alias = zone[`${name} CNAME`];
    if (alias === undefined || typeof alias === "string") break;
    name = alias[0] as string;
  }
  const secure = secureNames.includes(name);
  const data = zone[`${name} ${question.type}`] ?? (Object.keys(zone).some((key) => key.startsWith(`${name} `)) ? "noData" : "noDomain");
  if (data === "servfail" || data === "timeout") return { kind: "defer", reason: data, message: data };
  if (data === "noData" || data === "noDomain") return { kind: data, secure, ttl: 60 };
  return { kind: "found", name, secure, ttl: 300, records: (data as readonly string[]).map((text) => record(name, question, text)) };
}

function record(name: string, question: DnsQuestion, text: string): DnsRecord {
  const base = { name, type: question.type, ttl: 300 };
  const words = text.split(" ");
  if (question.type === "MX") return { ...base, preference: Number(words[0]), data: words[1] ?? "" };
  if (question.type === "SRV") {
    return { ...base, preference: Number(words[0]), weight: Number(words[1]), port: Number(words[2]), data: words[3] ?? "" };
  }
  return { ...base, data: text };
}

/** Draws the given numbers one after the other, then zeros. */
export function fixedRandom(...numbers: number[]): Random {
  return { below: (limit) => (numbers.shift() ?? 0) % limit, octets: (count) => Buffer.alloc(count, 0x5a) };
}

/** Leaves every order as it was. */
export const noShuffle: Random = { below: (limit) => limit - 1, octets: (count) => Buffer.alloc(count, 0x5a) };
