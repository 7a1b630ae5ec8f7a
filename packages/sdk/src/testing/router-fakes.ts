/**
 * A small world for routers: files, accounts, hosts and programs as plain data. Answers come at once, or as promises
 * when `later` is set: a driver must not care.
 */
import { lower, tainted } from "../text.ts";
import type { Text } from "../text.ts";
import type { Template } from "../expansion.ts";
import type { DomainList } from "../lists.ts";
import type { Maybe } from "../maybe.ts";
import type { OptionSpec, OptionTable } from "../options.ts";
import type { Scope } from "../scope.ts";
import type { FilterService } from "../filter-service.ts";
import type { HostFinder, HostsFound, HostTarget } from "../host-finder.ts";
import type { RouterAddress, RouterServices, TransportChoice } from "../router.ts";
import type { Account, FileFacts, FileFault, RunRequest, RunResult } from "../services.ts";
import { fakeScope } from "./transport-fakes.ts";

export interface FakeFile {
  readonly text?: string;
  readonly kind?: FileFacts["kind"];
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  /** Reading or asking gives this error. */
  readonly code?: string;
}

export interface FakeWorld {
  /** A string is the content of a file of root with mode 0644. What is not here does not exist. */
  readonly files?: Readonly<Record<string, FakeFile | string>>;
  readonly accounts?: readonly Account[];
  readonly groups?: Readonly<Record<string, number>>;
  /** Addresses by host name; "defer" = could not be asked. */
  readonly hosts?: Readonly<Record<string, readonly string[] | "defer">>;
  /** MX records by domain. */
  readonly mx?: Readonly<Record<string, readonly (readonly [number, string])[] | "defer" | "null">>;
  /** Addresses of this host. */
  readonly local?: readonly string[];
  readonly settings?: Readonly<Record<string, string>>;
  readonly transports?: Readonly<Record<string, "local" | "remote">>;
  /** The generic `transport` of the router. */
  readonly own?: TransportChoice;
  readonly run?: (request: RunRequest) => RunResult;
  readonly filters?: FilterService;
  readonly variables?: Readonly<Record<string, Text | string>>;
  /** Every answer is a promise. */
  readonly later?: boolean;
}

export const FAKE_ACCOUNTS: readonly Account[] = [
  { name: "root", uid: 0, gid: 0, gecos: "root", home: "/root", shell: "/bin/sh" },
  { name: "fred", uid: 1001, gid: 1001, gecos: "Fred", home: "/home/fred", shell: "/bin/sh" },
];

export function fakeRouterAddress(address = "fred@example.com", given: Partial<RouterAddress> = {}): RouterAddress {
  const at = address.lastIndexOf("@");
  const localPart = at < 0 ? address : address.slice(0, at);
  return {
    router: "r1",
    address,
    originalLocalPart: localPart,
    localPart: lower(localPart),
    domain: at < 0 ? "" : address.slice(at + 1),
    prefix: "",
    suffix: "",
    purpose: "deliver",
    ancestors: [],
    sender: "sender@example.org",
    ...given,
  };
}

/** Text with `$name`; "fail" is a forced failure, "error:text" an error, "defer:text" one for now. Answers at once. */
export function textTemplate(source: string): Template {
  const parts = source.split(/(\$\{?\w+\}?)/);
  const constant = parts.length === 1 && !/^(?:fail$|error:|defer:)/.test(source) ? source : undefined;
  return {
    source,
    constant,
    mentions: new Set(parts.filter((part) => part.startsWith("$")).map((part) => part.replace(/[${}]/g, ""))),
    evaluate(scope) {
      if (source === "fail") return { kind: "forcedFailure", message: '"if" failed and "fail" requested' };
      if (source.startsWith("error:")) return { kind: "error", message: source.slice(6), defer: false };
      if (source.startsWith("defer:")) return { kind: "error", message: source.slice(6), defer: true };
      let text = "";
      let isTainted = false;
      for (const part of parts) {
        if (!/^\$\{?\w+\}?$/.test(part)) {
          text += part;
          continue;
        }
        const name = part.replace(/[${}]/g, "");
        const numeric = /^\d+$/.test(name) ? scope.frame.numeric[Number(name)] : undefined;
        const found = numeric ?? scope.frame.items.get(name) ?? (scope.variable(name) as Text | undefined);
        if (found === undefined) return { kind: "error", message: `unknown variable name "${name}"`, defer: false };
        text += found.text;
        isTainted ||= found.tainted;
      }
      return { kind: "value", text, tainted: isTainted };
    },
  };
}

