/**
 * sqlite: SQL on a database file (manual §"More about SQLite"). The file comes from `file=`, the main option
 * `sqlite_dbfile`, or the head of the query. Opened for reading; again for writing only when a statement asks for it.
 */
import { defineLookup, fromUnicode, pathOf, sqlRows, unicodeOf, type LookupDriver, type LookupHost, type LookupResult } from "@mailkit/sdk";
import { DatabaseSync, type SQLOutputValue } from "node:sqlite";

const ABSOLUTE = 'absolute file name expected for "sqlite" lookup';
const UNOPENED = "unable to open database file";
const READ_ONLY = 8;
/** Exim's default of `sqlite_lock_timeout`. */
const LOCK_TIMEOUT = 5000;

export function sqlite(): LookupDriver {
  const databases = new Map<string, DatabaseSync>();
  return defineLookup({
    name: "sqlite",
    style: "query",
    quote: (text) => text.replaceAll("'", "''"),
    find: ({ file, key }, host) => {
      const where = locate(file, key, host);
      if (!where.file.startsWith("/")) return { kind: "defer", message: ABSOLUTE };
      return run(where.file, where.query, { databases, timeout: lockTimeout(host) });
    },
    close: async () => {
      for (const database of databases.values()) database.close();
      databases.clear();
    },
  });
}

function locate(file: string, query: string, host: LookupHost): { file: string; query: string } {
  if (file !== "") return { file, query };
  if (query.startsWith("/")) {
    const [head] = query.split(/[ \t\n]/, 1) as [string];
    return { file: head, query: query.slice(head.length) };
  }
  return { file: host.setting("sqlite_dbfile") ?? "", query };
}

function lockTimeout(host: LookupHost): number {
  const seconds = /^(\d+)s?$/.exec(host.setting("sqlite_lock_timeout") ?? "")?.[1];
  return seconds === undefined ? LOCK_TIMEOUT : Number(seconds) * 1000;
}

interface Connections {
  readonly databases: Map<string, DatabaseSync>;
  readonly timeout: number;
}

function run(file: string, query: string, connections: Connections): LookupResult {
  try {
    return ask(open(file, true, connections), query);
  } catch (error) {
    if ((error as { errcode?: number }).errcode !== READ_ONLY) return failed(error);
  }
  try {
    const result = ask(open(file, false, connections), query);
    return result.kind === "defer" ? result : { ...result, keep: false };
  } catch (error) {
    return failed(error);
  }
}

function failed(error: unknown): LookupResult {
  const { message } = error as Error;
  return { kind: "defer", message: message === UNOPENED ? message : `sqlite lookup failed: ${message}` };
}

function open(file: string, readOnly: boolean, { databases, timeout }: Connections): DatabaseSync {
  const name = `${readOnly ? "r" : "w"}${file}`;
  const known = databases.get(name);
  if (known !== undefined) return known;
  const database = new DatabaseSync(pathOf(file), { readOnly, timeout });
  databases.set(name, database);
  return database;
}

function ask(database: DatabaseSync, query: string): LookupResult {
  const statement = database.prepare(unicodeOf(query));
  statement.setReadBigInts(true);
  const names = statement.columns().map((column) => column.name);
  statement.setReturnArrays(true);
  const rows = statement.all() as unknown as SQLOutputValue[][];
  if (rows.length === 0) return { kind: "notFound" };
  return {
    kind: "found",
    text: sqlRows(
      names.map(fromUnicode),
      rows.map((row) => row.map(valueText)),
    ),
  };
}

function valueText(value: SQLOutputValue | undefined): string {
  if (value === null || value === undefined) return "<NULL>";
  if (typeof value === "string") return fromUnicode(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString("latin1");
  return typeof value === "number" && Number.isInteger(value) && Math.abs(value) < 1e15 ? value.toFixed(1) : String(value);
}
