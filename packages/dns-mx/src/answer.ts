/** What a name server's reply amounts to: NXDOMAIN, NODATA, failures and alias chains told apart. Pure. */
import { type DnsAnswer, type DnsQuestion, type DnsRecord, lower } from "@mailkit/sdk";
import type { WireReply } from "./codec.ts";

export type Interpreted =
  | DnsAnswer
  /** The chain ends at a name for which the reply has nothing: ask again for that. */
  | { readonly kind: "alias"; readonly target: string; readonly secure: boolean; readonly ttl: number };

/** Aliases in one reply; a longer chain is somebody's joke. */
const MAX_CHAIN = 16;

export function answerOf(question: DnsQuestion, reply: WireReply, secure: boolean): Interpreted {
  const failure = failureOf(reply);
  if (failure !== undefined) return failure;
  const chain = followChain(question, reply.answers);
  if (chain === undefined) return { kind: "defer", reason: "malformed", message: `CNAME loop at ${question.name}` };
  const records = reply.answers.filter((record) => record.type === question.type && lower(record.name) === chain.name);
  if (reply.rcode === "NXDOMAIN") return { kind: "noDomain", secure, ttl: negativeTtl(reply, chain.ttl) };
  if (records.length > 0) {
    const ttl = records.reduce((least, record) => Math.min(least, record.ttl), chain.ttl);
    return { kind: "found", records, name: chain.name, secure, ttl };
  }
  if (chain.name !== lower(question.name) && reply.soa === undefined) return { kind: "alias", target: chain.name, secure, ttl: chain.ttl };
  if (isLame(reply)) return { kind: "defer", reason: "servfail", message: "the name server knows only a referral" };
  return { kind: "noData", secure, ttl: negativeTtl(reply, chain.ttl) };
}

function failureOf(reply: WireReply): (DnsAnswer & { kind: "defer" }) | undefined {
  switch (reply.rcode) {
    case "NOERROR":
    case "NXDOMAIN":
      return undefined;
    case "SERVFAIL":
      return { kind: "defer", reason: "servfail", message: "the name server failed (SERVFAIL)" };
    case "REFUSED":
      return { kind: "defer", reason: "refused", message: "the name server refused to answer (REFUSED)" };
    default:
      return { kind: "defer", reason: "malformed", message: `the name server answered ${reply.rcode}` };
  }
}

/** Undefined: the chain bites its tail or has no end. */
function followChain(question: DnsQuestion, answers: readonly DnsRecord[]): { name: string; ttl: number } | undefined {
  let name = lower(question.name);
  let ttl = Number.POSITIVE_INFINITY;
  if (question.type === "CNAME") return { name, ttl };
  for (let steps = 0; steps <= MAX_CHAIN; steps++) {
    const alias = answers.find((record) => record.type === "CNAME" && lower(record.name) === name);
    if (alias === undefined) return { name, ttl };
    name = lower(alias.data);
    ttl = Math.min(ttl, alias.ttl);
  }
  return undefined;
}

/** RFC 2308 §5: without an SOA a negative answer is not kept. */
function negativeTtl(reply: WireReply, chainTtl: number): number {
  return reply.soa === undefined ? 0 : Math.min(reply.soa.ttl, chainTtl);
}

/** No answer, no SOA, not authoritative, no recursion: it points elsewhere. RFC 2308 §2.2. */
function isLame(reply: WireReply): boolean {
  return !reply.authoritative && !reply.recursion && reply.soa === undefined && reply.delegation !== undefined;
}
