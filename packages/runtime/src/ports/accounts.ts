/** Logins and groups while a configuration is read: the files, once. (Deliveries ask `AccountService`.) */
import type { Account } from "@mailkit/sdk";
import { readFileSync } from "node:fs";

export interface ConfigAccounts {
  userByName(name: string): { readonly uid: number; readonly gid: number } | undefined;
  userById(uid: number): string | undefined;
  groupByName(name: string): number | undefined;
  groupById(gid: number): string | undefined;
}

export function systemAccounts(): Account[] {
  return entries("/etc/passwd", 7).map(([name, , uid, gid, gecos, home, shell]) => ({
    name: name as string,
    uid: Number(uid),
    gid: Number(gid),
    gecos: gecos as string,
    home: home as string,
    shell: shell as string,
  }));
}

export function configAccounts(): ConfigAccounts {
  const users = systemAccounts();
  const groups = entries("/etc/group", 3).map(([name, , gid]) => ({ name: name as string, gid: Number(gid) }));
  return {
    userByName: (name) => users.find((user) => user.name === name),
    userById: (uid) => users.find((user) => user.uid === uid)?.name,
    groupByName: (name) => groups.find((group) => group.name === name)?.gid,
    groupById: (gid) => groups.find((group) => group.gid === gid)?.name,
  };
}

function entries(file: string, fields: number): string[][] {
  try {
    return readFileSync(file, "latin1")
      .split("\n")
      .map((line) => line.split(":"))
      .filter((parts) => parts.length >= fields);
  } catch {
    return [];
  }
}
