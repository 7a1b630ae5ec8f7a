/**
 * Which servers a query goes to: `,servers=` after the type, `servers=...;` before the query, or the main option
 * (manual §"Specifying the server in the query"). They are asked in order until one connects and answers.
 */
import { trimSpaceStart, splitList } from "./list-text.ts";
import { lookupOption, type DriverQuestion, type LookupHost, type LookupResult } from "./lookups.ts";

export interface ServerWords {
  /** As it stands in messages: `PostgreSQL`. */
  readonly product: string;
  /** The main option: `pgsql_servers`. */
  readonly option: string;
}

export interface ServerChoice {
  /** Complete server data, or why there are none. */
  readonly servers: readonly (string | { readonly fault: string })[];
  readonly query: string;
}

/** A text is the fault, in Exim's words. */
export function chooseServers(question: DriverQuestion, words: ServerWords, host: Pick<LookupHost, "setting">): ServerChoice | string {
  const known = splitList(host.setting(words.option) ?? "").items;
  const written = lookupOption(question.options, "servers");
  if (written !== undefined) return chosen(written, question.key, { known, words, question, isTainted: question.optionsTainted === true });
  if (!question.key.startsWith("servers=")) {
    if (known.length === 0) return `no ${words.product} servers defined (${words.option} option)`;
    return { servers: known, query: question.key };
  }
  const end = question.key.indexOf(";");
  if (end < 0) return `missing ; after "servers=" in ${words.product} lookup`;
  const query = trimSpaceStart(question.key.slice(end + 1));
  return chosen(question.key.slice("servers=".length, end), query, { known, words, question, isTainted: question.tainted === true });
}

interface Choosing {
  readonly known: readonly string[];
  readonly words: ServerWords;
  readonly question: DriverQuestion;
  readonly isTainted: boolean;
}

function chosen(list: string, query: string, { known, words, question, isTainted }: Choosing): ServerChoice | string {
  const names = splitList(list).items.filter((name) => name !== "");
  if (names.length === 0) return `"servers=" defines no servers in "${question.key}"`;
  if (isTainted) return `${words.product} server "${names[0]}" is tainted`;
  const servers = names.map((name) => {
    if (withoutSocket(name).includes("/")) return name;
    const data = known.find((server) => server.startsWith(`${name}/`));
    return data ?? { fault: `${words.product} server "${name}" not found in ${words.option}` };
  });
  return { servers, query };
}

function withoutSocket(name: string): string {
  return name.replace(/\([^)]*\)/, "");
}

/** Asks one server after the other; the last one that could not answer says why. A fault in the list ends the search. */
export async function askServers({ servers }: ServerChoice, attempt: (server: string) => Promise<LookupResult>): Promise<LookupResult> {
  let result: LookupResult = { kind: "defer", message: "no servers" };
  for (const server of servers) {
    if (typeof server !== "string") return { kind: "defer", message: server.fault };
    result = await attempt(server);
    if (result.kind !== "defer") return result;
  }
  return result;
}

/** `host/database/user/password` from the right, as Exim cuts it: undefined = too few slashes. */
export function splitServer(server: string, fields: number): { readonly host: string; readonly fields: readonly string[] } | undefined {
  const found: string[] = [];
  let rest = server;
  for (let i = 0; i < fields; i++) {
    const slash = rest.lastIndexOf("/");
    if (slash < 0) return undefined;
    found.unshift(rest.slice(slash + 1));
    rest = rest.slice(0, slash);
  }
  return { host: rest, fields: found };
}

/** Server data without the password, for messages. */
export function serverName(server: string): string {
  const slash = server.lastIndexOf("/");
  return slash < 0 ? server : server.slice(0, slash);
}
