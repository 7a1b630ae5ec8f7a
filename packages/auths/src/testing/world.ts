/** Authenticators with plain data around them: templates that know `$auth1`, `$1` and the given variables. */
import {
  type AuthProgress,
  type ClientStep,
  type Maybe,
  type OptionTable,
  type Scope,
  type Services,
  type Template,
  clean,
  makeScope,
} from "@mailkit/sdk";
import { makeClientAuth } from "../client.ts";
import { authenticatorDrivers } from "../drivers.ts";
import type { AuthInstance } from "../host.ts";
import { makeServerAuth } from "../server.ts";

/** `a==b` is "yes" or "no"; FAIL, ERR and variables as one would think. */
export function fakeTemplate(source: string): Template {
  return {
    source,
    constant: undefined,
    mentions: new Set(),
    evaluate: (scope) => {
      if (source.includes("FAIL")) return { kind: "forcedFailure", message: "forced failure" };
      if (source.includes("ERR")) return { kind: "error", message: "it is broken", defer: false };
      const text = source.replace(/\$([a-z_]+\d?|\d)/g, (_, name: string) => {
        if (/^\d$/.test(name)) return scope.frame.numeric[Number(name)]?.text ?? "";
        const found = scope.variable(name) as { text: string } | undefined;
        return found?.text ?? "";
      });
      const [left, right] = text.split("==");
      return { kind: "value", text: right === undefined ? text : left === right ? "yes" : "no", tainted: false };
    },
  };
}

/** Options as text; what the driver's table calls a template becomes one. */
export function instance(
  name: string,
  driverName: string,
  options: Readonly<Record<string, string | boolean | readonly string[]>>,
): AuthInstance {
  const driver = authenticatorDrivers.get(driverName) as AuthInstance["driver"];
  const values = Object.entries(driver.options as OptionTable).map(([key, row]) => {
    const given = options[key] ?? row.default;
    return [key, row.type === "expanded" && typeof given === "string" ? fakeTemplate(given) : given];
  });
  const generic = Object.entries(options)
    .filter(([key]) => !(key in driver.options))
    .map(([key, text]) => [key, key === "public_name" ? text : fakeTemplate(text as string)]);
  return { name, driver, options: Object.fromEntries(values), generic: Object.fromEntries(generic), isSet: (option) => option in options };
}

let counter = 0;
const services = {
  random: { octets: (count: number) => Buffer.alloc(count, ++counter % 251), below: () => 0 },
  clock: { now: () => 1_700_000_000_000, sleep: async () => {} },
  strings: { compile: fakeTemplate },
  trace: { on: false, emit: () => {} },
} as unknown as Services;

export function scopeWith(variables: Readonly<Record<string, string>> = {}): Scope {
  return makeScope({ services, sources: [(name) => (variables[name] === undefined ? undefined : clean(variables[name]))] });
}

export function server(...instances: AuthInstance[]) {
  return makeServerAuth({ instances, host: { services, primaryHostname: "mx.test" } });
}

export function client(...instances: AuthInstance[]) {
  return makeClientAuth({ instances, host: { services, primaryHostname: "mx.test" } });
}

/** A whole login: responses in turn; what was said last. */
export async function login(
  made: ReturnType<typeof server>,
  mechanism: string,
  responses: readonly (string | undefined)[],
  variables: Readonly<Record<string, string>> = {},
): Promise<{ last: AuthProgress; challenges: string[] }> {
  const scope = scopeWith(variables);
  const [first, ...rest] = responses;
  const challenges: string[] = [];
  let last = await (made?.start(mechanism, first === undefined ? undefined : Buffer.from(first, "latin1"), scope) as Maybe<AuthProgress>);
  for (const response of rest) {
    if (last.kind !== "challenge") break;
    challenges.push(last.octets.toString("latin1"));
    last = await (made?.next(Buffer.from(response ?? "", "latin1"), last.dialogue, scope) as Maybe<AuthProgress>);
  }
  if (last.kind === "challenge") challenges.push(last.octets.toString("latin1"));
  return { last, challenges };
}

/** Lets a client and a server of ours talk until one of them is done. */
export async function talk(
  made: ReturnType<typeof server>,
  theClient: ReturnType<typeof client>,
  mechanism: string,
): Promise<{ server: AuthProgress | undefined; client: ClientStep }> {
  const scope = scopeWith();
  const [candidate] = await theClient.candidates([mechanism], scope);
  let step = (await candidate?.start()) as ClientStep;
  let answer: AuthProgress | undefined;
  for (let i = 0; i < 6 && step.kind === "send"; i++) {
    answer = await (answer === undefined || answer.kind !== "challenge"
      ? made?.start(mechanism, step.octets, scope)
      : made?.next(step.octets ?? Buffer.alloc(0), answer.dialogue, scope));
    if (answer?.kind !== "challenge") break;
    step = (await candidate?.next(answer.octets, step.state)) as ClientStep;
  }
  return { server: answer, client: step };
}
