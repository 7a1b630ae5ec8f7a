/**
 * Connections to PostgreSQL: a pool for each server, kept as long as it is used. The client library is loaded when the
 * first query comes. Must not know what a query means.
 */
import { unicodeOf } from "@mailkit/sdk";
import type * as pg from "pg";
import type { Pool, PoolClient, PoolConfig } from "pg";
import type { PgResult } from "./result.ts";
import type { PgServer } from "./server.ts";

const CONNECT_TIMEOUT = 10_000;
const QUERY_TIMEOUT = 60_000;
const IDLE_TIMEOUT = 60_000;
const POOL_SIZE = 10;

/** What a query came to; a failure says whether there was a connection at all. */
export type Answer =
  | { readonly kind: "result"; readonly result: PgResult | readonly PgResult[] }
  | { readonly kind: "unreachable" | "refused"; readonly message: string };

export interface Connections {
  ask(server: PgServer, query: string): Promise<Answer>;
  close(): Promise<void>;
}

export function makeConnections(): Connections {
  const pools = new Map<string, Pool>();
  return {
    ask: async (server, query) => {
      const client = await connect(pools, server);
      return "message" in client ? client : run(client, query);
    },
    close: async () => {
      const open = [...pools.values()];
      pools.clear();
      await Promise.all(open.map((pool) => pool.end()));
    },
  };
}

type Refusal = Extract<Answer, { readonly message: string }>;

/**
 * As libpq prefers it: with TLS where the server offers it, without where it does not; and never with TLS on a Unix
 * socket. What works once is remembered with the pool.
 */
async function connect(pools: Map<string, Pool>, server: PgServer): Promise<PoolClient | Refusal> {
  const key = JSON.stringify(server);
  const known = pools.get(key);
  if (known !== undefined) return checkOut(known);
  const library = await loadClient();
  if (typeof library === "string") return { kind: "unreachable", message: library };
  const configs: PoolConfig[] = server.host.startsWith("/") ? [{}] : [{ ssl: { rejectUnauthorized: false } }, {}];
  let refusal: Refusal = { kind: "unreachable", message: "" };
  for (const config of configs) {
    const pool = newPool(library, { ...config, ...settings(server) });
    const client = await checkOut(pool);
    if (!("message" in client)) {
      const other = pools.get(key);
      if (other === undefined) pools.set(key, pool);
      // Two first queries at once: the pool of the slower one goes when its query is done.
      else void pool.end();
      return client;
    }
    void pool.end();
    refusal = client;
    if (!/does not support SSL/.test(client.message)) break;
  }
  return refusal;
}

/** The library, or what to do when it is not there. */
async function loadClient(): Promise<typeof pg | string> {
  try {
    return await import("pg");
  } catch (error) {
    return `pgsql lookups need the npm package "pg" (npm install pg): ${(error as Error).message.split("\n", 1)[0]}`;
  }
}

function settings(server: PgServer): PoolConfig {
  return {
    host: server.host,
    port: server.port,
    ...(server.database === "" ? {} : { database: server.database }),
    ...(server.user === "" ? {} : { user: server.user }),
    ...(server.password === "" ? {} : { password: server.password }),
    application_name: "mailkit",
    max: POOL_SIZE,
    connectionTimeoutMillis: CONNECT_TIMEOUT,
    query_timeout: QUERY_TIMEOUT,
    idleTimeoutMillis: IDLE_TIMEOUT,
    allowExitOnIdle: true,
  };
}

function newPool({ Pool: PoolOf }: typeof pg, config: PoolConfig): Pool {
  const pool = new PoolOf(config);
  // A connection that breaks leaves the pool by itself, and its query is told: nobody else needs to know.
  pool.on("error", () => {});
  pool.on("connect", (client) => void client.on("error", () => {}));
  return pool;
}

async function checkOut(pool: Pool): Promise<PoolClient | Refusal> {
  try {
    return await pool.connect();
  } catch (error) {
    return { kind: "unreachable", message: messageOf(error) };
  }
}

/** Values come as the texts that the server sent. */
const AS_SENT = { getTypeParser: () => (value: string) => value };

async function run(client: PoolClient, query: string): Promise<Answer> {
  try {
    const result = await client.query({ text: unicodeOf(query), rowMode: "array", types: AS_SENT as never });
    client.release();
    return { kind: "result", result: result as unknown as PgResult };
  } catch (error) {
    // After a statement that the server refused the connection is as good as before; after anything else it is not.
    client.release((error as { severity?: string }).severity !== "ERROR");
    return { kind: "refused", message: messageOf(error) };
  }
}

function messageOf(error: unknown): string {
  const { message, errors, severity } = error as Error & { errors?: readonly Error[]; severity?: string };
  const text = message === "" && errors !== undefined ? errors.map((one) => one.message).join("; ") : message;
  return severity === undefined ? text : `${severity}:  ${text}`;
}
