/** Which hosts are tried, in which order, on which port: `hosts`, `hosts_override`, `fallback_hosts`, `hosts_randomize`. */
import { isIP } from "node:net";
import { splitList, type HostTarget, type Template, trimSpace } from "@mailkit/sdk";
import { defer, done, type Plan, type Step } from "./plan.ts";

/** Hosts in the order of trying; at least one. */
export async function chooseHosts(plan: Plan): Promise<Step<readonly HostTarget[]>> {
  const { job, options, host } = plan;
  const own = options.hosts !== undefined && (options.hosts_override || job.hosts.length === 0);
  if (!own) {
    if (job.hosts.length === 0) return defer(`${job.transport} transport called with no hosts set`, -1);
    const shuffle = options.hosts_randomize && !job.hosts.some((one) => one.fromMx);
    return done(shuffle ? shuffled([...job.hosts], host.random.below) : job.hosts);
  }
  const list = await host.expand(options.hosts as Template);
  if (list.kind !== "value") {
    return defer(`failed to expand list of hosts "${options.hosts?.source ?? ""}" in ${job.transport} transport: ${list.message}`, -27);
  }
  const items = splitList(list.text).items;
  if (items.every((item) => item === "" || item === "+")) {
    return defer(`${job.transport} transport called with no hosts set`, -1);
  }
  return findHosts(plan, items);
}

/** Fallback hosts: the router's, else the transport's; none for a host list from MX that this host was in. */
export async function chooseFallback(plan: Plan): Promise<Step<readonly HostTarget[]>> {
  const given = plan.job.fallbackHosts ?? [];
  const items = given.length > 0 ? given : plan.options.fallback_hosts;
  return items.length === 0 ? done([]) : findHosts(plan, items);
}

/** Groups are parted by `+` and shuffled one by one when hosts_randomize is set (manual §"hosts_randomize"). */
async function findHosts(plan: Plan, items: readonly string[]): Promise<Step<readonly HostTarget[]>> {
  const names = plan.options.hosts_randomize ? shuffledGroups(items, plan.host.random.below) : items.filter((item) => item !== "+");
  const hosts: HostTarget[] = [];
  for (const item of names) {
    if (item === "") continue;
    const found = await findHost(plan, item);
    if (!found.ok) return found;
    hosts.push(...found.value);
  }
  return done(hosts);
}

async function findHost(plan: Plan, item: string): Promise<Step<readonly HostTarget[]>> {
  const { name, port } = cutPort(item);
  const target = (address: string): HostTarget => ({ name, address, fromMx: false, ...(port === undefined ? {} : { port }) });
  const local = (address: string): boolean => !plan.options.allow_localhost && plan.host.hosts.isLocal(address, port);
  if (isIP(name) !== 0) return local(name) ? defer("remote host address is the local host", -1) : done([target(name)]);
  const found = await plan.host.hosts.addresses({ name, byName: plan.options.gethostbyname });
  if (found.kind === "defer") return defer("host lookup did not complete", -1);
  if (found.kind === "notFound") {
    return defer(`failed to lookup IP address for ${name} in ${plan.job.transport} transport`, -1);
  }
  if (found.hosts.some((one) => local(one.address))) return defer("remote host address is the local host", -1);
  return done(found.hosts.map((one) => ({ ...target(one.address), ...(one.secure === undefined ? {} : { secure: one.secure }) })));
}

/** `name`, `name:port`, `[address]:port`, an address alone (manual §"Format of one host item"). */
export function cutPort(item: string): { readonly name: string; readonly port: number | undefined } {
  const bracketed = /^\[([^\]]+)\](?::(\d+))?$/.exec(item);
  if (bracketed !== null) return { name: bracketed[1] as string, port: bracketed[2] === undefined ? undefined : Number(bracketed[2]) };
  if (isIP(item) !== 0) return { name: item, port: undefined };
  const plain = /^(.*?)::?(\d+)$/.exec(item);
  return plain === null ? { name: item, port: undefined } : { name: plain[1] as string, port: Number(plain[2]) };
}

function shuffledGroups(items: readonly string[], below: (limit: number) => number): string[] {
  const result: string[] = [];
  let group: string[] = [];
  for (const item of [...items, "+"]) {
    if (item !== "+") {
      group.push(item);
      continue;
    }
    result.push(...shuffled(group, below));
    group = [];
  }
  return result;
}

function shuffled<T>(items: T[], below: (limit: number) => number): T[] {
  for (let i = items.length - 1; i > 0; i--) {
    const j = below(i + 1);
    [items[i], items[j]] = [items[j] as T, items[i] as T];
  }
  return items;
}

const SERVICES: ReadonlyMap<string, number> = new Map([
  ["smtp", 25],
  ["lmtp", 24],
  ["smtps", 465],
  ["submissions", 465],
  ["submission", 587],
]);

/** The port for hosts that bring none. */
export async function choosePort(plan: Plan): Promise<Step<number>> {
  const { options, host, job } = plan;
  if (options.port === undefined) return done(SERVICES.get(options.protocol) as number);
  const result = await host.expand(options.port);
  if (result.kind !== "value")
    return defer(`failed to expand "${options.port.source}" (port option) in ${job.transport} transport: ${result.message}`, -27);
  const text = trimSpace(result.text);
  if (/^\d+$/.test(text) && Number(text) > 0 && Number(text) < 65_536) return done(Number(text));
  const known = SERVICES.get(text) ?? (await fromServicesFile(plan, text));
  return known === undefined ? defer(`TCP port "${text}" not found for ${job.transport} transport`, -1) : done(known);
}

async function fromServicesFile(plan: Plan, name: string): Promise<number | undefined> {
  const text = await plan.host.files.read("/etc/services");
  if (typeof text !== "string") return undefined;
  for (const line of text.split("\n")) {
    const [first, port, ...aliases] = trimSpace(line.split("#", 1)[0] as string).split(/\s+/);
    const match = /^(\d+)\/tcp$/.exec(port ?? "");
    if (match !== null && (first === name || aliases.includes(name))) return Number(match[1]);
  }
  return undefined;
}
