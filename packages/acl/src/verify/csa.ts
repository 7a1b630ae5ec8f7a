/** `verify = csa`: client SMTP authorization by SRV records (manual §"Client SMTP authorization (CSA)"). */
import { type DnsAnswer, type DnsRecord, type Maybe, chain, clean, firstOf, parseIp } from "@mailkit/sdk";
import { queryPrefix } from "../conditions/dnslists-parse.ts";
import { type Outcome, type Run, setVariable } from "../run.ts";
import type { VerifySpec } from "./parse.ts";

type Csa = { readonly status: "ok" | "unknown" | "defer" | "fail"; readonly why: string };

export function verifyCsa(run: Run, spec: VerifySpec): Maybe<Outcome> {
  const { session } = run.context;
  const given = spec.argument ?? (session.helo === "" ? (session.peer?.address ?? "") : session.helo);
  return chain(authorize(run, given), ({ status, why }) => {
    setVariable(run, "csa_status", clean(status));
    if (status === "ok") return "yes";
    run.userMessage = run.logMessage = `client SMTP authorization ${why}`;
    setVariable(run, "acl_verify_message", run.logMessage);
    run.detail = why;
    if (status === "defer") return "defer";
    return "no";
  });
}

function authorize(run: Run, given: string): Maybe<Csa> {
  const { session, host } = run.context;
  if (session.peer === undefined) return { status: "ok", why: "local" };
  const literal = given.startsWith("[") && given.endsWith("]") ? given.slice(1, -1) : given;
  const ip = parseIp(literal);
  if (ip !== undefined && host.setting("dns_csa_use_reverse") === "no") return { status: "unknown", why: "unknown" };
  const domain = ip === undefined ? given : `${queryPrefix(literal)}.${ip.version === 4 ? "in-addr" : "ip6"}.arpa`;
  return chain(findRecord(run, domain), (found) => {
    if (found === "defer") return { status: "defer", why: "deferred (SRV lookup failed)" };
    if (found === undefined) return { status: "unknown", why: "unknown" };
    return judge(run, found);
  });
}

interface Found {
  readonly records: readonly DnsRecord[];
  /** The record belongs to a parent of the asked domain. */
  readonly parent: boolean;
}

const LIMIT = 5;

function findRecord(run: Run, domain: string): Maybe<Found | "defer" | undefined> {
  const labels = domain.replace(/\.$/, "").split(".");
  const limit = Number(run.context.host.setting("dns_csa_search_limit") ?? LIMIT);
  // The domain itself and its parents, but never a top level domain.
  const names = labels.slice(0, Math.max(1, Math.min(labels.length - 1, limit + 1))).map((_, i) => labels.slice(i).join("."));
  return firstOf(names, (name, i) =>
    chain(run.context.scope.services.dns.query({ name: `_client._smtp.${name}`, type: "SRV" }), (answer): Found | "defer" | undefined => {
      if (answer.kind === "defer") return "defer";
      if (answer.kind !== "found") return undefined;
      // Version 1 only.
      const records = answer.records.filter((record) => record.preference === 1);
      return records.length === 0 ? undefined : { records, parent: i > 0 };
    }),
  );
}

/** Priority = version, weight = authorization (0 unknown, 1 no, 2 yes), port bit 0 = subdomains must have records of their own. */
function judge(run: Run, { records, parent }: Found): Maybe<Csa> {
  const [record] = records;
  if (record === undefined) return { status: "unknown", why: "unknown" };
  if (parent) {
    return (record.port ?? 0) & 1
      ? { status: "fail", why: "failed (explicit authorization required)" }
      : { status: "unknown", why: "unknown" };
  }
  if (record.weight === 1) return { status: "fail", why: "failed (host name not authorized)" };
  if (record.weight !== 2) return { status: "unknown", why: "unknown" };
  return matchTarget(run, record.data);
}

function matchTarget(run: Run, target: string): Maybe<Csa> {
  const address = run.context.session.peer?.address ?? "";
  const type = address.includes(":") ? "AAAA" : "A";
  return chain(run.context.scope.services.dns.query({ name: target, type }), (answer: DnsAnswer): Csa => {
    if (answer.kind === "defer") return { status: "defer", why: "deferred (target address lookup failed)" };
    if (answer.kind !== "found") return { status: "fail", why: "failed (no target IP addresses)" };
    const same = answer.records.some((record) => queryPrefix(record.data) === queryPrefix(address));
    return same ? { status: "ok", why: "ok" } : { status: "fail", why: "failed (client address mismatch)" };
  });
}
