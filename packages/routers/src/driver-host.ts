/**
 * What a driver gets: the services that it names in `needs`, nothing else. Hosts come through a finder that applies the
 * generic options about hosts (`ignore_target_hosts`, `dnssec_*`), so that no driver has to know them.
 */
import { chain, childScope, tainted } from "@mailkit/sdk";
import type { FilterService, HostFinder, HostsFound, HostTarget, Maybe, RouterNeed, RouterServices, RouterTransports } from "@mailkit/sdk";
import type { GenericRouterOptions } from "./generic-options.ts";
import type { RouterHost } from "./types.ts";
import type { Visit } from "./visit.ts";

export type ServiceMaker = (visit: Visit) => RouterServices;

interface MakerSource {
  readonly needs: readonly RouterNeed[];
  readonly generic: GenericRouterOptions;
  readonly host: RouterHost;
  readonly own: (visit: Visit) => ReturnType<RouterTransports["own"]>;
}

export function serviceMaker({ needs, generic, host, own }: MakerSource): ServiceMaker {
  if (needs.length === 0) return () => NOTHING;
  const services = host.services;
  const makers: { readonly [K in RouterNeed]: (visit: Visit) => RouterServices[K] } = {
    expand: (visit) => (template) => template.evaluate(visit.scope),
    scope: (visit) => visit.scope,
    hosts: (visit) => routerHosts(visit, generic, host.hosts),
    transports: (visit) => ({ where: (name) => host.transportWhere(name), own: () => own(visit) }),
    setting: () => (name) => host.setting(name),
    filters: () => host.filters ?? NO_FILTERS,
    dns: () => services.dns,
    files: () => services.files,
    accounts: () => services.accounts,
    processes: () => services.processes,
    lookups: () => services.lookups,
    lists: () => services.lists,
    strings: () => services.strings,
    random: () => services.random,
    clock: () => services.clock,
    trace: () => services.trace,
  };
  return (visit) => {
    const given: Partial<Record<RouterNeed, unknown>> = {};
    for (const need of needs) given[need] = makers[need](visit);
    // A driver sees what it named: the rest is not there at run time either.
    return given as unknown as RouterServices;
  };
}

const NOTHING = Object.freeze({}) as unknown as RouterServices;

const NO_FILTERS: FilterService = { run: () => ({ kind: "defer", message: "filtering is not available" }) };

function routerHosts(visit: Visit, generic: GenericRouterOptions, finder: HostFinder): HostFinder {
  const ignore = ignorer(visit, generic);
  const secured = <Q extends object>(question: Q, ask: (question: Q & Security) => Maybe<HostsFound>): Maybe<HostsFound> =>
    chain(security(visit, generic), (answer) => {
      if (typeof answer === "string") return { kind: "defer", message: answer };
      const found = ask({ ...question, ...answer });
      return answer.dnssecRequire ? chain(found, insecure) : found;
    });
  return {
    mx: (question) => secured(question, (asked) => finder.mx(ignore === undefined ? asked : { ...asked, ignore })),
    addresses: (question) =>
      secured(question, ({ dnssecRequest, ...asked }) =>
        chain(finder.addresses({ ...asked, dnssec: dnssecRequest }), (found) =>
          ignore === undefined || found.kind !== "found" ? found : withoutIgnored(found, ignore, finder),
        ),
      ),
    isLocal: (address, port) => finder.isLocal(address, port),
  };
}

/** Exim has one text for all answers that are not validated. */
function insecure(found: HostsFound): HostsFound {
  return found.kind === "defer" && found.message.includes("DNSSEC") ? { ...found, message: "host lookup done insecurely" } : found;
}

interface Security {
  readonly dnssecRequest: boolean;
  readonly dnssecRequire: boolean;
}

/** A text is why it cannot be said. */
function security(visit: Visit, generic: GenericRouterOptions): Maybe<Security | string> {
  return chain(matches(generic.dnssec_require_domains, visit), (require) =>
    typeof require === "string"
      ? `dnssec_require_domains ${require}`
      : chain(require || matches(generic.dnssec_request_domains, visit), (request) =>
          typeof request === "string" ? `dnssec_request_domains ${request}` : { dnssecRequest: request, dnssecRequire: require },
        ),
  );
}

function matches(list: GenericRouterOptions["domains"], visit: Visit): Maybe<boolean | string> {
  if (list === undefined) return false;
  if (list.source === "*") return true;
  return chain(list.match(visit.loweredDomain, visit.scope), (result) =>
    result.kind === "defer" || result.kind === "error" ? `check failed: ${result.message}` : result.kind === "yes",
  );
}

type Ignorer = (address: string, name: string) => Maybe<boolean>;

/** `$host_address` is the address that is being checked. A list that cannot be checked ignores nothing. */
function ignorer(visit: Visit, generic: GenericRouterOptions): Ignorer | undefined {
  const list = generic.ignore_target_hosts;
  if (list === undefined) return undefined;
  return (address, name) => {
    const source = (variable: string) => (variable === "host_address" ? tainted(address) : variable === "host" ? tainted(name) : undefined);
    const scope = childScope(visit.scope, [source]);
    return chain(list.match({ address, names: () => ({ kind: "names", names: [name] }) }, scope), (result) => result.kind === "yes");
  };
}

function withoutIgnored(found: Extract<HostsFound, { kind: "found" }>, ignore: Ignorer, finder: HostFinder): Maybe<HostsFound> {
  const kept: HostTarget[] = [];
  const walk = (from: number): Maybe<HostsFound> => {
    for (let i = from; i < found.hosts.length; i++) {
      const host = found.hosts[i] as HostTarget;
      const ignored = ignore(host.address, host.name);
      if (typeof ignored !== "boolean") {
        return ignored.then((yes) => {
          if (!yes) kept.push(host);
          return walk(i + 1);
        });
      }
      if (!ignored) kept.push(host);
    }
    if (kept.length === found.hosts.length) return found;
    if (kept.length === 0) return { kind: "notFound", why: "allIgnored", message: "all the hosts found are in ignore_target_hosts" };
    const local = found.local !== "no" && kept.some((host) => finder.isLocal(host.address, host.port));
    return { ...found, hosts: kept, local: local ? found.local : "no" };
  };
  return walk(0);
}
