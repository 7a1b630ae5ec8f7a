/** What drivers get of the program: expansion with `$auth1`..., variables of the session, the ports. */
import {
  type AuthHost,
  type AuthenticatorDriver,
  type Maybe,
  type Scope,
  type Services,
  type Text,
  EMPTY,
  chain,
  childScope,
} from "@mailkit/sdk";
import type { GenericValues } from "./generic.ts";

/** An instance as the configuration has it (`AuthenticatorInstance` of `@mailkit/config`). */
export interface AuthInstance {
  readonly name: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- drivers of every options table meet here
  readonly driver: AuthenticatorDriver<any>;
  readonly generic: Readonly<Record<string, unknown>>;
  readonly options: Readonly<Record<string, unknown>>;
  readonly isSet: (option: string) => boolean;
}

export interface AuthParts {
  readonly instances: readonly AuthInstance[];
  readonly host: { readonly services: Services; readonly primaryHostname: string };
}

export function genericOf(instance: AuthInstance): GenericValues {
  return instance.generic as unknown as GenericValues;
}

export function publicName(instance: AuthInstance): string {
  return genericOf(instance).public_name ?? instance.name;
}

export function hostFor(instance: AuthInstance, parts: AuthParts, scope: Scope): AuthHost {
  const { services, primaryHostname } = parts.host;
  return {
    expand: (template, auth) => template.evaluate(auth === undefined ? scope : authScope(scope, auth)),
    random: services.random,
    clock: services.clock,
    sockets: services.sockets,
    primaryHostname,
    mechanism: publicName(instance),
    variable: (name) => textOfVariable(scope, name),
    compile: (source) => services.strings.compile(source),
  };
}

function textOfVariable(scope: Scope, name: string): Maybe<string> {
  return chain(scope.variable(name), (value) => (value !== undefined && "text" in value ? value.text : ""));
}

/** `$auth1`, ... and the deprecated `$1`, ... */
export function authScope(scope: Scope, auth: readonly Text[]): Scope {
  const inner = childScope(
    scope,
    [
      (name) => {
        const number = /^auth([1-9])$/.exec(name)?.[1];
        return number === undefined ? undefined : (auth[Number(number) - 1] ?? EMPTY);
      },
    ],
    true,
  );
  inner.frame.numeric = [EMPTY, ...auth];
  return inner;
}
