/** redis: one command for a Redis server (manual §"More about Redis"). Finds the servers, asks one after the other, tells what came. */
import { askServers, chooseServers, defineLookup, type LookupDriver, type LookupResult } from "@mailkit/sdk";
import { changesConnection, onlyReads, quote, splitCommand } from "./command.ts";
import { makeConnections, type Connections } from "./connections.ts";
import { resultOf } from "./reply.ts";
import { parseServer } from "./server.ts";

const WORDS = { product: "Redis", option: "redis_servers" };

export function redis(connections: Connections = makeConnections()): LookupDriver {
  return defineLookup({
    name: "redis",
    style: "query",
    quote,
    find: (question, host) => {
      const choice = chooseServers(question, WORDS, host);
      if (typeof choice === "string") return { kind: "defer", message: choice };
      const command = splitCommand(choice.query);
      const [name] = command;
      if (name === undefined) return { kind: "defer", message: "REDIS: no command in the query" };
      if (changesConnection(name))
        return { kind: "defer", message: `REDIS: "${name}" is not possible in a lookup: the connection is shared` };
      return askServers(choice, (server) => ask(server, command, connections));
    },
    close: () => connections.close(),
  });
}

/** A server of a cluster that does not hold the key says so, and the next one is asked. */
async function ask(written: string, command: readonly string[], connections: Connections): Promise<LookupResult> {
  const server = parseServer(written);
  if (typeof server === "string") return { kind: "defer", message: server };
  const answer = await connections.ask(server, command);
  if (answer.kind === "unreachable") return { kind: "defer", message: `REDIS connection failed: ${answer.message}` };
  if (answer.kind === "refused") return { kind: "defer", message: `REDIS: query failed: ${answer.message}` };
  const result = resultOf(answer.reply);
  return result.kind === "defer" || onlyReads(command[0] as string) ? result : { ...result, keep: false };
}

/** For every process one: its connections are shared by all lookups of this type. */
export const driver = redis();
