/**
 * Connections to LDAP servers: one for each server and name that it is bound with, shared by all searches, replaced
 * after it broke, closed after a while without work.
 */
import type { Client } from "ldapts";
import { connect, searchOn, unbind, type Answer, type Fault, type Question } from "./client.ts";

const IDLE_TIMEOUT = 60_000;
/** Names to bind with may come from clients: the oldest connection makes room. */
const MAX_CONNECTIONS = 20;

export interface Connections {
  search(question: Question): Promise<Answer>;
  /** Binds on a connection of its own; undefined = the server took name and password. */
  check(question: Question): Promise<Extract<Answer, { kind: "fault" }> | undefined>;
  close(): Promise<void>;
}

interface Connection {
  /** The client, bound; or why not. */
  readonly bound: Promise<Client | Fault>;
  timer?: NodeJS.Timeout;
}

export function makeConnections(): Connections {
  const open = new Map<string, Connection>();
  const drop = (key: string, connection: Connection): void => {
    if (open.get(key) === connection) open.delete(key);
    clearTimeout(connection.timer);
    void connection.bound.then((client) => ("kind" in client ? undefined : unbind(client)));
  };
  const use = (question: Question): { key: string; connection: Connection; isNew: boolean } => {
    const key = keyOf(question);
    const known = open.get(key);
    const connection: Connection = known ?? { bound: connect(question) };
    open.delete(key);
    open.set(key, connection);
    clearTimeout(connection.timer);
    connection.timer = setTimeout(() => drop(key, connection), IDLE_TIMEOUT).unref();
    const [oldest] = open;
    if (open.size > MAX_CONNECTIONS && oldest !== undefined) drop(...oldest);
    return { key, connection, isNew: known === undefined };
  };
  const search = async (question: Question, again = false): Promise<Answer> => {
    const { key, connection, isNew } = use(question);
    const client = await connection.bound;
    const answer = "kind" in client ? client : await searchOn(client, question.query);
    if (answer.kind === "entries") return answer;
    if (answer.code === undefined || "kind" in client) drop(key, connection);
    // The server had closed the connection that was kept: a search may be asked twice.
    const hadClosed = answer.code === undefined && !isNew && !("kind" in client);
    return hadClosed && !again ? search(question, true) : answer;
  };
  return {
    search: (question) => search(question),
    check: async (question) => {
      const client = await connect(question);
      if ("kind" in client) return client;
      await unbind(client);
      return undefined;
    },
    close: async () => {
      for (const [key, connection] of open) drop(key, connection);
    },
  };
}

function keyOf({ server, query: { user, password }, tls }: Question): string {
  return JSON.stringify([server, user, password, tls.startTls]);
}