/** Literal items, `*`, `*suffix`, `^regex` and `!`; "defer" as the whole list cannot be said. */
export function textList(source: string): DomainList {
  const items = source
    .split(":")
    .map((item) => item.trim())
    .filter((item) => item !== "");
  return {
    kind: "domain",
    source,
    match(subject, scope) {
      if (source === "defer") return { kind: "defer", message: "lookup deferred" };
      for (const item of items) {
        const bare = item.replace(/^!\s*/, "");
        const regex = bare.startsWith("^") ? new RegExp(bare, "i").exec(subject) : null;
        const hit =
          regex !== null || bare === "*" || lower(bare) === lower(subject) || (bare.startsWith("*") && subject.endsWith(bare.slice(1)));
        if (!hit) continue;
        if (regex !== null) scope.frame.numeric = [...regex].map((text) => tainted(text));
        return item.startsWith("!") ? { kind: "no", item } : { kind: "yes", data: { text: bare, tainted: false }, item };
      }
      return items.at(-1)?.startsWith("!") === true ? { kind: "yes", data: undefined, item: "" } : { kind: "no" };
    },
  };
}

export function fakeRouterServices(address: RouterAddress, world: FakeWorld = {}): RouterServices {
  const answer = <T>(value: T): Maybe<T> => (world.later === true ? Promise.resolve(value) : value);
  const strings = {
    compile: textTemplate,
    expand: (source: string, within: RouterServices["scope"]) => textTemplate(source).evaluate(within),
  };
  const scope = fakeScope(
    {
      local_part: tainted(address.localPart),
      domain: tainted(address.domain),
      local_part_data: address.localPart,
      domain_data: address.domain,
      home: address.home ?? address.account?.home ?? "",
      qualify_recipient: "qualify.test",
      ...world.variables,
    },
    { strings },
  );
  return {
    expand: (template) => answer(template.evaluate(scope)) as Maybe<never>,
    dns: { query: () => answer({ kind: "noDomain", secure: false, ttl: 60 }) },
    files: fakeFiles(world, answer),
    accounts: fakeAccounts(world, answer),
    processes: {
      run: async (request) => world.run?.(request) ?? { kind: "failed", errno: "ENOENT", message: "No such file or directory" },
    },
    lookups: { parse: () => "no lookups here", find: () => answer({ kind: "notFound" }), quote: () => undefined },
    lists: {
      named: () => undefined,
      domain: textList,
      host: () => textList("") as never,
      address: () => textList("") as never,
      localPart: () => textList("") as never,
    },
    strings,
    random: { below: () => 0, octets: (count) => Buffer.alloc(count) },
    clock: { now: () => 1_700_000_000_000, sleep: async () => {} },
    hosts: fakeHosts(world, answer),
    scope,
    setting: (name) => ({ qualify_recipient: "qualify.test", qualify_domain: "qualify.test", ...world.settings })[name],
    trace: { on: false, emit: () => {} },
    transports: { where: (name) => entry(world.transports, name), own: () => answer(world.own ?? { kind: "none" }) },
    filters: world.filters ?? { run: () => answer({ kind: "defer", message: "filtering is not available" }) },
  };
}

/** A driver's or the generic option values: defaults with `given` over them, texts compiled by type. */
export function routerOptionValues(table: OptionTable, given: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const [name, spec] of Object.entries(table)) values[name] = compiled(spec, Object.hasOwn(given, name) ? given[name] : spec.default);
  return values;
}

function compiled(spec: OptionSpec, value: unknown): unknown {
  if (Array.isArray(value) && spec.type === "expanded") return value.map((item) => (typeof item === "string" ? textTemplate(item) : item));
  if (typeof value !== "string") return value;
  switch (spec.type) {
    case "expanded":
      return spec.repeat === "and" ? [textTemplate(value)] : textTemplate(value);
    case "expandedBoolean":
      return textTemplate(value);
    case "domainList":
    case "addressList":
      return textList(value);
    case "localPartList": {
      const list = textList(value);
      return { ...list, matchCaseful: list.match };
    }
    case "hostList": {
      const list = textList(value);
      return { ...list, match: (host: { address: string }, scope: Scope) => list.match(host.address, scope) };
    }
    case "user":
    case "group":
      if (value.includes("$")) return { kind: "template", template: textTemplate(value) };
      return /^\d+$/.test(value) ? { kind: "number", id: Number(value) } : { kind: "name", name: value };
    case "stringList":
      return value.split(":").map((item) => item.trim());
    default:
      return value;
  }
}

/** Keys come from hostile addresses: "constructor" is no entry. */
function entry<T>(table: Readonly<Record<string, T>> | undefined, key: string): T | undefined {
  return table !== undefined && Object.hasOwn(table, key) ? table[key] : undefined;
}

type Answer = <T>(value: T) => Maybe<T>;

