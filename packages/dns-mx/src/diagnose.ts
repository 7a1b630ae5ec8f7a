/**
 * How mail for a domain finds its way, step by step, with the faults that zones really have. It asks the same questions
 * as delivery does; what delivery would use is said by `findMx`, so both can never disagree.
 */
import { type DnsAnswer, type DnsRecord, type HostsFound, type Maybe, chain, mapInOrder } from "@mailkit/sdk";
import { isAddress, isLoopback, normalName, addressOctets } from "./names.ts";
import { findMx } from "./mx.ts";
import type { FinderOptions } from "./settings.ts";

export type DnsFaultKind =
  | "missing-dot"
  | "alias"
  | "no-such-host"
  | "address-instead-of-name"
  | "malformed"
  | "servfail"
  | "silly-address"
  | "null-mx-not-alone";

export interface DnsFault {
  readonly kind: DnsFaultKind;
  /** One line, no final period. */
  readonly text: string;
  /** What was probably meant. */
  readonly meant?: string;
}

export interface AddressReport {
  readonly address: string;
  readonly type: "A" | "AAAA";
  readonly ttl: number;
  readonly fault?: DnsFault;
}

export interface MxReport {
  readonly preference: number;
  readonly name: string;
  readonly ttl: number;
  /** The name at the end of its CNAMEs, when there are some. */
  readonly alias?: string;
  readonly addresses: readonly AddressReport[];
  readonly status: "usable" | "no such host" | "no address" | "not looked up" | "lookup failed" | "null";
  readonly faults: readonly DnsFault[];
}

export interface MxDiagnosis {
  readonly domain: string;
  readonly kind: "mx" | "addresses" | "null mx" | "no such domain" | "no mail host" | "lookup failed";
  /** Least preference first. For `kind: "addresses"`, one entry: the domain itself, preference 0. */
  readonly records: readonly MxReport[];
  /** All faults, those of the records included. */
  readonly faults: readonly DnsFault[];
  /** What delivery would do. */
  readonly result: HostsFound;
  readonly secure: boolean;
}

export function diagnoseMx(domainAsGiven: string, options: FinderOptions): Maybe<MxDiagnosis> {
  const domain = normalName(domainAsGiven);
  return chain(findMx({ domain, checkMx: true, checkAddress: true }, options), (result) =>
    chain(options.dns.query({ name: domain, type: "MX" }), (answer) => {
      if (answer.kind === "found") return byRecords(domain, answer, result, options);
      if (answer.kind === "defer") return servfail(domain, answer, result);
      return chain(
        reportOf(domain, { name: domain, type: "MX", ttl: answer.ttl, data: domain, preference: 0 }, options),
        (report): MxDiagnosis => {
          const kind = report.addresses.length > 0 ? "addresses" : answer.kind === "noDomain" ? "no such domain" : "no mail host";
          const records = kind === "addresses" ? [report] : [];
          return { domain, kind, records, faults: records.flatMap(allFaults), result, secure: answer.secure };
        },
      );
    }),
  );
}

function servfail(domain: string, answer: DnsAnswer & { kind: "defer" }, result: HostsFound): MxDiagnosis {
  const fault: DnsFault =
    answer.reason === "malformed"
      ? { kind: "malformed", text: `the answer for the MX of ${domain} cannot be read: ${answer.message}` }
      : {
          kind: "servfail",
          text: `the name servers do not answer for the MX of ${domain}: ${answer.message}`,
          meant: "a server that fails for records that do not exist must say so; until then: mx_fail_domains or dns_again_means_nonexist",
        };
  return { domain, kind: "lookup failed", records: [], faults: [fault], result, secure: false };
}

function byRecords(domain: string, answer: DnsAnswer & { kind: "found" }, result: HostsFound, options: FinderOptions): Maybe<MxDiagnosis> {
  const sorted = [...answer.records].sort((a, b) => (a.preference ?? 0) - (b.preference ?? 0));
  return chain(
    mapInOrder(sorted, (record) => reportOf(domain, record, options)),
    (records): MxDiagnosis => {
      const nullOnly = records.every((record) => record.status === "null");
      const extra: DnsFault[] =
        !nullOnly && records.some((record) => record.status === "null")
          ? [{ kind: "null-mx-not-alone", text: "the MX . (no mail) stands beside other MX records (RFC 7505 §3)" }]
          : [];
      return {
        domain,
        kind: nullOnly ? "null mx" : "mx",
        records,
        faults: [...records.flatMap(allFaults), ...extra],
        result,
        secure: answer.secure,
      };
    },
  );
}

function allFaults(report: MxReport): DnsFault[] {
  return [...report.faults, ...report.addresses.flatMap((address) => (address.fault === undefined ? [] : [address.fault]))];
}

