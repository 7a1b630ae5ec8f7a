/** Plain-data fakes for the tests of this package: templates, lookups, files, named lists. */
import {
  makeScope,
  type CompiledList,
  type Expansion,
  type FileService,
  type HostNames,
  type HostSubject,
  type ListKind,
  type LookupResult,
  type LookupService,
  type LookupSpec,
  type Scope,
  type Services,
  type Template,
  type TraceEvent,
} from "@mailkit/sdk";
import { compileList, type CheckedList, type CompileListOptions } from "./compile-list.ts";
import type { ListEnvironment } from "./environment.ts";

export interface World {
  readonly files?: Readonly<Record<string, string>>;
  /** Single-key: `type;file;key`; query: `type;query`. A value that begins with `defer:` defers. */
  readonly lookups?: Readonly<Record<string, string>>;
  /** `domain:name` and so on. */
  readonly named?: Readonly<Record<string, string>>;
  readonly cached?: ReadonlySet<string>;
  /** Values of expansions by their whole source, for sources with `$`. */
  readonly expansions?: Readonly<Record<string, Expansion>>;
  readonly addresses?: Readonly<Record<string, readonly string[] | "defer">>;
  readonly mx?: Readonly<Record<string, readonly string[]>>;
  readonly local?: readonly string[];
}

export interface Bench {
  readonly scope: Scope;
  readonly events: TraceEvent[];
  /** How often each template was evaluated. */
  readonly evaluated: Map<string, number>;
  readonly asked: string[];
  readonly list: <K extends ListKind>(kind: K, source: string, more?: Partial<CompileListOptions>) => ReturnType<typeof compileList<K>>;
}

export function bench(world: World = {}, traced = false): Bench {
  const events: TraceEvent[] = [];
  const evaluated = new Map<string, number>();
  const asked: string[] = [];
  const compile = (source: string): Template => template(source, world, evaluated);
  const options: CompileListOptions = { environment: environmentOf(world), compile };
  const list = <K extends ListKind>(kind: K, source: string, more: Partial<CompileListOptions> = {}) =>
    compileList(kind, source, { ...options, ...more });
  const named = new Map<string, CheckedList>();
  for (const [key, source] of Object.entries(world.named ?? {})) {
    const [kind, name] = key.split(":") as [ListKind, string];
    named.set(key, list(kind, source, { name, alwaysCache: world.cached?.has(key) ?? false }));
  }
  const services = {
    files: filesOf(world),
    lookups: lookupsOf(world, asked),
    lists: { named: (kind: ListKind, name: string): CompiledList | undefined => named.get(`${kind}:${name}`) },
    trace: { on: traced, emit: (event: TraceEvent) => void events.push(event) },
  } as unknown as Services;
  return { scope: makeScope({ services, sources: [] }), events, evaluated, asked, list };
}

export function host(address: string | undefined, names: HostNames = { kind: "unknown", message: "no host name found" }): HostSubject {
  return { address, names: () => names };
}

function template(source: string, world: World, evaluated: Map<string, number>): Template {
  const plain = source.replace(/\\N(.*?)\\N/gs, "$1");
  const constant = source.includes("$") && world.expansions?.[source] !== undefined ? undefined : plain;
  const evaluate = (): Expansion => {
    evaluated.set(source, (evaluated.get(source) ?? 0) + 1);
    return world.expansions?.[source] ?? { kind: "value", text: plain, tainted: false };
  };
  return { source, constant, mentions: new Set(), evaluate };
}

export function environmentOf(world: World): ListEnvironment {
  return {
    primaryHostname: () => "MyHost.ex",
    localAddresses: () => world.local ?? ["127.0.0.1", "::1"],
    isLocalMx: ({ domain, which }) => ({ kind: world.mx?.[domain]?.includes(which) ? "yes" : "no" }),
    addressesOf: (name) => {
      const found = world.addresses?.[name];
      if (found === "defer") return { kind: "defer", message: "host lookup deferred" };
      return found === undefined ? { kind: "unknown" } : { kind: "found", addresses: found };
    },
  };
}

function filesOf(world: World): Pick<FileService, "derived"> {
  const kept = new Map<string, unknown>();
  return {
    derived<T>(path: string, what: string, derive: (content: string) => T) {
      const content = world.files?.[path];
      if (content === undefined) return { code: "ENOENT", message: "No such file or directory" };
      const key = `${path} ${what}`;
      if (!kept.has(key)) kept.set(key, derive(content));
      return { value: kept.get(key) as T };
    },
  };
}

const SINGLE_KEY: ReadonlySet<string> = new Set(["lsearch", "dbm", "iplsearch"]);

function lookupsOf(world: World, asked: string[]): LookupService {
  return {
    parse(written): LookupSpec | string {
      const [, partial, type = "", star = ""] = /^(partial\d*-)?(\w+)(\*@?)?/.exec(written) ?? [];
      const style = SINGLE_KEY.has(type) ? "single-key" : "query";
      if (style === "query" && type !== "passwd") return `unknown lookup type "${type}"`;
      const starDefault = star as LookupSpec["starDefault"];
      const spec: LookupSpec = {
        type,
        style,
        starDefault: starDefault === undefined || (star as string) === "" ? "none" : starDefault,
        options: "",
      };
      return partial === undefined ? spec : { ...spec, partial: { minimum: 2, affix: "*." } };
    },
    find(spec, where): LookupResult {
      const prefix = spec.style === "single-key" ? `${spec.type};${where.file?.text};` : `${spec.type};`;
      asked.push(prefix + where.key.text + (where.file?.tainted ? " tainted" : ""));
      for (const key of keysOf(spec, where.key.text)) {
        const found = world.lookups?.[prefix + key.text];
        if (found?.startsWith("defer:")) return { kind: "defer", message: found.slice(6) };
        if (found !== undefined)
          return key.captures ? { kind: "found", text: found, captures: key.captures } : { kind: "found", text: found };
      }
      return { kind: "notFound" };
    },
    quote: () => undefined,
  };
}

function keysOf(spec: LookupSpec, key: string): { text: string; captures?: string[] }[] {
  const keys: { text: string; captures?: string[] }[] = [spec.partial ? { text: key, captures: ["", key] } : { text: key }];
  if (spec.partial) {
    const parts = key.split(".");
    for (let i = 0; i + 2 <= parts.length; i++) {
      const fixed = parts.slice(i).join(".");
      keys.push({ text: `*.${fixed}`, captures: [parts.slice(0, i).join("."), fixed] });
    }
  }
  if (spec.starDefault === "*@") keys.push({ text: key.replace(/^.*@/, "*@") });
  if (spec.starDefault !== "none") keys.push({ text: "*" });
  return keys;
}
