/** The resolver and the finder of hosts, as the configuration and the machine want them. */
import {
  defaultValidName,
  findHostNames,
  interfaceAddresses,
  makeHostFinder,
  makeResolver,
  parseResolvConf,
  parseServers,
  withDnsRules,
} from "@mailkit/dns-mx";
import type { FinderOptions, Resolver } from "@mailkit/dns-mx";
import type { MainSettings } from "@mailkit/config";
import { chain, compileRegex } from "@mailkit/sdk";
import type { DnsService, DomainList, HostFinder, HostNames, Maybe, Scope, Services, SessionFacts } from "@mailkit/sdk";
import { readFileSync } from "node:fs";
import { networkInterfaces } from "node:os";

export interface DnsParts {
  readonly main: MainSettings;
  readonly env: NodeJS.ProcessEnv;
  readonly base: Pick<Services, "clock" | "random" | "files" | "trace">;
  /** A scope for lists that have no message (`dns_again_means_nonexist`). */
  readonly scope: () => Scope;
}

export interface Dns {
  readonly service: DnsService;
  readonly hosts: HostFinder;
  readonly finder: FinderOptions;
  /** Names of a peer that lead back to it; remembered in its facts. */
  lookupHost(session: SessionFacts): Maybe<HostNames>;
  close(): void;
}

export function makeDns(parts: DnsParts): Dns {
  const { main, base } = parts;
  const { resolver, search } = openResolver(parts);
  const again = main.list("dns_again_means_nonexist") as DomainList | undefined;
  const service = withDnsRules(resolver, {
    validName: validNames(main),
    trace: base.trace,
    ...(again === undefined ? {} : { againMeansNonexist: (name: string) => matches(again, name, parts) }),
  });
  const finder = finderOptions(parts, service, search);
  return {
    service,
    finder,
    hosts: makeHostFinder(finder),
    lookupHost: (session) => hostNames(session, finder),
    close: () => resolver.close(),
  };
}

function openResolver({ main, env, base }: DnsParts): { resolver: Resolver; search: readonly string[] } {
  const system = parseResolvConf(readText("/etc/resolv.conf"));
  const given = env.MAILKIT_DNS === undefined ? undefined : parseServers(env.MAILKIT_DNS);
  if (typeof given === "string") throw new Error(`MAILKIT_DNS: ${given}`);
  const retrans = main.number("dns_retrans");
  const retry = main.number("dns_retry");
  const resolver = makeResolver({
    ...system,
    ...(given === undefined ? {} : { servers: given }),
    clock: base.clock,
    random: base.random,
    ...(retrans > 0 ? { retrans } : {}),
    ...(retry > 0 ? { retry } : {}),
    cnameLoops: main.number("dns_cname_loops"),
  });
  return { resolver, search: (system as { search?: readonly string[] }).search ?? [] };
}

function validNames(main: MainSettings): ((name: string) => boolean) | undefined {
  const pattern = main.text("dns_check_names_pattern");
  if (pattern === "") return undefined;
  if (pattern === undefined || !main.isSet("dns_check_names_pattern")) return defaultValidName;
  const compiled = compileRegex(pattern.replace(/^\\N|\\N$/g, ""), { caseless: true });
  return compiled.ok ? (name) => compiled.regex.test(name) : defaultValidName;
}

function matches(list: DomainList | undefined, name: string, parts: DnsParts): Maybe<boolean> {
  return list === undefined ? false : chain(list.match(name, parts.scope()), (result) => result.kind === "yes");
}

function finderOptions(parts: DnsParts, dns: DnsService, search: readonly string[]): FinderOptions {
  const { main, base } = parts;
  const own = main.items("local_interfaces").concat(main.items("extra_local_interfaces"));
  const listed = own.map((item) => item.replace(/^\[|\](?::\d+)?$|\.\d+$(?<=(?:\d+\.){4}\d+)/g, ""));
  const local = main.list("hosts_treat_as_local") as DomainList | undefined;
  const ipv4 = main.list("dns_ipv4_lookup") as DomainList | undefined;
  const validName = validNames(main);
  return {
    dns,
    ...(validName === undefined ? {} : { validName }),
    random: base.random,
    files: base.files,
    isInterface: interfaceAddresses(base.clock, { listed }),
    ...(local === undefined ? {} : { treatAsLocal: (name: string) => matches(local, name, parts) }),
    ...(ipv4 === undefined ? {} : { ipv4Lookup: (domain: string) => matches(ipv4, domain, parts) }),
    disableIpv6: main.flag("disable_ipv6"),
    allowMxToIp: main.flag("allow_mx_to_ip"),
    search,
    hostLookupOrder: main.items("host_lookup_order").filter((method) => method === "bydns" || method === "byaddr"),
  };
}

function hostNames(session: SessionFacts, finder: FinderOptions): Maybe<HostNames> {
  if (session.peer === undefined) return { kind: "names", names: [] };
  if (session.hostNames !== undefined && session.hostNames.length > 0) return { kind: "names", names: session.hostNames };
  if (session.hostLookup === "failed") return { kind: "unknown", message: `no host name found for IP address ${session.peer.address}` };
  return chain(findHostNames(session.peer.address, finder), (found) => {
    session.hostLookup = found.kind === "names" ? "ok" : found.kind === "unknown" ? "failed" : "deferred";
    session.hostNames = found.kind === "names" ? found.names : [];
    return found;
  });
}

/** Addresses of this machine's interfaces, for `@[]`. */
export function machineAddresses(): readonly string[] {
  return Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map((one) => one.address));
}

function readText(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}
