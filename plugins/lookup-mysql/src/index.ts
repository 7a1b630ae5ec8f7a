/** mysql: SQL statements for MySQL and MariaDB (manual §"SQL lookups"). Finds the servers, asks one after the other, tells what came. */
import { askServers, chooseServers, defineLookup, type LookupDriver, type LookupResult } from "@mailkit/sdk";
import { makeConnections, type Connections } from "./connections.ts";
import { quote } from "./quote.ts";
import { resultOf } from "./result.ts";
import { parseServer } from "./server.ts";

const WORDS = { product: "MySQL", option: "mysql_servers" };

export function mysql(connections: Connections = makeConnections()): LookupDriver {
  return defineLookup({
    name: "mysql",
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
  if (answer.kind === "unreachable") return { kind: "defer", message: `MYSQL connection failed: ${answer.message}` };
  if (answer.kind === "refused") return { kind: "defer", message: `MYSQL: query failed: ${answer.message}` };
  return resultOf(answer);
}

/** For every process one: its connections are shared by all lookups of this type. */
export const driver = mysql();
