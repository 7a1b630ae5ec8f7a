/** One item of `redis_servers`: `host:port/number/password` (manual §"More about MySQL, PostgreSQL, Oracle, InterBase, and Redis"). */

export interface RedisServer {
  /** Either a path or a host and a port. */
  readonly socket: string | undefined;
  readonly host: string;
  readonly port: number;
  readonly database: number;
  readonly password: string;
}

const PORT = 6379;

/** Number and password may be left out. A text is the fault; it never holds a password. */
export function parseServer(server: string): RedisServer | string {
  const parts = /^(\([^)]*\)|[^/]*)(?:\/([^/]*))?(?:\/(.*))?$/s.exec(server) as RegExpExecArray;
  const [, place = "", number = "", password = ""] = parts;
  if (place === "") return "incomplete Redis server data: no host";
  if (!/^\d*$/.test(number)) return `bad number of a database in Redis server data: ${place}/${number}`;
  const common = { database: number === "" ? 0 : Number(number), password };
  const path = /^\((.*)\)$/.exec(place)?.[1];
  if (path !== undefined) return { socket: path, host: "", port: PORT, ...common };
  const [, host = "", port] = /^(.*?)(?::(\d+))?$/s.exec(place) as RegExpExecArray;
  return { socket: undefined, host, port: port === undefined ? PORT : Number(port), ...common };
}
