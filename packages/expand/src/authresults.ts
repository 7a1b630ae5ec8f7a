/** `${authresults{id}}`: an Authentication-Results header line (RFC 8601) from what the variables say. */
import { chain, expansionError, value } from "@mailkit/sdk";
import type { Expansion, Maybe, Text } from "@mailkit/sdk";
import type { Environment } from "./environment.ts";
import { isFailure } from "./environment.ts";

/** Variables that are asked for, in order. `sender_host_name` may wait for DNS. */
const WANTED = [
  "sender_host_address",
  "sender_host_name",
  "host_lookup_deferred",
  "host_lookup_failed",
  "sender_host_authenticated",
  "authenticated_id",
  "received_protocol",
  "spf_result",
  "spf_used_domain",
  "sender_address",
  "sender_address_domain",
  "sender_helo_name",
  "dmarc_status",
  "dmarc_used_domain",
  "arc_state",
  // Whole clauses, ready-made: there may be several signatures.
  "authresults dkim",
] as const;
type Facts = ReadonlyMap<string, string>;

export function authresults(id: Text, env: Environment): Maybe<Expansion> {
  if (!/^[\x21-\x7e]+$/.test(id.text)) return expansionError("authresults needs a host name");
  return chain(collect(env, 0, new Map()), (facts) => {
    const clauses = [
      local(id.text, facts) ?? iprev(facts),
      auth(facts),
      spf(facts),
      facts.get("authresults dkim"),
      dmarc(facts),
      arc(facts),
    ];
    const known = clauses.filter((clause) => clause !== undefined && clause !== "");
    return value(`Authentication-Results: ${id.text}${known.map((clause) => `;\n\t${clause}`).join("")}`, id.tainted || known.length > 0);
  });
}

function collect(env: Environment, from: number, facts: Map<string, string>): Maybe<Facts> {
  const name = WANTED[from];
  if (name === undefined) return facts;
  return chain(env.scope.variable(name), (found) => {
    if (found !== undefined && !isFailure(found) && found.text !== "") facts.set(name, found.text);
    return collect(env, from + 1, facts);
  });
}

/** RFC 8601 §2.2: what is no token goes in quotes. */
function quoted(text: string | undefined): string {
  const plain = (text ?? "").replace(/[\r\n\0]/g, " ");
  return /^[A-Za-z0-9.@_+\-:]*$/.test(plain) ? plain : `"${plain.replace(/["\\]/g, "\\$&")}"`;
}

/** A program on this machine handed it over, not by SMTP. */
function local(id: string, facts: Facts): string | undefined {
  if (facts.has("sender_host_address") || facts.get("received_protocol") !== "local") return undefined;
  const user = facts.get("authenticated_id");
  return `local=pass (non-smtp, ${id})${user === undefined ? "" : ` u=${quoted(user)}`}`;
}

function iprev(facts: Facts): string | undefined {
  const address = facts.get("sender_host_address");
  if (address === undefined) return undefined;
  const name = facts.get("sender_host_name");
  const deferred = facts.get("host_lookup_deferred") === "1";
  const failed = facts.get("host_lookup_failed") === "1";
  const result = name !== undefined ? `pass (${name})` : deferred ? "temperror" : failed ? "fail" : undefined;
  return result === undefined ? undefined : `iprev=${result} smtp.remote-ip=${address}`;
}

function auth(facts: Facts): string | undefined {
  const mechanism = facts.get("sender_host_authenticated");
  if (mechanism === undefined) return undefined;
  const id = facts.get("authenticated_id");
  return `auth=pass (${mechanism})${id === undefined ? "" : ` smtp.auth=${quoted(id)}`}`;
}

function spf(facts: Facts): string | undefined {
  const result = facts.get("spf_result");
  if (result === undefined) return undefined;
  const who = facts.has("sender_address")
    ? `smtp.mailfrom=${quoted(facts.get("sender_address_domain"))}`
    : `smtp.helo=${quoted(facts.get("sender_helo_name"))}`;
  return `spf=${result} ${who}`;
}

function dmarc(facts: Facts): string | undefined {
  const status = facts.get("dmarc_status");
  return status === undefined ? undefined : `dmarc=${status} header.from=${quoted(facts.get("dmarc_used_domain"))}`;
}

function arc(facts: Facts): string | undefined {
  const state = facts.get("arc_state");
  return state === undefined ? undefined : `arc=${state}`;
}