export function fakeFiles(world: FakeWorld, answer: Answer): RouterServices["files"] {
  const fault = (code: string): FileFault => ({ code, message: code });
  const find = (path: string): FakeFile | FileFault => {
    const file = entry(world.files, path.replace(/\/\.$/, ""));
    if (file === undefined) return fault("ENOENT");
    const known = typeof file === "string" ? { text: file } : file;
    return known.code === undefined ? known : fault(known.code);
  };
  const read = (path: string): string | FileFault => {
    const file = find(path);
    return "message" in file ? file : ((file as FakeFile).text ?? "");
  };
  return {
    read: (path) => answer(read(path)),
    list: () => answer([] as readonly string[]),
    derived: (path, _what, derive) => {
      const text = read(path);
      return answer(typeof text === "string" ? { value: derive(text) } : text) as Maybe<never>;
    },
    stat: (path) => {
      const file = find(path);
      if ("message" in file) return answer(file);
      const { text = "", kind = "file", mode = 0o644, uid = 0, gid = 0 } = file as FakeFile;
      const facts: FileFacts = { kind, size: text.length, mode, uid, gid, inode: 1, links: 1, mtime: 0, atime: 0, ctime: 0 };
      return answer<FileFacts | FileFault>(facts);
    },
  };
}

export function fakeAccounts(world: FakeWorld, answer: Answer): RouterServices["accounts"] {
  const accounts = world.accounts ?? FAKE_ACCOUNTS;
  const groups = new Map(Object.entries(world.groups ?? { root: 0, mail: 8 }));
  return {
    byName: (name) => answer(accounts.find((account) => account.name === name)),
    byUid: (uid) => answer(accounts.find((account) => account.uid === uid)),
    groupByName: (name) => {
      const gid = groups.get(name);
      return answer(gid === undefined ? undefined : { name, gid, members: [] });
    },
    groupByGid: (gid) => {
      const found = [...groups].find(([, id]) => id === gid);
      return answer(found === undefined ? undefined : { name: found[0], gid });
    },
  };
}

const ADDRESS = /^(?:[\d.]+|[0-9a-f:]*:[0-9a-f:.]*)$/i;

export function fakeHosts(world: FakeWorld, answer: Answer): HostFinder {
  const isLocal = (address: string): boolean => (world.local ?? ["127.0.0.1", "::1"]).includes(address);
  const addressesOf = (name: string): readonly string[] | "defer" | undefined =>
    ADDRESS.test(name) ? [name] : entry(world.hosts, lower(name));
  const found = (hosts: readonly HostTarget[], name: string, local: "no" | "first" | "later"): HostsFound => ({
    kind: "found",
    hosts,
    name,
    local,
    secure: false,
  });
  const byAddress = (name: string): HostsFound => {
    const addresses = addressesOf(name);
    if (addresses === "defer") return { kind: "defer", message: "host lookup did not complete" };
    if (addresses === undefined) return { kind: "notFound", why: "noDomain", message: `no IP address found for host ${name}` };
    const hosts = addresses.map((address) => ({ name, address, fromMx: false }));
    return found(hosts, name, addresses.some(isLocal) ? "first" : "no");
  };
  const mx: HostFinder["mx"] = (question) => {
    const records = question.checkMx ? entry(world.mx, lower(question.domain)) : undefined;
    if (records === "defer" && question.mxFail !== true)
      return answer<HostsFound>({ kind: "defer", message: "host lookup did not complete" });
    if (records === "null") {
      return answer<HostsFound>({ kind: "notFound", why: "nullMx", message: "an MX or SRV record indicated no SMTP service" });
    }
    if (records === undefined || records === "defer") {
      if (question.checkAddress) return answer(byAddress(question.domain));
      return answer<HostsFound>({ kind: "notFound", why: "noMx", message: `${question.domain} has no MX record` });
    }
    const hosts = [...records]
      .sort(([a], [b]) => a - b)
      .flatMap(([preference, name]) => {
        const addresses = addressesOf(name);
        return addresses === undefined || addresses === "defer"
          ? []
          : addresses.map((address) => ({ name, address, mx: preference, fromMx: true }));
      });
    if (hosts.length === 0) {
      return answer<HostsFound>({ kind: "notFound", why: "noHosts", message: "all relevant MX records point to non-existent hosts" });
    }
    const limit = hosts.find((host) => isLocal(host.address))?.mx;
    if (limit === undefined) {
      return answer(
        question.secondaryOnly === true
          ? ({ kind: "notFound", why: "noMx", message: "not secondary" } as const)
          : found(hosts, question.domain, "no"),
      );
    }
    const better = hosts.filter((host) => host.mx < limit);
    return answer(better.length === 0 ? found(hosts, question.domain, "first") : found(better, question.domain, "later"));
  };
  return { mx, addresses: (question) => answer(byAddress(question.name)), isLocal };
}
