/** Under whom and where a local delivery runs: manual §"Uids and gids", §"Current and home directories". */
import type { Account, Identity, IdentityOption, Scope } from "@mailkit/sdk";
import { defer, done, type Step } from "./step.ts";
import type { AttemptRequest, GenericValues } from "./types.ts";

export interface Surroundings {
  readonly identity: Identity | undefined;
  readonly home: string | undefined;
  readonly cwd: string;
}

export async function findHome(request: AttemptRequest, generic: GenericValues, scope: Scope): Promise<Step<string | undefined>> {
  if (generic.home_directory === undefined) return done(request.router.home);
  return directory("home", generic.home_directory, request, scope);
}

export async function findCwd(
  request: AttemptRequest,
  generic: GenericValues,
  around: { scope: Scope; home: string | undefined },
): Promise<Step<string>> {
  if (generic.current_directory === undefined) return done(request.router.cwd ?? around.home ?? "/");
  return directory("current", generic.current_directory, request, around.scope);
}

async function directory(
  what: "home" | "current",
  template: NonNullable<GenericValues["home_directory"]>,
  request: AttemptRequest,
  scope: Scope,
): Promise<Step<string>> {
  const name = request.instance.name;
  const result = await template.evaluate(scope);
  if (result.kind !== "value") {
    return defer(`${what} directory "${template.source}" failed to expand for ${name} transport: ${result.message}`, -27);
  }
  if (result.text.startsWith("/")) return done(result.text);
  return defer(`${what} directory path "${result.text}" is not absolute for ${name} transport`, -21);
}

export async function findIdentity(request: AttemptRequest, generic: GenericValues, scope: Scope): Promise<Step<Identity | undefined>> {
  const { router, ports, instance } = request;
  const creator = generic.user === undefined && instance.options["pipe_as_creator"] === true ? request.message.envelope.origin : undefined;
  const user = await findUser(generic.user, request, { scope, initgroups: generic.initgroups });
  if (!user.ok) return user;
  const group = await findGroup(generic.group, request, scope);
  if (!group.ok) return group;
  const base = user.value === undefined ? (creator ?? router.identity ?? ports.defaultIdentity) : undefined;
  const uid = user.value?.uid ?? base?.uid;
  if (uid === undefined) return done(undefined);
  // Group of the transport, then of the router, then of the user (manual §"Uids and gids").
  const gid = group.value ?? (creator === undefined ? router.identity?.gid : undefined) ?? user.value?.gid ?? base?.gid;
  if (gid === undefined) return defer(`User set without group for ${instance.name} transport`, -29);
  if (ports.neverUsers.includes(uid)) {
    return defer(`User ${uid} set for ${instance.name} transport is on the never_users list`, -29);
  }
  const login =
    user.value === undefined
      ? creator === undefined
        ? router.identity?.initgroups
        : undefined
      : generic.initgroups
        ? user.value.login
        : undefined;
  return done(login === undefined ? { uid, gid } : { uid, gid, initgroups: login });
}

interface FoundUser {
  readonly uid: number;
  readonly gid: number | undefined;
  readonly login: string | undefined;
}

async function findUser(
  option: IdentityOption | undefined,
  request: AttemptRequest,
  { scope, initgroups }: { readonly scope: Scope; readonly initgroups: boolean },
): Promise<Step<FoundUser | undefined>> {
  if (option === undefined) return done(undefined);
  const text = await identityText(option, "user", request, scope);
  if (!text.ok) return text;
  const accounts = scope.services.accounts;
  if (/^\d+$/.test(text.value)) {
    const account = initgroups ? await accounts.byUid(Number(text.value)) : undefined;
    return done({ uid: Number(text.value), gid: undefined, login: account?.name });
  }
  const account: Account | undefined = await accounts.byName(text.value);
  if (account !== undefined) return done({ uid: account.uid, gid: account.gid, login: account.name });
  return defer(
    `Failed to find user "${text.value}" from expanded string "${sourceOf(option)}" for the ${request.instance.name} transport`,
    -29,
  );
}

async function findGroup(option: IdentityOption | undefined, request: AttemptRequest, scope: Scope): Promise<Step<number | undefined>> {
  if (option === undefined) return done(undefined);
  const text = await identityText(option, "group", request, scope);
  if (!text.ok) return text;
  if (/^\d+$/.test(text.value)) return done(Number(text.value));
  const group = await scope.services.accounts.groupByName(text.value);
  if (group !== undefined) return done(group.gid);
  return defer(
    `Failed to find group "${text.value}" from expanded string "${sourceOf(option)}" for the ${request.instance.name} transport`,
    -29,
  );
}

async function identityText(option: IdentityOption, what: "user" | "group", request: AttemptRequest, scope: Scope): Promise<Step<string>> {
  if (option.kind === "number") return done(String(option.id));
  if (option.kind === "name") return done(option.name);
  const result = await option.template.evaluate(scope);
  if (result.kind === "value") return done(result.text);
  return defer(
    `Failed to expand ${what} string "${option.template.source}" for the ${request.instance.name} transport: ${result.message}`,
    -29,
  );
}

function sourceOf(option: IdentityOption): string {
  return option.kind === "template" ? option.template.source : option.kind === "name" ? option.name : String(option.id);
}
