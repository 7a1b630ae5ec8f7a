/**
 * Connections to MySQL and MariaDB: a pool for each server, kept as long as it is used. The client library is loaded
 * when the first query comes. Must not know what a query means.
 */
import { unicodeOf } from "@mailkit/sdk";
import type * as mysql2 from "mysql2/promise";
import type { Pool, PoolConnection, PoolOptions } from "mysql2/promise";
import { answerOf, type MysqlAnswer } from "./result.ts";
import type { MysqlServer } from "./server.ts";

const CONNECT_TIMEOUT = 10_000;
const QUERY_TIMEOUT = 60_000;
const IDLE_TIMEOUT = 60_000;
const POOL_SIZE = 10;

/** What a query came to; a failure says whether there was a connection at all. */
export type Answer =
  | MysqlAnswer
  | { readonly kind: "unreachable"; readonly message: string }
  | { readonly kind: "refused"; readonly message: string };

export interface Connections {
  ask(server: MysqlServer, query: string): Promise<Answer>;
  close(): Promise<void>;
}

export function makeConnections(): Connections {
  const pools = new Map<string, Pool>();
  return {
    ask: async (server, query) => {
      const library = await loadClient();
      if (typeof library === "string") return { kind: "unreachable", message: library };
      const key = JSON.stringify(server);
      const pool = pools.get(key) ?? library.createPool(settings(server));
      pools.set(key, pool);
      let connection: PoolConnection;
      try {
        connection = await pool.getConnection();
      } catch (error) {
        return { kind: "unreachable", message: messageOf(error) };
      }
      return run(connection, query);
    },
    close: async () => {
      const open = [...pools.values()];
      pools.clear();
      await Promise.all(open.map((pool) => pool.end()));
    },
  };
}

/** The library, or what to do when it is not there. */
async function loadClient(): Promise<typeof mysql2 | string> {
  try {
    return await import("mysql2/promise");
  } catch (error) {
    return `mysql lookups need the npm package "mysql2" (npm install mysql2): ${(error as Error).message.split("\n", 1)[0]}`;
  }
}

/** `-FOUND_ROWS`: an update counts the rows that it changed, not those that it found, as in Exim. */
function settings(server: MysqlServer): PoolOptions {
  return {
    ...(server.socket === undefined ? { host: server.host, port: server.port } : { socketPath: server.socket }),
    ...(server.database === "" ? {} : { database: server.database }),
    user: server.user,
    password: server.password,
    charset: "utf8mb4",
    flags: ["-FOUND_ROWS"],
    multipleStatements: false,
    connectTimeout: CONNECT_TIMEOUT,
    connectionLimit: POOL_SIZE,
    idleTimeout: IDLE_TIMEOUT,
    maxIdle: 2,
  };
}

/** Values come as the octets that the server sent. */
async function run(connection: PoolConnection, query: string): Promise<Answer> {
  try {
    const [rows, fields] = await connection.query({ sql: unicodeOf(query), rowsAsArray: true, typeCast: false, timeout: QUERY_TIMEOUT });
    connection.release();
    return answerOf(rows, fields);
  } catch (error) {
    // After a statement that the server refused the connection is as good as before; after anything else it is not.
    if ((error as { sqlState?: string }).sqlState === undefined) connection.destroy();
    else connection.release();
    return { kind: "refused", message: messageOf(error) };
  }
}

function messageOf(error: unknown): string {
  const { message, errors, code } = error as Error & { errors?: readonly Error[]; code?: string };
  if (message !== "") return message;
  return errors === undefined ? (code ?? "no reason given") : errors.map((one) => one.message).join("; ");
}
