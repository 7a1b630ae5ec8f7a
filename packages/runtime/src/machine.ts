/** What Exim has compiled in and mailkit learns from the machine: names, users, folders. Environment variables override. */
import type { Account } from "@mailkit/sdk";
import { readFileSync } from "node:fs";
import { hostname, userInfo } from "node:os";

/** What `$version_number` says: the Exim that mailkit is compatible with. */
export const EXIM_VERSION = "4.96";
export const MAILKIT_VERSION = "0.1.0";

export interface Machine {
  readonly hostname: string;
  /** Who the daemon's files belong to, and who takes deliveries without a user of their own. */
  readonly eximUser: string;
  readonly eximGroup: string;
  readonly eximUid: number;
  readonly eximGid: number;
  readonly caller: {
    readonly login: string;
    readonly uid: number;
    readonly gid: number;
    readonly gecos: string;
    readonly home: string;
    /** The user database knows the uid. */
    readonly listed: boolean;
  };
  readonly isRoot: boolean;
}

/** Logins that a mail server may have of its own, best first. */
const SERVER_LOGINS = ["mailkit", "Debian-exim", "exim", "mail"];

/** `asCaller`: the sandbox belongs to whoever runs it, root too. */
export function readMachine(env: NodeJS.ProcessEnv, accounts: readonly Account[], asCaller = false): Machine {
  const uid = process.getuid?.() ?? 0;
  const gid = process.getgid?.() ?? 0;
  const self = accounts.find((account) => account.uid === uid);
  const wanted =
    env.MAILKIT_EXIM_USER ??
    (uid === 0 && !asCaller ? SERVER_LOGINS.find((name) => accounts.some((account) => account.name === name)) : undefined);
  const server = accounts.find((account) => account.name === wanted) ?? self;
  return {
    hostname: env.MAILKIT_HOSTNAME ?? fullHostname(),
    eximUser: server?.name ?? String(uid),
    eximGroup: env.MAILKIT_EXIM_GROUP ?? groupName(server?.gid ?? gid),
    eximUid: server?.uid ?? uid,
    eximGid: server?.gid ?? gid,
    caller: {
      login: self?.name ?? loginName(uid),
      uid,
      gid,
      gecos: self?.gecos ?? "",
      home: self?.home ?? "/",
      listed: self !== undefined,
    },
    isRoot: uid === 0,
  };
}

/** Who a daemon of root's would be, `written` by the configuration or found among the logins; undefined ids: nobody. */
export function installedServer(
  accounts: readonly Account[],
  written: { readonly user?: string; readonly group?: string },
): { readonly uid: number | undefined; readonly gid: number | undefined } {
  const find = (wanted: string): Account | undefined => accounts.find(({ name, uid }) => name === wanted || String(uid) === wanted);
  const names = written.user === undefined ? SERVER_LOGINS : [written.user];
  const account = names.map(find).find((found) => found !== undefined);
  return { uid: account?.uid, gid: written.group === undefined ? account?.gid : groupId(written.group) };
}

/** `exim_user` and `exim_group` of the configuration, by name or number; only root can take another identity. */
export function withServerLogin(
  machine: Machine,
  written: { readonly user?: string; readonly group?: string },
  accounts: readonly Account[],
): Machine {
  if (!machine.isRoot || (written.user === undefined && written.group === undefined)) return machine;
  const account = accounts.find(({ name, uid }) => name === written.user || String(uid) === written.user);
  const uid = account?.uid ?? (/^\d+$/.test(written.user ?? "") ? Number(written.user) : machine.eximUid);
  const gid = written.group === undefined ? (account?.gid ?? machine.eximGid) : (groupId(written.group) ?? machine.eximGid);
  return { ...machine, eximUser: account?.name ?? String(uid), eximGroup: groupName(gid), eximUid: uid, eximGid: gid };
}

/** The canonical name of /etc/hosts for a host name without a dot; DNS is not asked at start-up. */
function fullHostname(): string {
  const name = hostname();
  if (name.includes(".")) return name;
  try {
    for (const line of readFileSync("/etc/hosts", "latin1").split("\n")) {
      const names = line.replace(/#.*/, "").trim().split(/\s+/).slice(1);
      const full = names.includes(name) ? names.find((candidate) => candidate.includes(".")) : undefined;
      if (full !== undefined) return full;
    }
  } catch {
    // no hosts file: the short name stays
  }
  return name;
}

function loginName(uid: number): string {
  try {
    return userInfo().username;
  } catch {
    return String(uid);
  }
}

function groupName(gid: number): string {
  return groups().find((fields) => fields[2] === String(gid))?.[0] ?? String(gid);
}

/** By name or number. */
function groupId(written: string): number | undefined {
  const gid = /^\d+$/.test(written) ? written : groups().find((fields) => fields[0] === written)?.[2];
  return gid === undefined ? undefined : Number(gid);
}

function groups(): string[][] {
  try {
    return readFileSync("/etc/group", "latin1")
      .split("\n")
      .map((line) => line.split(":"));
  } catch {
    return [];
  }
}
