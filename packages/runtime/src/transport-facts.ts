/** What planning and retry need to know of each transport of the configuration, worked out once. */
import type { RoutedAddress, TransportFacts, TransportRetryOptions } from "@mailkit/delivery";
import type { TransportInstance } from "@mailkit/config";
import type { Scope, Template } from "@mailkit/sdk";
import { isPromise } from "@mailkit/sdk";

export interface TransportTable {
  facts(name: string): TransportFacts;
  retry(name: string): TransportRetryOptions;
  where(name: string): "local" | "remote" | undefined;
}

export function transportTable(
  transports: ReadonlyMap<string, TransportInstance>,
  scopeOf: (address: RoutedAddress) => Scope,
): TransportTable {
  const facts = new Map([...transports].map(([name, instance]) => [name, factsOf(instance, scopeOf)]));
  const retry = new Map([...transports].map(([name, instance]) => [name, retryOf(instance)]));
  return {
    facts: (name) => facts.get(name) ?? UNKNOWN,
    retry: (name) => retry.get(name) ?? { remote: false, useLocalPart: true, includeSender: false },
    where: (name) => transports.get(name)?.driver.where,
  };
}

const UNKNOWN: TransportFacts = {
  remote: false,
  batchMax: 1,
  multiDomain: () => true,
  dependsOnLocalPart: true,
  dependsOnDomain: true,
  batchId: () => undefined,
};

const LOCAL_PART = [
  "local_part",
  "local_part_data",
  "local_part_prefix",
  "local_part_suffix",
  "original_local_part",
  "home",
  "address_data",
  "local_user_uid",
  "local_user_gid",
];
const DOMAIN = ["domain", "domain_data", "original_domain"];

function factsOf(instance: TransportInstance, scopeOf: (address: RoutedAddress) => Scope): TransportFacts {
  const mentioned = new Set<string>();
  for (const table of [instance.generic, instance.options])
    for (const [option, value] of Object.entries(table))
      if (instance.isSet(option)) for (const name of mentions(value)) mentioned.add(name);
  return {
    remote: instance.driver.where === "remote",
    batchMax: instance.driver.batchMax?.(instance.options) ?? 1,
    multiDomain: (address) => multiDomain(instance.options["multi_domain"], address, scopeOf),
    dependsOnLocalPart: LOCAL_PART.some((name) => mentioned.has(name)),
    dependsOnDomain: DOMAIN.some((name) => mentioned.has(name)),
    batchId: (address) => batchId(instance.options["batch_id"] as Template | undefined, address, scopeOf),
  };
}

function mentions(value: unknown): Iterable<string> {
  return typeof value === "object" && value !== null && "mentions" in value ? (value as Template).mentions : [];
}

type ScopeOf = (address: RoutedAddress) => Scope;

/** What is no "no" lets the domains mix: a failed expansion as well. */
function multiDomain(setting: unknown, address: RoutedAddress, scopeOf: ScopeOf): boolean {
  if (typeof setting === "boolean" || setting === undefined) return setting !== false;
  const text = expandedNow(setting as Template, address, scopeOf)
    ?.trim()
    .toLowerCase();
  return text !== "no" && text !== "false";
}

function batchId(template: Template | undefined, address: RoutedAddress, scopeOf: ScopeOf): string | undefined {
  return template === undefined ? undefined : expandedNow(template, address, scopeOf);
}

/** Planning does not wait: an expansion that would have to gives nothing. */
function expandedNow(template: Template, address: RoutedAddress, scopeOf: ScopeOf): string | undefined {
  const value = template.evaluate(scopeOf(address));
  return !isPromise(value) && value.kind === "value" ? value.text : undefined;
}

/** `retry_use_local_part` is true for local transports unless it is set; `address_retry_include_sender` is one of smtp. */
function retryOf(instance: TransportInstance): TransportRetryOptions {
  const remote = instance.driver.where === "remote";
  const own = instance.generic["retry_use_local_part"];
  return {
    remote,
    useLocalPart: instance.isSet("retry_use_local_part") ? own === true : !remote,
    includeSender: remote && instance.options["address_retry_include_sender"] !== false,
  };
}
