/** One connection to an LDAP server: made, secured, bound, searched. The client library is loaded when the first query comes. */
import { connect as connectSocket } from "node:net";
import { fromUnicode, textOf, unicodeOf } from "@mailkit/sdk";
import type * as ldapts from "ldapts";
import type { Client } from "ldapts";
import { parseFilter, type FilterLibrary } from "./filter.ts";
import type { LdapQuery } from "./query.ts";
import type { LdapEntry } from "./result.ts";
import { nameOf, type LdapServer } from "./servers.ts";
import type { TlsSettings } from "./tls.ts";

const CONNECT_TIMEOUT = 10_000;
const ANSWER_TIMEOUT = 60_000;

export type Answer =
  | { readonly kind: "entries"; readonly entries: readonly LdapEntry[] }
  /** `next`: another server may know better. `code` is the server's; undefined = there was no answer. */
  | {
      readonly kind: "fault";
      readonly stage: "bind" | "search";
      readonly message: string;
      readonly code: number | undefined;
      readonly next: boolean;
    };

export type Fault = Extract<Answer, { kind: "fault" }>;

export interface Question {
  readonly server: LdapServer;
  readonly query: LdapQuery;
  readonly tls: TlsSettings;
}

type Library = Pick<typeof ldapts, "Client"> & FilterLibrary;

/** The library, or what to do when it is not there. */
async function loadClient(): Promise<Library | string> {
  try {
    return await import("ldapts");
  } catch (error) {
    return `ldap lookups need the npm package "ldapts" (npm install ldapts): ${(error as Error).message.split("\n", 1)[0]}`;
  }
}

/** Connected, with TLS where it is wanted, and bound. Without a name the connection stays anonymous. */
export async function connect({ server, query, tls }: Question): Promise<Client | Fault> {
  const library = await loadClient();
  if (typeof library === "string") return { kind: "fault", stage: "bind", message: library, code: undefined, next: false };
  const { path } = server;
  const client = new library.Client({
    url: path === undefined ? `${server.secure ? "ldaps" : "ldap"}://${nameOf(server)}` : "ldap://localhost",
    timeout: query.netTime > 0 ? query.netTime * 1000 : ANSWER_TIMEOUT,
    connectTimeout: query.netTime > 0 ? query.netTime * 1000 : CONNECT_TIMEOUT,
    strictDN: false,
    ...(server.secure ? { tlsOptions: tls.options } : {}),
    ...(path === undefined ? {} : { createConnection: (() => connectSocket(path)) as unknown as typeof connectSocket }),
  });
  try {
    if (tls.startTls && path === undefined && !server.secure) await client.startTLS({ ...tls.options, host: server.host });
    await client.bind(unicodeOf(query.user ?? ""), unicodeOf(query.password ?? ""));
    return client;
  } catch (error) {
    await unbind(client);
    return { ...faultOf(error, "bind"), next: true };
  }
}

export async function unbind(client: Client): Promise<void> {
  await client.unbind().catch(() => {});
}

/** Nothing is asked on a connection that was closed: the library would open another one, without TLS and name. */
export async function searchOn(client: Client, query: LdapQuery): Promise<Answer> {
  const { base, scope, attributes } = query.url;
  const library = await loadClient();
  const filter = typeof library === "string" ? undefined : parseFilter(query.url.filter, library);
  if (filter === undefined) return { kind: "fault", stage: "search", message: "-7, Bad search filter", code: BAD_FILTER, next: false };
  if (!client.isConnected) return { kind: "fault", stage: "search", message: "connection closed", code: undefined, next: true };
  try {
    const { searchEntries } = await client.search(unicodeOf(base), {
      scope,
      filter,
      attributes: attributes.map(unicodeOf),
      derefAliases: query.dereference,
      sizeLimit: query.size,
      timeLimit: query.time,
    });
    return { kind: "entries", entries: searchEntries.map(entryOf) };
  } catch (error) {
    const fault = faultOf(error, "search");
    return NOT_THERE.has(fault.code ?? -1) ? { kind: "entries", entries: [] } : fault;
  }
}

/** The number that OpenLDAP's library gives it. */
const BAD_FILTER = -7;

/** noSuchObject, invalidDNSyntax: there is no such entry. */
const NOT_THERE = new Set([32, 34]);
/** timeLimitExceeded, busy, unavailable: perhaps another server. */
const PERHAPS_ELSEWHERE = new Set([3, 51, 52]);

function entryOf({ dn, ...attributes }: ldapts.Entry): LdapEntry {
  const given = Object.entries(attributes).map(([name, values]) => ({
    name: fromUnicode(name),
    values: (Array.isArray(values) ? values : [values]).map((value) => (typeof value === "string" ? fromUnicode(value) : textOf(value))),
  }));
  return { dn: fromUnicode(dn), attributes: given.filter(({ values }) => values.length > 0) };
}

function faultOf(error: unknown, stage: Fault["stage"]): Fault {
  const { code, name, message, errors } = error as Error & { code?: unknown; errors?: readonly Error[] };
  if (typeof code === "number") {
    return { kind: "fault", stage, message: `LDAP error ${code}: ${wordsOf(name)}`, code, next: PERHAPS_ELSEWHERE.has(code) };
  }
  const text = message === "" && errors !== undefined ? errors.map((one) => one.message).join("; ") : message;
  return { kind: "fault", stage, message: text, code: undefined, next: true };
}

/** `InvalidDNSyntaxError` as "Invalid DN syntax". */
function wordsOf(name: string): string {
  const words = name.replace(/Error$/, "").split(/(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/);
  return words.map((word, i) => (i > 0 && /[a-z]/.test(word) ? word.toLowerCase() : word)).join(" ");
}
