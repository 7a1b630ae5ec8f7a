import type { HintRecord, HintsDatabase, HintsStore } from "@mailkit/sdk";
import { existsSync, mkdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";

/**
 * Hints in node:sqlite: one file `hints.sqlite` under `db/`, a table for each database, WAL, shared by all processes of
 * this host. Parameters only: keys come from outside. A file that cannot be read is moved aside and made anew, for
 * losing hints loses no mail.
 */
export interface HintsOptions {
  readonly directory: string;
  readonly now: () => number;
  /** How long a call may wait for another process, in milliseconds. */
  readonly timeout?: number;
  /** One paniclog line. */
  readonly trouble?: (message: string) => void;
}

export interface OpenHints extends HintsStore {
  /** Removes what was written last before that time; returns how many. */
  expire(database: HintsDatabase, before: number): number;
  /** Records and octets of each database, for `exim_dumpdb` and its like. */
  count(database: HintsDatabase): number;
  close(): void;
}

const DATABASES: readonly HintsDatabase[] = ["retry", "ratelimit", "seen", "callout", "wait", "misc", "once"];
const FORMAT = 1;

export function openHints(options: HintsOptions): OpenHints {
  mkdirSync(options.directory, { recursive: true, mode: 0o750 });
  const path = join(options.directory, "hints.sqlite");
  let connection = connectOrRecreate(path, options);
  const known = newKnown(options.now, () => guarded((c) => (c.version.get() as { data_version: number }).data_version));

  /** A database that turns out to be broken is replaced once and the call made again. */
  function guarded<T>(work: (statements: Connection) => T): T {
    try {
      return work(connection);
    } catch (error) {
      if (!isBroken(error)) throw error;
      connection.database.close();
      moveAside(path, options, error);
      connection = connect(path, options);
      known.clear();
      return work(connection);
    }
  }

  return {
    get<T>(database: HintsDatabase, key: string) {
      const name = `${database}\0${key}`;
      if (known.has(name)) return known.get(name) as HintRecord<T> | undefined;
      const record = guarded((c) => read<T>(c.tables.get(database) as Table, key));
      known.set(name, record);
      return record;
    },
    put(database, key, value) {
      known.forget(database, key);
      guarded((c) => (c.tables.get(database) as Table).put.run(key, JSON.stringify(value), options.now()));
    },
    delete(database, key) {
      known.forget(database, key);
      guarded((c) => (c.tables.get(database) as Table).remove.run(key));
    },
    scan: (database, prefix) => guarded((c) => scan(c.tables.get(database) as Table, prefix ?? "")),
    update(database, key, change) {
      known.forget(database, key);
      guarded((c) => update(c, database, key, { change, now: options.now }));
    },
    expire(database, before) {
      known.clear();
      return guarded((c) => Number((c.tables.get(database) as Table).expire.run(before).changes));
    },
    count: (database) => guarded((c) => ((c.tables.get(database) as Table).count.get() as { n: number }).n),
    close: () => connection.database.close(),
  };
}

interface Known {
  has(name: string): boolean;
  get(name: string): unknown;
  set(name: string, record: unknown): void;
  forget(database: HintsDatabase, key: string): void;
  clear(): void;
}

/** For so long another process's writes may go unseen. */
const UNSEEN = 100;
const MOST_KNOWN = 10_000;

/**
 * What was read lately, above all that there is no hint: deliveries ask for several and usually there are none. Dropped
 * when `data_version` says that another process has written, which is asked now and then only.
 */
function newKnown(now: () => number, version: () => number): Known {
  const records = new Map<string, unknown>();
  let asked = NaN;
  let seen = NaN;
  return {
    has(name) {
      const age = now() - asked;
      if (!(age >= 0 && age < UNSEEN)) {
        asked = now();
        const current = version();
        if (current !== seen) records.clear();
        seen = current;
      }
      return records.has(name);
    },
    get: (name) => records.get(name),
    set(name, record) {
      if (records.size >= MOST_KNOWN) records.clear();
      records.set(name, record);
    },
    forget: (database, key) => void records.delete(`${database}\0${key}`),
    clear: () => records.clear(),
  };
}

interface Table {
  readonly get: StatementSync;
  readonly put: StatementSync;
  readonly remove: StatementSync;
  readonly scan: StatementSync;
  readonly expire: StatementSync;
  readonly count: StatementSync;
}

interface Connection {
  readonly database: DatabaseSync;
  readonly tables: ReadonlyMap<HintsDatabase, Table>;
  readonly version: StatementSync;
  readonly begin: StatementSync;
  readonly commit: StatementSync;
  readonly rollback: StatementSync;
}

interface Row {
  readonly key: string;
  readonly value: string;
  readonly updated: number;
}

function connectOrRecreate(path: string, options: HintsOptions): Connection {
  try {
    return connect(path, options);
  } catch (error) {
    if (!isBroken(error)) throw error;
    moveAside(path, options, error);
    return connect(path, options);
  }
}

function connect(path: string, options: HintsOptions): Connection {
  const database = new DatabaseSync(path, { timeout: options.timeout ?? 5000 });
  try {
    database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
    const version = (database.prepare("PRAGMA user_version").get() as { user_version: number }).user_version;
    if (version > FORMAT) throw Object.assign(new Error(`hints of format ${version}, this mailkit reads ${FORMAT}`), { errcode: 26 });
    for (const name of DATABASES) {
      database.exec(
        `CREATE TABLE IF NOT EXISTS "${name}" (key TEXT PRIMARY KEY, value TEXT NOT NULL, updated INTEGER NOT NULL) STRICT, WITHOUT ROWID`,
      );
    }
    if (version === 0) database.exec(`PRAGMA user_version = ${FORMAT}`);
    return {
      database,
      tables: new Map(DATABASES.map((name) => [name, prepareTable(database, name)])),
      version: database.prepare("PRAGMA data_version"),
      begin: database.prepare("BEGIN IMMEDIATE"),
      commit: database.prepare("COMMIT"),
      rollback: database.prepare("ROLLBACK"),
    };
  } catch (error) {
    database.close();
    throw error;
  }
}

/** The names are ours, from the list above; all else is a parameter. */
function prepareTable(database: DatabaseSync, name: HintsDatabase): Table {
  return {
    get: database.prepare(`SELECT key, value, updated FROM "${name}" WHERE key = ?`),
    put: database.prepare(
      `INSERT INTO "${name}" VALUES (?, ?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value, updated = excluded.updated`,
    ),
    remove: database.prepare(`DELETE FROM "${name}" WHERE key = ?`),
    scan: database.prepare(`SELECT key, value, updated FROM "${name}" WHERE key >= ? ORDER BY key LIMIT ${PAGE}`),
    expire: database.prepare(`DELETE FROM "${name}" WHERE updated < ?`),
    count: database.prepare(`SELECT count(*) AS n FROM "${name}"`),
  };
}

const PAGE = 500;

function read<T>(table: Table, key: string): HintRecord<T> | undefined {
  const row = table.get.get(key) as Row | undefined;
  return row === undefined ? undefined : recordOf<T>(row);
}

function recordOf<T>(row: Row): HintRecord<T> | undefined {
  try {
    return { key: row.key, value: JSON.parse(row.value) as T, updated: row.updated };
  } catch {
    return undefined;
  }
}

/** In pages, so that no read transaction stays open while the caller thinks. */
function* scan<T>(table: Table, prefix: string): Generator<HintRecord<T>> {
  let from = prefix;
  for (;;) {
    const rows = table.scan.all(from) as unknown as Row[];
    for (const row of rows) {
      if (!row.key.startsWith(prefix)) return;
      const record = recordOf<T>(row);
      if (record !== undefined) yield record;
    }
    if (rows.length < PAGE) return;
    from = `${(rows.at(-1) as Row).key}\0`;
  }
}

interface Change<T> {
  readonly change: (old: HintRecord<T> | undefined) => T | undefined;
  readonly now: () => number;
}

// oxlint-disable-next-line max-params
function update<T>(connection: Connection, database: HintsDatabase, key: string, { change, now }: Change<T>): void {
  const table = connection.tables.get(database) as Table;
  connection.begin.run();
  try {
    const value = change(read<T>(table, key));
    if (value === undefined) table.remove.run(key);
    else table.put.run(key, JSON.stringify(value), now());
    connection.commit.run();
  } catch (error) {
    if (connection.database.isTransaction) connection.rollback.run();
    throw error;
  }
}

/** SQLITE_CORRUPT, SQLITE_NOTADB, and a schema that is not ours. */
function isBroken(error: unknown): boolean {
  const { errcode, errstr } = error as { errcode?: number; errstr?: string };
  if (errcode === undefined) return false;
  return (errcode & 0xff) === 11 || (errcode & 0xff) === 26 || (errcode === 1 && errstr !== undefined);
}

function moveAside(path: string, options: HintsOptions, why: unknown): void {
  const aside = `${path}.corrupt-${options.now()}`;
  for (const suffix of ["", "-wal", "-shm"]) if (existsSync(path + suffix)) renameSync(path + suffix, aside + suffix);
  options.trouble?.(`hints database ${path} was unusable (${(why as Error).message}); moved to ${aside} and begun anew`);
}
