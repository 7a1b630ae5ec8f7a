/**
 * ldap, ldapdn, ldapm (manual §"More about LDAP") and what stands behind the `ldapauth` condition. One query at one server
 * after the other; they share their connections.
 */
import {
  chain,
  defineLookup,
  type CredentialsAnswer,
  type DriverQuestion,
  type LookupDriver,
  type LookupHost,
  type LookupResult,
} from "@mailkit/sdk";
import type { Question } from "./client.ts";
import { makeConnections, type Connections } from "./connections.ts";
import { parseQuery, type LdapQuery } from "./query.ts";
import { quoteDn, quoteFilter } from "./quote.ts";
import { resultOf, type LdapType } from "./result.ts";
import { nameOf, serversOf } from "./servers.ts";
import { tlsSettings } from "./tls.ts";

const INVALID_CREDENTIALS = 49;

export function ldapDrivers(connections: Connections = makeConnections()): readonly LookupDriver[] {
  const driverOf = (name: LdapType): LookupDriver =>
    defineLookup({
      name,
      style: "query",
      quote: (text, option) => (option === "dn" ? quoteDn(text) : quoteFilter(text)),
      quoteOptions: ["dn"],
      find: (question, host) => find(name, question, host, connections),
      close: () => connections.close(),
    });
  const [ldap, ...others] = (["ldap", "ldapdn", "ldapm"] as const).map(driverOf) as [LookupDriver, ...LookupDriver[]];
  return [{ ...ldap, authenticate: (question, host) => authenticate(question, host, connections) }, ...others];
}

// oxlint-disable-next-line max-params -- the driver's two, and what this one needs
function find(type: LdapType, { key }: DriverQuestion, host: LookupHost, connections: Connections): LookupResult | Promise<LookupResult> {
  if (key === "") return { kind: "notFound" };
  const query = parseQuery(key);
  if (typeof query === "string") return { kind: "defer", message: query };
  return atServers<LookupResult>(query, host, async (question) => {
    const answer = await connections.search(question);
    if (answer.kind === "entries") return { answer: resultOf(type, answer.entries, query.url.attributes.length), final: true };
    const message = answer.stage === "bind" ? bindFault(question, answer.message) : `ldap_search failed: ${answer.message}`;
    return { answer: { kind: "defer", message }, final: !answer.next };
  });
}

/** An empty password is refused without asking: servers take it for an anonymous bind. Manual §"Expansion conditions", ldapauth. */
function authenticate({ key }: DriverQuestion, host: LookupHost, connections: Connections): CredentialsAnswer | Promise<CredentialsAnswer> {
  const query = parseQuery(key);
  if (typeof query === "string") return { kind: "defer", message: query };
  if (query.user === undefined || query.password === undefined) {
    return { kind: "defer", message: "ldapauth lookups must specify the username and password" };
  }
  if (query.password === "") return { kind: "refused" };
  return atServers<CredentialsAnswer>(query, host, async (question) => {
    const fault = await connections.check(question);
    if (fault === undefined) return { answer: { kind: "accepted" }, final: true };
    if (fault.code === INVALID_CREDENTIALS) return { answer: { kind: "refused" }, final: true };
    return { answer: { kind: "defer", message: bindFault(question, fault.message) }, final: !fault.next };
  });
}

function bindFault({ server }: Question, message: string): string {
  return `failed to bind the LDAP connection to server ${nameOf(server)} - ${message}`;
}

interface Attempt<T> {
  readonly answer: T;
  /** No other server is asked. */
  readonly final: boolean;
}

type Deferred = { readonly kind: "defer"; readonly message: string };

/** One server after the other, until one has an answer; the last fault is told. */
async function atServers<T>(
  query: LdapQuery,
  host: LookupHost,
  attempt: (question: Question) => Promise<Attempt<T | Deferred>>,
): Promise<T | Deferred> {
  if (query.servers === "") return { kind: "defer", message: '"servers=" defines no servers' };
  const tls = await chain(tlsSettings(host), (settings) => settings);
  if (typeof tls === "string") return { kind: "defer", message: tls };
  let last: T | Deferred = { kind: "defer", message: "no LDAP servers" };
  for (const server of serversOf(query.url, query.servers ?? host.setting("ldap_default_servers"))) {
    if ("fault" in server) {
      last = { kind: "defer", message: server.fault };
      continue;
    }
    const { answer, final } = await attempt({ server, query, tls });
    if (final) return answer;
    last = answer;
  }
  return last;
}

/** For every process one set: connections are shared by all lookups of these types. */
export const drivers = ldapDrivers();
