/**
 * AUTH on the server: which mechanisms are offered, and the dialogue with one of them (manual §"Authentication on an
 * Exim server"). Every driver's success still has to pass the generic `server_condition`.
 */
import {
  type AuthHost,
  type AuthProgress,
  type Maybe,
  type Scope,
  type ServerAuthService,
  type ServerStep,
  type Text,
  chain,
  equalCaseless,
  mapInOrder,
} from "@mailkit/sdk";
import { type AuthInstance, type AuthParts, genericOf, hostFor, publicName } from "./host.ts";
import { isFalse, judgeCondition } from "./truth.ts";

/** Undefined when no authenticator has server settings: AUTH is not offered then. */
export function makeServerAuth(parts: AuthParts): ServerAuthService | undefined {
  const instances = parts.instances.filter(isServer);
  const byCommand = instances.filter((instance) => instance.driver.serverStart !== undefined);
  const byTls = instances.find((instance) => instance.driver.serverTls !== undefined);
  if (instances.length === 0) return undefined;

  const start: ServerAuthService["start"] = (mechanism, initial, scope, options) => {
    const candidates = byCommand.filter((instance) => equalCaseless(publicName(instance), mechanism));
    return chain(firstOffered(candidates, parts, scope, options?.unadvertised === true), (instance): Maybe<AuthProgress> => {
      if (instance === undefined) return { kind: "unknown" };
      const host = hostFor(instance, parts, scope);
      const step = instance.driver.serverStart?.(initial, instance.options as never, host) as Maybe<ServerStep>;
      return chain(step, (done) => conclude({ instance, host, scope }, done));
    });
  };

  return {
    advertised: (scope) =>
      chain(
        mapInOrder(byCommand, (instance) => chain(isOffered(instance, parts, scope), (yes) => (yes ? publicName(instance) : ""))),
        (names) => [...new Set(names.filter((name) => name !== ""))],
      ),
    start,
    next(response, dialogue, scope) {
      const { instance, state } = dialogue as Dialogue;
      const host = hostFor(instance, parts, scope);
      const step = instance.driver.serverNext?.(response, state, instance.options as never, host) as Maybe<ServerStep>;
      return chain(step, (done) => conclude({ instance, host, scope }, done));
    },
    cancel: (dialogue) => release((dialogue as Dialogue | undefined)?.state),
    afterTls(scope) {
      if (byTls === undefined) return undefined;
      const host = hostFor(byTls, parts, scope);
      const step = byTls.driver.serverTls?.(byTls.options as never, host) as Maybe<ServerStep>;
      return chain(step, (done) => conclude({ instance: byTls, host, scope }, done));
    },
    allowsMailAuth: (authenticator, scope) => allowsMailAuth(parts, authenticator, scope),
  };
}

interface Dialogue {
  readonly instance: AuthInstance;
  readonly state: unknown;
}

/** A state that holds a connection has a `close`. */
function release(state: unknown): void {
  if (typeof state === "object" && state !== null && "close" in state) (state as { close(): void }).close();
}

/**
 * Server settings make a server (manual, chapter "SMTP authentication"): an option of the driver that begins with
 * `server_`, or the generic condition. The plaintext drivers have nothing but the condition to go by.
 */
function isServer(instance: AuthInstance): boolean {
  const { driver } = instance;
  if (driver.serverStart === undefined && driver.serverTls === undefined) return false;
  if (driver.name === "plaintext" || driver.name === "external") return instance.isSet("server_condition");
  return (
    instance.isSet("server_condition") || Object.keys(driver.options).some((name) => name.startsWith("server_") && instance.isSet(name))
  );
}

function firstOffered(candidates: readonly AuthInstance[], parts: AuthParts, scope: Scope, all: boolean): Maybe<AuthInstance | undefined> {
  const from = (i: number): Maybe<AuthInstance | undefined> => {
    const instance = candidates[i];
    if (instance === undefined || all) return instance;
    return chain(isOffered(instance, parts, scope), (yes) => (yes ? instance : from(i + 1)));
  };
  return from(0);
}

function isOffered(instance: AuthInstance, parts: AuthParts, scope: Scope): Maybe<boolean> {
  const condition = genericOf(instance).server_advertise_condition;
  if (condition === undefined) return true;
  return chain(condition.evaluate(scope), (expansion) => {
    if (expansion.kind === "value") return !isFalse(expansion.text);
    const { trace } = parts.host.services;
    if (expansion.kind === "error" && trace.on) {
      trace.emit({ kind: "note", area: "auth", text: `${instance.name} is not advertised: ${expansion.message}` });
    }
    return false;
  });
}

interface Place {
  readonly instance: AuthInstance;
  readonly host: AuthHost;
  readonly scope: Scope;
}

function conclude(place: Place, step: ServerStep): Maybe<AuthProgress> {
  const authenticator = place.instance.name;
  switch (step.kind) {
    case "challenge":
      return { kind: "challenge", octets: step.octets, dialogue: { instance: place.instance, state: step.state } satisfies Dialogue };
    case "done":
      return chain(debugPrint(place, step.auth), () => checkCondition(place, step.auth));
    case "fail":
      return step.auth === undefined ? { kind: "fail", message: step.message, authenticator } : failed(place, step.auth, step.message);
    case "defer":
    case "malformed":
      return { kind: step.kind, message: step.message, authenticator };
  }
}

function debugPrint({ instance, host }: Place, auth: readonly Text[]): Maybe<void> {
  const template = genericOf(instance).server_debug_print;
  if (template === undefined) return undefined;
  return chain(host.expand(template, auth), () => undefined);
}

function checkCondition(place: Place, auth: readonly Text[]): Maybe<AuthProgress> {
  const authenticator = place.instance.name;
  const condition = genericOf(place.instance).server_condition;
  if (condition === undefined) return succeeded(place, auth);
  return chain(place.host.expand(condition, auth), (expansion): Maybe<AuthProgress> => {
    const judged = judgeCondition(expansion);
    if (judged.kind === "yes") return succeeded(place, auth);
    if (judged.kind === "defer") return { kind: "defer", message: judged.message, authenticator };
    return failed(place, auth, "server_condition is not true");
  });
}

function succeeded(place: Place, auth: readonly Text[]): Maybe<AuthProgress> {
  return chain(idOf(place, auth), (id) => ({ kind: "success", id, authenticator: place.instance.name }));
}

function failed(place: Place, auth: readonly Text[], message: string): Maybe<AuthProgress> {
  return chain(idOf(place, auth), (id) => ({
    kind: "fail",
    message,
    authenticator: place.instance.name,
    ...(id === undefined ? {} : { id }),
  }));
}

/** "If expansion fails, the option is ignored." */
function idOf({ instance, host }: Place, auth: readonly Text[]): Maybe<string | undefined> {
  const template = genericOf(instance).server_set_id;
  if (template === undefined) return undefined;
  return chain(host.expand(template, auth), (expansion) => (expansion.kind === "value" ? expansion.text : undefined));
}

function allowsMailAuth(parts: AuthParts, authenticator: string, scope: Scope): Maybe<boolean> {
  const instance = parts.instances.find((candidate) => candidate.name === authenticator);
  const condition = instance === undefined ? undefined : genericOf(instance).server_mail_auth_condition;
  if (condition === undefined) return true;
  return chain(condition.evaluate(scope), (expansion) => expansion.kind === "value" && !isFalse(expansion.text));
}
