/** For tests: routers from plain option texts and the real drivers, in a fake world, under one chain. */
import { childScope } from "@mailkit/sdk";
import type { AddressFacts, RouterDriver, Scope, Services, Template, Text, Tracer } from "@mailkit/sdk";
import { fakeAccounts, fakeFiles, fakeHosts, fakeScope, routerOptionValues, textList, textTemplate } from "@mailkit/sdk/testing";
import type { FakeWorld } from "@mailkit/sdk/testing";
import type { RouterInstance } from "@mailkit/config";
import { makeRouterChain } from "./chain.ts";
import type { RouterChain } from "./chain.ts";
import { genericRouterOptions } from "./generic-options.ts";
import type { RouteRequest, RouterHost } from "./types.ts";

// oxlint-disable-next-line typescript/no-explicit-any -- drivers of every options table meet here
type Drivers = Readonly<Record<string, RouterDriver<any>>>;

export type RouterText = Readonly<Record<string, unknown>> & { readonly driver: string };

export interface Support {
  /** One router: texts as in a configuration, templates where a text will not do. */
  instanceOf(name: string, given: RouterText, line?: number): RouterInstance;
  chainOf(routers: Readonly<Record<string, RouterText>>, world?: TestWorld): TestChain;
}

/** The drivers come from the test files, which may import plugins. */
export function supportFor(drivers: Drivers): Support {
  const one = (name: string, given: RouterText, line = 1): RouterInstance => instanceOf(name, given, line, drivers);
  return { instanceOf: one, chainOf: (routers, world = {}) => chainOf(routers, world, one) };
}

// oxlint-disable-next-line max-params
function instanceOf(name: string, given: RouterText, line: number, drivers: Drivers): RouterInstance {
  const driver = drivers[given.driver];
  if (driver === undefined) throw new Error(`no driver ${given.driver}`);
  const at = { file: "/etc/mailkit.conf", line, column: 1 };
  return {
    name,
    driver,
    at,
    generic: routerOptionValues(genericRouterOptions, given),
    options: routerOptionValues(driver.options, given),
    isSet: (option) => Object.hasOwn(given, option),
    position: (option) => (Object.hasOwn(given, option) ? { ...at, line: line + 1 } : undefined),
    show: () => undefined,
  };
}

export interface TestWorld extends FakeWorld {
  readonly trace?: Tracer;
  readonly host?: Partial<RouterHost>;
}

export interface TestChain extends RouterChain {
  readonly scope: Scope;
  request(address: string, more?: Partial<RouteRequest>): RouteRequest;
}

function chainOf(routers: Readonly<Record<string, RouterText>>, world: TestWorld, one: Support["instanceOf"]): TestChain {
  const answer = <T>(value: T): T => value;
  const strings = { compile: textTemplate, expand: (source: string, within: Scope) => textTemplate(source).evaluate(within) };
  const services = {
    trace: world.trace ?? { on: false, emit: () => {} },
    strings,
    lists: { domain: textList },
    random: { below: () => 0 },
    files: fakeFiles(world, answer),
    accounts: fakeAccounts(world, answer),
  } as unknown as Services;
  const host: RouterHost = {
    services,
    hosts: fakeHosts(world, answer),
    scopeFor,
    setting: (name) => ({ qualify_recipient: "test.ex", qualify_domain: "test.ex" })[name],
    transportWhere: (name) =>
      ({ smtp: "remote", lmtp: "local", file: "local", pipe: "local", other: "remote" })[name] as "local" | undefined,
    ...world.host,
  };
  const instances = Object.entries(routers).map(([name, given], index) => one(name, given, 10 * (index + 1)));
  const scope = fakeScope({ message_id: "1", ...world.variables }, services);
  return {
    ...makeRouterChain({ routers: instances, host }),
    scope,
    request: (address, more) => ({ address, purpose: "deliver", sender: "sender@example.org", scope, ...more }),
  };
}

/** The variables that the tests speak of, as `runtime` will give them. */
export function scopeFor(facts: AddressFacts, base: Scope): Scope {
  const plain = (text: string): Text => ({ text, tainted: true });
  const source = (name: string): Text | undefined => {
    if (name.startsWith("r_")) return facts.variables.get(name) ?? plain("");
    switch (name) {
      case "local_part":
        return plain(facts.localPart);
      case "domain":
        return plain(facts.domain);
      case "local_part_prefix":
        return plain(facts.prefix);
      case "local_part_prefix_v":
        return plain(facts.prefixVariable);
      case "local_part_suffix":
        return plain(facts.suffix);
      case "local_part_data":
        return facts.localPartData ?? plain("");
      case "domain_data":
        return facts.domainData ?? plain("");
      case "address_data":
        return facts.addressData ?? plain("");
      case "parent_local_part":
        return plain(facts.parentLocalPart);
      case "original_local_part":
        return plain(facts.originalLocalPart);
      case "home":
        return facts.home ?? plain("");
      case "self_hostname":
        return plain(facts.selfHostname);
      case "router_name":
        return plain(facts.routerName);
      default:
        return facts.extra.get(name);
    }
  };
  return childScope(base, [source]);
}

/** `${lookup{$local_part}lsearch{...}}`: not tainted, "" when there is no such key. */
export function aliases(table: Readonly<Record<string, string>>): Template {
  return fn((scope) => {
    const key = (scope.variable("local_part") as Text).text;
    return Object.hasOwn(table, key) ? (table[key] as string) : "";
  }, "${lookup{$local_part}lsearch{/etc/aliases}}");
}

export function fn(compute: (scope: Scope) => string, source = "computed"): Template {
  return {
    source,
    constant: undefined,
    mentions: new Set(),
    evaluate: (scope) => ({ kind: "value", text: compute(scope), tainted: false }),
  };
}
