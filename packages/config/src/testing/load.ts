/** Loads a configuration from memory: files by path, fake drivers, compilers that keep the text. For tests. */
import { textOnly } from "../compilers.ts";
import { loadConfiguration, type LoadRequest } from "../load.ts";
import type { Configuration } from "../types.ts";
import type { ConfigAccounts } from "../values/accounts.ts";
import { fakeCatalogue } from "./catalogue.ts";

const USERS: Readonly<Record<string, number>> = { root: 0, games: 5, mail: 8, nobody: 65534 };
const GROUPS: Readonly<Record<string, number>> = { root: 0, tty: 5, mail: 8 };

export const fakeAccounts: ConfigAccounts = {
  userByName: (name) => (Object.hasOwn(USERS, name) ? { uid: USERS[name] as number, gid: USERS[name] as number } : undefined),
  userById: (uid) => Object.keys(USERS).find((name) => USERS[name] === uid),
  groupByName: (name) => (Object.hasOwn(GROUPS, name) ? GROUPS[name] : undefined),
  groupById: (gid) => Object.keys(GROUPS).find((name) => GROUPS[name] === gid),
};

export function load(files: string | Readonly<Record<string, string>>, more: Partial<LoadRequest> = {}): Configuration {
  const map = new Map(Object.entries(typeof files === "string" ? { "/t.conf": files } : files));
  return loadConfiguration({
    file: [...map.keys()][0] as string,
    readFile: (path) => map.get(path) ?? { code: "ENOENT", message: "No such file or directory" },
    catalogue: fakeCatalogue,
    compilers: textOnly,
    environment: {
      machine: { primary_hostname: "host.example", spool_directory: "/var/spool/exim4", log_file_path: "/var/log/exim4/%slog" },
      accounts: fakeAccounts,
    },
    ...more,
  });
}

/** One line a fault, for tables of tests: `MK0102 3:5 message`. */
export function faultLines(configuration: Configuration): readonly string[] {
  return configuration.diagnostics.map(
    ({ code, at, message }) => `${code} ${at === undefined ? "-" : `${at.line}:${at.column}`} ${message}`,
  );
}
