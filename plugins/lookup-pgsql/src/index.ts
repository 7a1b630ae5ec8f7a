/** pgsql: SQL statements for PostgreSQL (manual §"SQL lookups"). Finds the servers, asks one after the other, tells what came. */
import { askServers, chooseServers, defineLookup, type LookupDriver, type LookupResult } from "@mailkit/sdk";
import { makeConnections, type Connections } from "./connections.ts";
import { quote } from "./quote.ts";
import { resultOf } from "./result.ts";
import { parseServer } from "./server.ts";

const WORDS = { product: "PostgreSQL", option: "pgsql_servers" };

export function pgsql(connections: Connections = makeConnections()): LookupDriver {
  return defineLookup({
    name: "pgsql",
    style: "query",
    quote,
    find: (question, host) => {
      const choice = chooseServers(question, WORDS, host);
      if (typeof choice === "string") return { kind: "defer", message: choice };
      if (choice.query === "") return { kind: "notFound" };
      return askServers(choice, (server) => ask(server, choice.query, connections));
    },
    close: () => connections.close(),
  });
}

async function ask(written: string, query: string, connections: Connections): Promise<LookupResult> {
  const server = parseServer(written);
  if (typeof server === "string") return { kind: "defer", message: server };
  const answer = await connections.ask(server, query);
  switch (answer.kind) {
    case "result":
      return resultOf(answer.result, query);
    case "unreachable":
      return { kind: "defer", message: `PGSQL connection failed: ${answer.message}` };
    case "refused":
      return { kind: "defer", message: `PGSQL: query failed: ${answer.message} (${query})` };
  }
}

/** For every process one: its connections are shared by all lookups of this type. */
export const driver = pgsql();
