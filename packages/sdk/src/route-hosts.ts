/**
 * The list of hosts of manualroute, queryprogram and `fallback_hosts` (manual §"Format of one host item", §"How the list
 * of hosts is used"): cut into items, shuffled in groups, looked up. Shared, so that a stranger's router means the same.
 */
import { splitList } from "./list-text.ts";
import { chain } from "./maybe.ts";
import type { Maybe } from "./maybe.ts";
import type { HostFinder, HostsFound, HostTarget } from "./host-finder.ts";
import type { Random } from "./services.ts";

export interface HostItem {
  readonly name: string;
  readonly port?: number;
  /** `name/MX`: stands for the hosts of its MX records. */
  readonly mx: boolean;
}

export interface RouteHostsQuestion {
  /** Groups separated by an item "+"; see `splitHostItems`. */
  readonly items: readonly HostItem[];
  readonly byName?: boolean;
  readonly byDns?: boolean;
  readonly ipv4Only?: boolean;
  readonly ipv4Prefer?: boolean;
  /** `host_find_failed = ignore`: hosts without an address are left out. */
  readonly ignoreMissing: boolean;
}

export type RouteHosts =
  | {
      readonly kind: "found";
      readonly hosts: readonly HostTarget[];
      /** The first item is this host: the generic option `self` decides. */
      readonly localHost?: { readonly name: string; readonly message: string };
    }
  /** A host does not exist. */
  | { readonly kind: "missing"; readonly name: string }
  /** Every host was left out, or there was none. */
  | { readonly kind: "none" }
  | { readonly kind: "defer"; readonly message: string };

/** Items in the order of use; with `random` each group is shuffled (manual §"Private options for manualroute", `hosts_randomize`). */
export function splitHostItems(list: string, random?: Random): HostItem[] {
  const items: HostItem[] = [];
  let group: HostItem[] = [];
  const close = (): void => {
    if (random !== undefined) shuffle(group, random);
    items.push(...group);
    group = [];
  };
  for (const text of splitList(list).items) {
    if (text === "+") close();
    else if (text !== "") group.push(parseHostItem(text));
  }
  close();
  return items;
}

/** `name`, `name:25`, `10.0.0.1`, `::1`, `[::1]:25`, each but the addresses with `/MX`. Total. */
export function parseHostItem(text: string): HostItem {
  const bracketed = /^\[([^\]]*)\](?::(\d+))?$/.exec(text);
  if (bracketed !== null) return { name: bracketed[1] as string, mx: false, ...portOf(bracketed[2]) };
  const colon = text.indexOf(":");
  const last = text.lastIndexOf(":");
  // More than one colon is an IPv6 address, and those carry a port in brackets only.
  const withPort = colon >= 0 && colon === last && /^\d+$/.test(text.slice(colon + 1));
  const host = withPort ? text.slice(0, colon) : text;
  const mx = /\/mx$/i.test(host);
  return { name: mx ? host.slice(0, -3) : host, mx, ...portOf(withPort ? text.slice(colon + 1) : undefined) };
}

function portOf(text: string | undefined): { readonly port?: number } {
  const port = Number(text);
  return text === undefined || port < 1 || port > 65535 ? {} : { port };
}

function shuffle(items: HostItem[], random: Random): void {
  for (let i = items.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [items[i], items[j]] = [items[j] as HostItem, items[i] as HostItem];
  }
}

/**
 * Looks the items up in order. This host ends the list when it is not the first (manual §"How the list of hosts is used");
 * when it is, `self` decides, and `self = send` takes it wherever it stands.
 */
export function findRouteHosts(question: RouteHostsQuestion, finder: HostFinder): Maybe<RouteHosts> {
  const hosts: HostTarget[] = [];
  let localHost: { name: string; message: string } | undefined;
  const walk = (from: number): Maybe<RouteHosts> => {
    const item = question.items[from];
    if (item === undefined) return hosts.length === 0 ? { kind: "none" } : found();
    return chain(lookUp(item, question, finder), (answer): Maybe<RouteHosts> => {
      if (answer.kind === "defer") return { kind: "defer", message: answer.message };
      if (answer.kind === "notFound") return question.ignoreMissing ? walk(from + 1) : { kind: "missing", name: item.name };
      if (answer.local === "first" && hosts.length > 0 && localHost === undefined) return found();
      if (answer.local === "first") localHost ??= { name: answer.hosts[0]?.name ?? item.name, message: localMessage(item) };
      for (const host of answer.hosts) hosts.push(item.port === undefined ? host : { ...host, port: item.port });
      return walk(from + 1);
    });
  };
  const found = (): RouteHosts => ({ kind: "found", hosts, ...(localHost === undefined ? {} : { localHost }) });
  return walk(0);
}

function localMessage(item: HostItem): string {
  return item.mx ? "lowest numbered MX record points to local host" : "remote host address is the local host";
}

function lookUp(item: HostItem, question: RouteHostsQuestion, finder: HostFinder): Maybe<HostsFound> {
  const { ipv4Only, ipv4Prefer, byName, byDns } = question;
  const family = { ...(ipv4Only === undefined ? {} : { ipv4Only }), ...(ipv4Prefer === undefined ? {} : { ipv4Prefer }) };
  if (item.mx) return finder.mx({ domain: item.name, checkMx: true, checkAddress: false, ...family });
  return finder.addresses({
    name: item.name,
    ...family,
    ...(byName === undefined ? {} : { byName }),
    ...(byDns === undefined ? {} : { byDns }),
  });
}
