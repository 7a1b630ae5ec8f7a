/**
 * Users and groups: `user`, `group`, `initgroups` and what `check_local_user` found (manual §"Uids and gids"). Fixed
 * names are looked up once and remembered; names that an expansion gives, each time.
 */
import { chain, isPromise } from "@mailkit/sdk";
import type { Account, IdentityOption, Maybe, Scope, Services } from "@mailkit/sdk";
import type { RouteIdentity } from "./types.ts";

export type IdentityFound = RouteIdentity | { readonly fault: string };
export type IdentityFinder = (account: Account | undefined, scope: Scope) => Maybe<IdentityFound>;

interface IdentityOptions {
  readonly user: IdentityOption | undefined;
  readonly group: IdentityOption | undefined;
  readonly initgroups: boolean;
}

interface UserFound {
  readonly uid: number;
  readonly gid: number | undefined;
  readonly login: string | undefined;
}
type Finder<T> = (scope: Scope) => Maybe<T | { readonly fault: string }>;

export function identityFinder(options: IdentityOptions, router: string, services: Services): IdentityFinder {
  const { initgroups } = options;
  const user = options.user === undefined ? undefined : userFinder(options.user, router, services);
  const group = options.group === undefined ? undefined : groupFinder(options.group, router, services);
  if (user === undefined && group === undefined) {
    const none: RouteIdentity = { initgroups };
    return (account) => (account === undefined ? none : { uid: account.uid, gid: account.gid, initgroups, login: account.name });
  }
  return (account, scope) =>
    chain(user?.(scope) ?? ofAccount(account), (foundUser) => {
      if ("fault" in foundUser) return foundUser;
      const build = (gid: number | undefined): RouteIdentity => ({
        ...(foundUser.uid >= 0 ? { uid: foundUser.uid } : {}),
        ...(gid === undefined ? {} : { gid }),
        initgroups,
        ...(foundUser.login === undefined ? {} : { login: foundUser.login }),
      });
      if (group === undefined) return build(foundUser.gid);
      return chain(group(scope), (foundGroup) => (typeof foundGroup === "number" ? build(foundGroup) : foundGroup));
    });
}

function ofAccount(account: Account | undefined): UserFound {
  return account === undefined
    ? { uid: -1, gid: undefined, login: undefined }
    : { uid: account.uid, gid: account.gid, login: account.name };
}

function userFinder(option: IdentityOption, router: string, services: Services): Finder<UserFound> {
  const named = (name: string, fault: string) =>
    chain(/^\d+$/.test(name) ? services.accounts.byUid(Number(name)) : services.accounts.byName(name), (account) =>
      account !== undefined
        ? { uid: account.uid, gid: account.gid, login: account.name }
        : /^\d+$/.test(name)
          ? { uid: Number(name), gid: undefined, login: undefined }
          : { fault },
    );
  if (option.kind === "number") return once(() => named(String(option.id), ""));
  if (option.kind === "name") return once(() => named(option.name, `user ${option.name} was not found`));
  const source = option.template.source;
  return (scope) =>
    chain(option.template.evaluate(scope), (result) =>
      result.kind === "value"
        ? named(result.text, `Failed to find user "${result.text}" from expanded string "${source}" for the ${router} router`)
        : { fault: `Failed to expand user string "${source}" for the ${router} router: ${result.message}` },
    );
}

function groupFinder(option: IdentityOption, router: string, services: Services): Finder<number> {
  const named = (name: string, fault: string) =>
    /^\d+$/.test(name) ? Number(name) : chain(services.accounts.groupByName(name), (group) => group?.gid ?? { fault });
  if (option.kind === "number") return () => option.id;
  if (option.kind === "name") return once(() => named(option.name, `group ${option.name} was not found`));
  const source = option.template.source;
  return (scope) =>
    chain(option.template.evaluate(scope), (result) =>
      result.kind === "value"
        ? named(result.text, `Failed to find group "${result.text}" from expanded string "${source}" for the ${router} router`)
        : { fault: `Failed to expand group string "${source}" for the ${router} router: ${result.message}` },
    );
}

/** Remembers what was found; a fault is asked for again. */
function once<T>(find: () => Maybe<T | { readonly fault: string }>): () => Maybe<T | { readonly fault: string }> {
  let known: T | undefined;
  const keep = (found: T | { readonly fault: string }): T | { readonly fault: string } => {
    if (typeof found !== "object" || found === null || !("fault" in found)) known = found as T;
    return found;
  };
  return () => {
    if (known !== undefined) return known;
    const found = find();
    return isPromise(found) ? found.then(keep) : keep(found);
  };
}
