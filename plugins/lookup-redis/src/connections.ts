/**
 * Connections to Redis: one for each server, over which all commands go. It is made when the first command comes, and
 * again after it broke. The client library is loaded then too.
 */
import { octetsOf } from "@mailkit/sdk";
import type * as ioredis from "ioredis";
import type { Redis, RedisOptions } from "ioredis";
import type { Reply } from "./reply.ts";
import type { RedisServer } from "./server.ts";

const CONNECT_TIMEOUT = 10_000;
const COMMAND_TIMEOUT = 60_000;

export type Answer =
  | { readonly kind: "reply"; readonly reply: Reply }
  | { readonly kind: "unreachable"; readonly message: string }
  | { readonly kind: "refused"; readonly message: string };

export interface Connections {
  ask(server: RedisServer, command: readonly string[]): Promise<Answer>;
  close(): Promise<void>;
}

interface Connection {
  readonly client: Redis;
  /** Why it is not usable; undefined = it is. */
  readonly ready: Promise<string | undefined>;
}

export function makeConnections(): Connections {
  const connections = new Map<string, Connection>();
  return {
    ask: async (server, command) => {
      const library = await loadClient();
      if (typeof library === "string") return { kind: "unreachable", message: library };
      const key = JSON.stringify(server);
      const known = connections.get(key) ?? connect(library, server, () => connections.delete(key));
      connections.set(key, known);
      const fault = await known.ready;
      return fault === undefined ? send(known.client, command) : { kind: "unreachable", message: fault };
    },
    close: async () => {
      for (const { client } of connections.values()) client.disconnect();
      connections.clear();
    },
  };
}

type Library = Pick<typeof ioredis, "Redis">;

/** The library, or what to do when it is not there. */
async function loadClient(): Promise<Library | string> {
  try {
    return await import("ioredis");
  } catch (error) {
    return `redis lookups need the npm package "ioredis" (npm install ioredis): ${(error as Error).message.split("\n", 1)[0]}`;
  }
}

function connect(library: Library, server: RedisServer, forget: () => void): Connection {
  const client = new library.Redis(settings(server));
  let reason = "connection closed";
  client.on("error", (error: Error) => (reason = messageOf(error)));
  client.on("end", forget);
  const ready = client
    .connect()
    .then(() => introduce(client, server))
    .then(
      () => undefined,
      (error: Error) => {
        forget();
        client.disconnect();
        return error.message === "Connection is closed." ? reason : messageOf(error);
      },
    );
  return { client, ready };
}

/** Said here and not by the library, which would go on with database 0 after a number that does not exist. */
async function introduce(client: Redis, { password, database }: RedisServer): Promise<void> {
  if (password !== "") await client.call("AUTH", octetsOf(password));
  if (database !== 0) await client.call("SELECT", String(database));
}

/** A connection that broke is not mended but replaced by the next command: no command waits or is sent twice. */
function settings(server: RedisServer): RedisOptions {
  return {
    ...(server.socket === undefined ? { host: server.host, port: server.port } : { path: server.socket }),
    protocol: 2,
    disableClientInfo: true,
    lazyConnect: true,
    connectTimeout: CONNECT_TIMEOUT,
    commandTimeout: COMMAND_TIMEOUT,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    enableReadyCheck: false,
  };
}

/** In capitals a command is as good for Redis, and the library leaves arguments and replies as they are (HGETALL is no object). */
async function send(client: Redis, [name = "", ...args]: readonly string[]): Promise<Answer> {
  try {
    return { kind: "reply", reply: (await client.callBuffer(name.toUpperCase(), ...args.map(octetsOf))) as Reply };
  } catch (error) {
    return { kind: "refused", message: messageOf(error as Error) };
  }
}

function messageOf(error: Error): string {
  const { errors, code } = error as Error & { errors?: readonly Error[]; code?: string };
  if (error.message !== "") return error.message;
  return errors === undefined ? (code ?? "no reason given") : errors.map((one) => one.message).join("; ");
}
