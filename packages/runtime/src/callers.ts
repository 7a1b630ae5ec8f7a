/** Who hands a message over, and what that allows (manual §"Trusted and admin users"). mailkit is not setuid: it is whoever runs it. */
import { childScope, compileRegex, tainted } from "@mailkit/sdk";
import { statSync } from "node:fs";
import type { Engine } from "./engine.ts";
import { installedServer } from "./machine.ts";
import { systemAccounts } from "./ports/accounts.ts";

export interface Caller {
  readonly login: string;
  readonly uid: number;
  readonly gid: number;
  /** From the gecos field. */
  readonly fullName: string;
  readonly trusted: boolean;
  readonly admin: boolean;
}

/** The user of this process. */
export async function callerOf(engine: Engine, env: NodeJS.ProcessEnv): Promise<Caller> {
  const { machine } = engine;
  const user = machine.caller.listed ? machine.caller : await unlisted(engine, machine.caller);
  const isServer = env.MAILKIT_EXIM_USER === undefined ? user.uid === machine.eximUid : user.login === machine.eximUser;
  return withRights(engine, user, { isServer, groups: new Set([user.gid, ...(process.getgroups?.() ?? [])]) });
}

/**
 * Whether `-bP` shows macros and what was set with `hide`. An ordinary user who runs mailkit with a configuration of
 * somebody else's is not the server: that is `exim_user`, or the login that root's daemon would take.
 */
export async function maySeeHidden(engine: Engine, caller: Caller, env: NodeJS.ProcessEnv): Promise<boolean> {
  if (!caller.admin || caller.uid === 0 || env.MAILKIT_EXIM_USER !== undefined) return caller.admin;
  const owner = statSync(engine.config.file, { throwIfNoEntry: false })?.uid;
  if (owner === undefined || owner === caller.uid) return true;
  const { main } = engine.config;
  const server = installedServer(systemAccounts(), {
    ...(main.isSet("exim_user") ? { user: main.text("exim_user") } : {}),
    ...(main.isSet("exim_group") ? { group: main.text("exim_group") } : {}),
  });
  const groups = new Set([caller.gid, ...(process.getgroups?.() ?? [])]);
  return (
    caller.uid === server.uid ||
    (server.gid !== undefined && groups.has(server.gid)) ||
    isInGroups(engine, main.items("admin_groups"), groups)
  );
}

/** The user of a delivery, or the owner of a file in `drop/`. */
export async function callerByUid(engine: Engine, uid: number, gid: number): Promise<Caller> {
  const account = await engine.services.accounts.byUid(uid);
  const user =
    account === undefined
      ? await unlisted(engine, { login: String(uid), uid, gid, gecos: "" })
      : { login: account.name, uid, gid, gecos: account.gecos };
  return withRights(engine, user, { isServer: uid === engine.machine.eximUid, groups: new Set([gid]) });
}

type User = Pick<Engine["machine"]["caller"], "login" | "uid" | "gid" | "gecos">;

/** `unknown_login` and `unknown_username` stand in for a user whom the user database does not know. */
async function unlisted({ config, scopes }: Engine, user: User): Promise<User> {
  const template = config.main.template("unknown_login");
  if (template === undefined) return user;
  const login = await template.evaluate(scopes.bare());
  return login.kind === "value" ? { ...user, login: login.text, gecos: config.main.text("unknown_username") ?? "" } : user;
}

async function withRights(
  engine: Engine,
  user: User,
  known: { readonly isServer: boolean; readonly groups: ReadonlySet<number> },
): Promise<Caller> {
  const { main } = engine.config;
  const isServer = known.isServer || user.uid === 0;
  const inGroups = (option: string): Promise<boolean> => isInGroups(engine, main.items(option), known.groups);
  const listed = main.items("trusted_users").some((name) => name === user.login || name === String(user.uid));
  const trusted = isServer || listed || (await inGroups("trusted_groups"));
  const admin = isServer || known.groups.has(engine.machine.eximGid) || (await inGroups("admin_groups"));
  return { login: user.login, uid: user.uid, gid: user.gid, fullName: await fullName(engine, user), trusted, admin };
}

/** By name or number. */
async function isInGroups({ services }: Engine, names: readonly string[], groups: ReadonlySet<number>): Promise<boolean> {
  for (const name of names) {
    const gid = /^\d+$/.test(name) ? Number(name) : (await services.accounts.groupByName(name))?.gid;
    if (gid !== undefined && groups.has(gid)) return true;
  }
  return false;
}

/** `gecos_pattern` and `gecos_name`; else the whole field, `&` being the login (manual, option gecos_name). */
async function fullName({ config, scopes }: Engine, { gecos, login }: User): Promise<string> {
  const template = config.main.template("gecos_name");
  const pattern = config.main.text("gecos_pattern");
  const made = template === undefined || pattern === undefined ? undefined : compileRegex(pattern);
  const found = made?.ok === true ? made.regex.exec(gecos) : null;
  if (template !== undefined && found !== null) {
    const scope = childScope(scopes.bare(), [], true);
    scope.frame.numeric = [...found].map((group) => tainted(group ?? ""));
    const name = await template.evaluate(scope);
    if (name.kind === "value") return name.text;
  }
  return gecos.replaceAll("&", login.charAt(0).toUpperCase() + login.slice(1));
}
