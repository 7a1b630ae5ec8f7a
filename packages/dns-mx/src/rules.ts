/**
 * Exim's rules that hold for every DNS question of the program, put around a resolver: `dns_check_names_pattern` and
 * `dns_again_means_nonexist`. Whoever routes or verifies gets the DNS through this.
 */
import { type DnsAnswer, type DnsQuestion, type DnsService, type Maybe, type Tracer, chain } from "@mailkit/sdk";
import { asciiName } from "./names.ts";

export interface DnsRules {
  /** `dns_check_names_pattern`; undefined = unset, every name goes to the resolver. */
  readonly validName?: (name: string) => boolean;
  /** `dns_again_means_nonexist`. */
  readonly againMeansNonexist?: (name: string) => Maybe<boolean>;
  readonly trace?: Tracer;
}

const COMPONENT = "[a-z0-9_](?:[a-z0-9/_-]*[a-z0-9_])?";
const DEFAULT_PATTERN = new RegExp(`^${COMPONENT}(?:\\.${COMPONENT})*$`, "i");

/** The default of `dns_check_names_pattern`: letters, digits, underscores, slashes and hyphens; no component begins or ends with the last two. */
export function defaultValidName(name: string): boolean {
  return DEFAULT_PATTERN.test(name);
}

export function withDnsRules(dns: DnsService, rules: DnsRules): DnsService {
  return {
    query(asked) {
      const name = asciiName(asked.name);
      const question = name === asked.name ? asked : { ...asked, name };
      if ((name === "" && asked.name !== "") || !isValid(question, rules))
        return traced({ kind: "noDomain", secure: false, ttl: 0 }, question, rules);
      return chain(dns.query(question), (answer) => chain(judge(answer, question, rules), (judged) => traced(judged, question, rules)));
    },
  };
}

/** Host names only: PTR and TXT names are made by programs, and services stand behind underscores. */
function isValid(question: DnsQuestion, rules: DnsRules): boolean {
  if (rules.validName === undefined || question.type === "PTR" || question.type === "TXT") return true;
  const bare = question.type === "SRV" || question.type === "TLSA" ? question.name.replace(/^(?:_[^.]*\.)+/, "") : question.name;
  return rules.validName(bare.endsWith(".") ? bare.slice(0, -1) : bare);
}

/** A malformed answer is no "try again": only what a name server's failure looks like is turned into "does not exist". */
function judge(answer: DnsAnswer, question: DnsQuestion, rules: DnsRules): Maybe<DnsAnswer> {
  // TLSA: to take a failure for "no record" would take away the security (manual §"dns_again_means_nonexist").
  if (answer.kind !== "defer" || question.type === "TLSA" || rules.againMeansNonexist === undefined) return answer;
  return chain(rules.againMeansNonexist(question.name), (yes) => (yes ? { kind: "noDomain", secure: false, ttl: 0 } : answer));
}

function traced(answer: DnsAnswer, question: DnsQuestion, rules: DnsRules): DnsAnswer {
  if (rules.trace?.on === true) rules.trace.emit({ kind: "dns", name: question.name, type: question.type, result: describe(answer) });
  return answer;
}

function describe(answer: DnsAnswer): string {
  if (answer.kind === "found")
    return answer.records.map((record) => (record.preference === undefined ? "" : `${record.preference} `) + record.data).join(", ");
  return answer.kind === "defer" ? `${answer.reason}: ${answer.message}` : answer.kind;
}
