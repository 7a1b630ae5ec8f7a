/** AUTH on the client: which authenticators fit what the server offers (manual §"Authentication by an Exim client"). */
import {
  type ClientAuthCandidate,
  type ClientAuthService,
  type ClientStep,
  type Maybe,
  type Scope,
  chain,
  equalCaseless,
  mapInOrder,
} from "@mailkit/sdk";
import { type AuthInstance, type AuthParts, genericOf, hostFor, publicName } from "./host.ts";
import { isFalse } from "./truth.ts";

export function makeClientAuth(parts: AuthParts): ClientAuthService {
  const instances = parts.instances.filter(isClient);
  return {
    candidates(offered, scope) {
      const named = instances.filter((instance) => offered.some((name) => equalCaseless(name, publicName(instance))));
      const willing = mapInOrder(named, (instance) =>
        chain(isWilling(instance, scope), (yes) => (yes ? candidate(instance, parts, scope) : undefined)),
      );
      return chain(willing, (found) => found.filter((one) => one !== undefined));
    },
  };
}

function isClient(instance: AuthInstance): boolean {
  const { driver } = instance;
  return driver.clientStart !== undefined && Object.keys(driver.options).some((name) => name.startsWith("client_") && instance.isSet(name));
}

/** A condition that cannot be expanded passes the authenticator over, like one that is false. */
function isWilling(instance: AuthInstance, scope: Scope): Maybe<boolean> {
  const condition = genericOf(instance).client_condition;
  if (condition === undefined) return true;
  return chain(condition.evaluate(scope), (expansion) => expansion.kind === "value" && !isFalse(expansion.text));
}

function candidate(instance: AuthInstance, parts: AuthParts, scope: Scope): ClientAuthCandidate {
  const host = hostFor(instance, parts, scope);
  const options = instance.options as never;
  return {
    name: instance.name,
    mechanism: publicName(instance),
    ignoreInvalidBase64: instance.options["client_ignore_invalid_base64"] === true,
    start: () => instance.driver.clientStart?.(options, host) as Maybe<ClientStep>,
    next: (challenge, state) =>
      instance.driver.clientNext?.(challenge, state, options, host) ?? {
        kind: "cancel",
        message: "the server asks for more than the mechanism has",
      },
    id: () => {
      const template = genericOf(instance).client_set_id;
      if (template === undefined) return undefined;
      return chain(host.expand(template), (expansion) => (expansion.kind === "value" ? expansion.text : undefined));
    },
  };
}
