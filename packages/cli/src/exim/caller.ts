/** Who called, and what that allows (manual §"Trusted and admin users"). mailkit is not setuid: it is whoever runs it. */
import type { Engine } from "@mailkit/runtime";

export interface Caller {
  readonly login: string;
  readonly uid: number;
  readonly gid: number;
  readonly fullName: string;
  readonly trusted: boolean;
  readonly admin: boolean;
}

export function callerOf(engine: Engine, env: NodeJS.ProcessEnv): Caller {
  const { machine, config } = engine;
  const { caller } = machine;
  const groups = new Set([caller.gid, ...(process.getgroups?.() ?? [])]);
  const isServer =
    caller.uid === 0 || (env.MAILKIT_EXIM_USER === undefined ? caller.uid === machine.eximUid : caller.login === machine.eximUser);
  const trusted =
    isServer || config.main.items("trusted_users").includes(caller.login) || inGroups(config.main.items("trusted_groups"), groups);
  const admin = isServer || groups.has(machine.eximGid) || inGroups(config.main.items("admin_groups"), groups);
  return { login: caller.login, uid: caller.uid, gid: caller.gid, fullName: fullName(engine, caller.gecos), trusted, admin };
}

function inGroups(names: readonly string[], groups: ReadonlySet<number>): boolean {
  return names.some((name) => /^\d+$/.test(name) && groups.has(Number(name)));
}

/** `gecos_pattern` and `gecos_name`; else the text up to the first comma, `&` being the login (manual, option gecos_name). */
function fullName(engine: Engine, gecos: string): string {
  const { login } = engine.machine.caller;
  const plain = gecos.split(",")[0] ?? "";
  return plain.replace("&", login.charAt(0).toUpperCase() + login.slice(1));
}
