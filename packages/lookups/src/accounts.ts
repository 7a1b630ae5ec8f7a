/**
 * The real accounts behind the port: /etc/passwd and /etc/group, indexed once for each version of the files. Names that
 * are not in them are asked of `getent` only when /etc/nsswitch.conf has a source besides local files (LDAP, SSSD, NIS);
 * those answers are kept for a while.
 */
import { chain, isFault, type Account, type AccountService, type FileService, type Maybe } from "@mailkit/sdk";
import { execFile } from "node:child_process";
import { makeFileService } from "./files.ts";

export interface AccountServiceOptions {
  /** Shared with the rest of the program, so that the files are read once; the default is one of its own. */
  readonly files?: FileService;
  readonly passwd?: string;
  readonly group?: string;
  readonly nsswitch?: string;
  /** Asks another source; the default runs `getent`. The answer is a line of the file's format. */
  readonly askOthers?: (database: "passwd" | "group", key: string) => Promise<string | undefined>;
  readonly now?: () => number;
}

interface Group {
  readonly name: string;
  readonly gid: number;
  readonly members: readonly string[];
}

/** Local, or (systemd) not about people: unknown local parts shall not start a program each. */
const LOCAL_SOURCES: ReadonlySet<string> = new Set(["files", "compat", "systemd", "cache", "mymachines"]);
const KEPT_FOR = 60_000;
const MAX_KEPT = 10_000;

export function makeAccountService(options: AccountServiceOptions = {}): AccountService {
  const files = options.files ?? makeFileService();
  const others = makeOthers(options, files);
  const accounts = <T>(pick: (index: AccountIndex) => T): Maybe<T> => indexed(files, options.passwd ?? "/etc/passwd", indexAccounts, pick);
  const groups = <T>(pick: (index: GroupIndex) => T): Maybe<T> => indexed(files, options.group ?? "/etc/group", indexGroups, pick);
  return {
    byName: (name) =>
      chain(
        accounts((index) => index.names.get(name)),
        (found) => found ?? others("passwd", name, parseAccount),
      ),
    byUid: (uid) =>
      chain(
        accounts((index) => index.uids.get(uid)),
        (found) => found ?? others("passwd", String(uid), parseAccount),
      ),
    groupByName: (name) =>
      chain(
        groups((index) => index.names.get(name)),
        (found) => found ?? others("group", name, parseGroup),
      ),
    groupByGid: (gid) =>
      chain(
        groups((index) => index.gids.get(gid)),
        (found) => found ?? others("group", String(gid), parseGroup),
      ),
  };
}

interface AccountIndex {
  readonly names: ReadonlyMap<string, Account>;
  readonly uids: ReadonlyMap<number, Account>;
}

interface GroupIndex {
  readonly names: ReadonlyMap<string, Group>;
  readonly gids: ReadonlyMap<number, Group>;
}

function indexed<I, T>(files: FileService, path: string, index: (content: string) => I, pick: (index: I) => T): Maybe<T> {
  return chain(files.derived(path, "accounts", index), (read) => pick(isFault(read) ? index("") : read.value));
}

function indexAccounts(content: string): AccountIndex {
  const names = new Map<string, Account>();
  const uids = new Map<number, Account>();
  for (const line of content.split("\n")) {
    const account = parseAccount(line);
    if (account === undefined) continue;
    if (!names.has(account.name)) names.set(account.name, account);
    if (!uids.has(account.uid)) uids.set(account.uid, account);
  }
  return { names, uids };
}

function indexGroups(content: string): GroupIndex {
  const names = new Map<string, Group>();
  const gids = new Map<number, Group>();
  for (const line of content.split("\n")) {
    const group = parseGroup(line);
    if (group === undefined) continue;
    if (!names.has(group.name)) names.set(group.name, group);
    if (!gids.has(group.gid)) gids.set(group.gid, group);
  }
  return { names, gids };
}

/** passwd(5); a line that is not one is passed over. */
export function parseAccount(line: string): Account | undefined {
  const [name, , uid, gid, gecos, home, shell] = line.split(":");
  if (!isName(name) || !isNumber(uid) || !isNumber(gid) || home === undefined) return undefined;
  return { name, uid: Number(uid), gid: Number(gid), gecos: gecos ?? "", home, shell: shell ?? "" };
}

/** group(5). */
export function parseGroup(line: string): Group | undefined {
  const [name, , gid, members] = line.split(":");
  if (!isName(name) || !isNumber(gid)) return undefined;
  return { name, gid: Number(gid), members: members === undefined || members === "" ? [] : members.split(",") };
}

function isName(name: string | undefined): name is string {
  return name !== undefined && name !== "" && !/^[#+-]/.test(name);
}

function isNumber(text: string | undefined): text is string {
  return text !== undefined && /^\d{1,10}$/.test(text);
}

type AskOthers = <T>(database: "passwd" | "group", key: string, parse: (line: string) => T | undefined) => Maybe<T | undefined>;

function makeOthers(options: AccountServiceOptions, files: FileService): AskOthers {
  const ask = options.askOthers ?? runGetent;
  const now = options.now ?? Date.now;
  const kept = new Map<string, { readonly line: string | undefined; readonly until: number }>();
  const remember = (name: string, line: string | undefined): string | undefined => {
    if (kept.size >= MAX_KEPT) kept.clear();
    kept.set(name, { line, until: now() + KEPT_FOR });
    return line;
  };
  return (database, key, parse) =>
    chain(hasOtherSources(files, options.nsswitch, database), (has) => {
      if (!has || !/^[A-Za-z0-9_.@\\][A-Za-z0-9_.@$\\-]{0,255}$/.test(key)) return undefined;
      const name = `${database} ${key}`;
      const known = kept.get(name);
      if (known !== undefined && known.until > now() && known.until <= now() + KEPT_FOR)
        return known.line === undefined ? undefined : parse(known.line);
      return ask(database, key).then((line) => {
        remember(name, line);
        return line === undefined ? undefined : parse(line);
      });
    });
}

function hasOtherSources(files: FileService, nsswitch: string | undefined, database: "passwd" | "group"): Maybe<boolean> {
  const read = files.derived(nsswitch ?? "/etc/nsswitch.conf", "sources", parseNsswitch);
  return chain(read, (found) => !isFault(found) && (found.value.get(database) ?? []).some((source) => !LOCAL_SOURCES.has(source)));
}

/** nsswitch.conf(5): database to its sources, without the `[NOTFOUND=return]` actions. */
export function parseNsswitch(content: string): ReadonlyMap<string, readonly string[]> {
  const sources = new Map<string, readonly string[]>();
  for (const line of content.split("\n")) {
    const [, database, rest] = /^\s*(\w+):(.*)$/.exec(line.replace(/#.*$/, "")) ?? [];
    if (database === undefined || rest === undefined) continue;
    sources.set(
      database,
      rest
        .replace(/\[[^\]]*\]/g, " ")
        .split(/\s+/)
        .filter((word) => word !== ""),
    );
  }
  return sources;
}

function runGetent(database: string, key: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile("getent", [database, key], { timeout: 10_000, encoding: "latin1" }, (error, output) => {
      resolve(error === null ? output.split("\n", 1)[0] : undefined);
    });
  });
}
