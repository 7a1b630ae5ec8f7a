/** One item of `pgsql_servers` (manual §"More about MySQL, PostgreSQL, Oracle, InterBase, and Redis", §"Special PostgreSQL features"). */
import { serverName, splitServer } from "@mailkit/sdk";

export interface PgServer {
  /** A name, an address, or the folder of a Unix socket. */
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
}

const PORT = 5432;
/** Where Debian's libpq looks when no host is given. */
const SOCKET_FOLDER = "/var/run/postgresql";

/** A text is the fault, in Exim's words; it never holds a password. */
export function parseServer(server: string): PgServer | string {
  const cut = splitServer(server, 3);
  if (cut === undefined) return `incomplete pgSQL server data: ${serverName(server)}`;
  const [database = "", user = "", password = ""] = cut.fields;
  const place = parseHost(cut.host);
  return typeof place === "string" ? place : { ...place, database, user, password };
}

function parseHost(host: string): Pick<PgServer, "host" | "port"> | string {
  const path = /^\((.*)\)$/.exec(host)?.[1];
  if (path !== undefined) {
    const socket = /^(.*)\/\.s\.PGSQL\.(\d+)$/.exec(path);
    return socket === null ? `PGSQL invalid filename for socket: ${path}` : { host: socket[1] || "/", port: Number(socket[2]) };
  }
  const [, name = "", digits] = /^(.*?)(?::(\d+))?$/.exec(host) as RegExpExecArray;
  return { host: name === "" ? SOCKET_FOLDER : name, port: digits === undefined ? PORT : Number(digits) };
}