function reportOf(domain: string, record: DnsRecord, options: FinderOptions): Maybe<MxReport> {
  const base = { preference: record.preference ?? 0, name: record.data, ttl: record.ttl, addresses: [], faults: [] };
  if (record.data === "") return { ...base, status: "null" };
  if (isAddress(record.data)) {
    const fault: DnsFault = { kind: "address-instead-of-name", text: "an address instead of a name; other servers refuse it" };
    return { ...base, status: "not looked up", faults: [fault] };
  }
  const six = options.disableIpv6 === true ? undefined : options.dns.query({ name: record.data, type: "AAAA" });
  const four = options.dns.query({ name: record.data, type: "A" });
  return chain(six, (v6) => chain(four, (v4) => fromAddresses({ domain, base, answers: v6 === undefined ? [v4] : [v6, v4] }, options)));
}

interface Looked {
  readonly domain: string;
  readonly base: Pick<MxReport, "preference" | "name" | "ttl">;
  readonly answers: readonly DnsAnswer[];
}

function fromAddresses({ domain, base, answers }: Looked, options: FinderOptions): Maybe<MxReport> {
  const found = answers.filter((answer) => answer.kind === "found");
  if (found.length > 0) {
    const addresses = found.flatMap((answer) => answer.records.map(addressReport));
    const alias = found.find((answer) => answer.name !== normalName(base.name))?.name;
    if (alias === undefined) return { ...base, addresses, status: "usable", faults: [] };
    const fault: DnsFault = {
      kind: "alias",
      text: `an alias (CNAME) of ${alias}; an MX must name a host itself (RFC 2181 §10.3)`,
      meant: alias,
    };
    return { ...base, alias, addresses, status: "usable", faults: [fault] };
  }
  if (answers.some((answer) => answer.kind === "defer")) {
    const fault: DnsFault = { kind: "servfail", text: `the name servers do not answer for ${base.name}` };
    return { ...base, addresses: [], status: "lookup failed", faults: [fault] };
  }
  const status = answers.some((answer) => answer.kind === "noData") ? "no address" : "no such host";
  return chain(missingDot(domain, base.name, options), (meant): MxReport => {
    const fault: DnsFault =
      meant === undefined
        ? { kind: "no-such-host", text: status === "no address" ? `${base.name} has no address` : `no such host as ${base.name}` }
        : { kind: "missing-dot", text: `the final dot is missing in the zone (${meant})`, meant };
    return { ...base, addresses: [], status, faults: [fault] };
  });
}

/** `mx.x.org.x.org`: the zone's own name was appended. Sure when the rest resolves or ends in the domain itself. */
function missingDot(domain: string, name: string, options: FinderOptions): Maybe<string | undefined> {
  const zones = [domain, ...parents(domain)];
  const bare = normalName(name);
  const zone = zones.find((candidate) => bare.endsWith(`.${candidate}`));
  const rest = zone === undefined ? "" : bare.slice(0, -zone.length - 1);
  if (!rest.includes(".") && !isAddress(rest)) return undefined;
  if (rest === domain || rest.endsWith(`.${domain}`)) return rest;
  return chain(options.dns.query({ name: rest, type: "A" }), (answer) => (answer.kind === "found" ? rest : undefined));
}

function parents(domain: string): string[] {
  const labels = domain.split(".");
  return labels.slice(1, -1).map((_, i) => labels.slice(i + 1).join("."));
}

function addressReport(record: DnsRecord): AddressReport {
  const why = sillyReason(record.data);
  const base = { address: record.data, type: record.type as "A" | "AAAA", ttl: record.ttl };
  return why === undefined
    ? base
    : { ...base, fault: { kind: "silly-address", text: `${record.data} is ${why}: nobody outside can reach it` } };
}

/** Addresses that make no sense in a public MX; what a good `ignore_target_hosts` lists. */
export function sillyReason(address: string): string | undefined {
  if (isLoopback(address)) return "the loopback address";
  const octets = addressOctets(address);
  if (octets === undefined) return undefined;
  const [a = 0, b = 0] = octets;
  if (octets.length === 4) {
    if (a === 0) return "no address of a host";
    if (a === 10 || (a === 172 && b >= 16 && b < 32) || (a === 192 && b === 168)) return "a private address";
    if (a === 169 && b === 254) return "a link-local address";
    return a >= 224 ? "a multicast or reserved address" : undefined;
  }
  if (octets.every((octet) => octet === 0)) return "no address of a host";
  if ((a & 0xfe) === 0xfc) return "a private address";
  if (a === 0xfe && (b & 0xc0) === 0x80) return "a link-local address";
  return a === 0xff ? "a multicast or reserved address" : undefined;
}
