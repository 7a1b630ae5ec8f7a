/** One item of `mysql_servers`: `host::port(socket)[group]/database/user/password` (manual §"Special MySQL features"). */
import { serverName, splitServer } from "@mailkit/sdk";

export interface MysqlServer {
  /** Either a path or a host and a port. */
  readonly socket: string | undefined;
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
}

const PORT = 3306;
/** Debian's default. */
const SOCKET = "/run/mysqld/mysqld.sock";

/** A text is the fault, in Exim's words where it has some; it never holds a password. */
export function parseServer(server: string): MysqlServer | string {
  const cut = splitServer(server, 3);
  if (cut === undefined) return `incomplete MySQL server data: ${serverName(server)}`;
  const [database = "", user = "", password = ""] = cut.fields;
  const place = parseHost(cut.host);
  return typeof place === "string" ? place : { ...place, database, user, password };
}

function parseHost(written: string): Pick<MysqlServer, "socket" | "host" | "port"> | string {
  const parts = /^([^([]*?)(?::(\d+))?(?:\(([^)]*)\))?(?:\[([^\]]*)\])?$/.exec(written);
  if (parts === null) return `bad MySQL server data: ${written}`;
  const [, host = "", port, socket, group] = parts;
  if (group !== undefined && group !== "exim") {
    return `MySQL option group [${group}] is not read: option files are not used; write host, user and password in mysql_servers`;
  }
  const isLocal = host === "" || host === "localhost";
  // A socket counts for the local host only: with another name or address the connection is by TCP.
  const path = isLocal ? (socket ?? SOCKET) : undefined;
  return { socket: path, host, port: port === undefined ? PORT : Number(port) };
}
