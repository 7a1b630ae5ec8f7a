/** dnsdb: the DNS as a database (manual §"More about dnsdb" to §"Multiple dnsdb lookups"). */
import {
  arpaName,
  chain,
  defineLookup,
  isPromise,
  parseIp,
  type DnsAnswer,
  type DnsRecord,
  type DnsType,
  type LookupHost,
  type LookupResult,
  type Maybe,
} from "@mailkit/sdk";
import { parseDnsdbQuery, type DnsdbQuery, type DnsdbType } from "../dnsdb/parse-query.ts";
import { csaText, recordText } from "../dnsdb/records.ts";

export const dnsdb = defineLookup({
  name: "dnsdb",
  style: "query",
  find: ({ key }, host) => {
    const query = parseDnsdbQuery(key);
    if (typeof query === "string") return { kind: "defer", message: query };
    const steps = query.names.flatMap((name) => stepsFor(query.type, name));
    return gather(steps, query, host);
  },
});

/** One question about one name, and what to do when there is nothing. */
interface Step {
  readonly name: string;
  readonly type: DnsType;
  readonly shown: DnsdbType;
  /** SOA, ZNS: the parents are asked in turn. CSA: they are asked for what they say of all names below. */
  readonly climbs: boolean;
}

function stepsFor(type: DnsdbType, written: string): readonly Step[] {
  const name = domainOf(type, written);
  if (name === "") return [];
  switch (type) {
    case "A+":
      return [step(name, "AAAA", "AAAA"), step(name, "A", "A")];
    case "MXH":
      return [step(name, "MX", "MXH")];
    case "ZNS":
      return [step(name, "NS", "ZNS", true)];
    case "SOA":
      return [step(name, "SOA", "SOA", true)];
    case "CSA":
      return [step(name, "SRV", "CSA", true)];
    default:
      return [step(name, type, type)];
  }
}

function step(name: string, type: DnsType, shown: DnsdbType, climbs = false): Step {
  return { name, type, shown, climbs };
}

/** PTR and CSA turn addresses into names of the reverse tree. */
function domainOf(type: DnsdbType, written: string): string {
  if (type !== "PTR" && type !== "CSA") return written;
  const ip = parseIp(type === "CSA" ? written.replace(/^\[(.*)\]$/, "$1") : written);
  return ip === undefined ? written : arpaName(ip);
}

/** All questions in order; what they find is one text. Temporary trouble counts as the query says. */
function gather(steps: readonly Step[], query: DnsdbQuery, host: LookupHost): Maybe<LookupResult> {
  const lines: string[] = [];
  let deferred: string | undefined;
  const take = (answer: Found): LookupResult | undefined => {
    if (typeof answer !== "string") {
      lines.push(...answer);
      return undefined;
    }
    if (query.onDefer === "strict") return { kind: "defer", message: answer };
    if (query.onDefer === "lax") deferred ??= answer;
    return undefined;
  };
  const end = (): LookupResult => {
    if (lines.length > 0) return { kind: "found", text: lines.join(query.separator) };
    return deferred === undefined ? { kind: "notFound" } : { kind: "defer", message: deferred };
  };
  const run = (from: number): Maybe<LookupResult> => {
    for (let i = from; i < steps.length; i++) {
      const answer = ask(steps[i] as Step, query, host);
      if (isPromise(answer)) return answer.then((late) => take(late) ?? run(i + 1));
      const result = take(answer);
      if (result !== undefined) return result;
    }
    return end();
  };
  return run(0);
}

/** Texts of records, or why there is no answer for now. */
type Found = readonly string[] | string;

function ask(step: Step, query: DnsdbQuery, host: LookupHost): Maybe<Found> {
  const labels = step.name.split(".");
  const limit = step.shown === "CSA" ? csaLimit(host) : labels.length;
  const climb = (dropped: number): Maybe<Found> => {
    const name = labels.slice(dropped).join(".");
    return chain(lookUp(step.shown === "CSA" ? `_client._smtp.${name}` : name, step, query, host), (answer): Maybe<Found> => {
      if (answer.kind === "defer") return answer.message;
      if (answer.kind === "found") {
        if (query.dnssec === "strict" && !answer.secure) return `DNS answer for ${name} is not authenticated`;
        return texts(answer.records, step, query, dropped > 0);
      }
      const rest = labels.length - dropped - 1;
      const mayClimb = step.climbs && (step.shown === "CSA" ? rest >= 2 && dropped < limit : rest >= 1);
      return mayClimb ? climb(dropped + 1) : [];
    });
  };
  return climb(0);
}

function lookUp(name: string, step: Step, query: DnsdbQuery, host: LookupHost): Maybe<DnsAnswer> {
  const { retransmit, retries } = query;
  return host.dns.query({ name, type: step.type, dnssec: query.dnssec !== "never", retransmit, retries });
}

function texts(records: readonly DnsRecord[], step: Step, query: DnsdbQuery, isParent: boolean): readonly string[] {
  if (step.shown !== "CSA") return records.map((record) => recordText(record, step.shown, query.fieldSeparator));
  return records.map((record) => csaText(record, isParent)).filter((text) => text !== undefined);
}

/** `dns_csa_search_limit`: how many parents are asked. */
function csaLimit(host: LookupHost): number {
  const set = Number(host.setting("dns_csa_search_limit") ?? "5");
  return Number.isInteger(set) && set >= 0 ? set : 5;
}
