/** Fakes for the tests of this package: files, DNS and accounts as plain data. */
import {
  makeScope,
  silent,
  type DnsAnswer,
  type DnsQuestion,
  type FileFacts,
  type FileService,
  type LookupResult,
  type Scope,
  type Services,
  type SocketRequest,
  type Text,
  type TraceEvent,
} from "@mailkit/sdk";
import { builtinLookups } from "./index.ts";
import { makeLookupService, type LookupRunner } from "./service.ts";

export interface World {
  /** A value of null is a directory. */
  readonly files?: Readonly<Record<string, string | null>>;
  /** `TYPE name`. */
  readonly dns?: Readonly<Record<string, DnsAnswer>>;
  readonly settings?: Readonly<Record<string, string>>;
  readonly expansions?: Readonly<Record<string, string | { readonly fail: "forced" | "error" }>>;
  readonly sockets?: (request: SocketRequest) => string | undefined;
  readonly later?: boolean;
}

export interface Bench {
  readonly lookups: LookupRunner;
  readonly scope: Scope;
  readonly asked: DnsQuestion[];
  readonly events: TraceEvent[];
  /** How often each file was parsed. */
  readonly derived: string[];
  /** `find(type, key, file)`. */
  readonly find: (type: string, key: string | Text, file?: string | Text) => LookupResult | Promise<LookupResult>;
}

export function bench(world: World = {}, traced = false): Bench {
  const asked: DnsQuestion[] = [];
  const derived: string[] = [];
  const events: TraceEvent[] = [];
  const files = filesOf(world, derived);
  const host = {
    files,
    dns: {
      query: (question: DnsQuestion) => {
        asked.push(question);
        const answer = world.dns?.[`${question.type} ${question.name}`] ?? ({ kind: "noDomain", secure: false, ttl: 60 } as const);
        return world.later ? Promise.resolve(answer) : answer;
      },
    },
    accounts: {
      byName: (name: string) =>
        name === "root" ? { name, uid: 0, gid: 0, gecos: "King Rat", home: "/root", shell: "/bin/bash" } : undefined,
    },
    sockets: {
      exchange: async (request: SocketRequest) => {
        const reply = world.sockets?.(request);
        return reply === undefined
          ? { kind: "failed", stage: "connect", message: "refused" }
          : { kind: "reply", octets: Buffer.from(reply, "latin1") };
      },
    },
    clock: {},
  } as unknown as Parameters<typeof makeLookupService>[0]["host"];
  const lookups = makeLookupService({ drivers: builtinLookups(), settings: (name) => world.settings?.[name], host });
  const strings = { compile: (source: string) => templateOf(source, world) };
  const trace = traced ? { on: true, emit: (event: TraceEvent) => void events.push(event) } : silent;
  const scope = makeScope({ services: { lookups, strings, trace } as unknown as Services, sources: [] });
  const find: Bench["find"] = (type, key, file) => {
    const spec = lookups.parse(type);
    if (typeof spec === "string") throw new Error(spec);
    return lookups.find(spec, file === undefined ? { key: asText(key) } : { file: asText(file), key: asText(key) }, scope);
  };
  return { lookups, scope, asked, events, derived, find };
}

function asText(value: string | Text): Text {
  return typeof value === "string" ? { text: value, tainted: false } : value;
}

function templateOf(source: string, world: World) {
  const known = world.expansions?.[source];
  const evaluate = () => {
    if (typeof known === "string") return { kind: "value" as const, text: known, tainted: false };
    if (known?.fail === "forced") return { kind: "forcedFailure" as const, message: "forced" };
    return { kind: "error" as const, message: "unknown variable", defer: false };
  };
  const constant = source.includes("$") ? undefined : source.replace(/\\N(.*?)\\N/g, "$1");
  return { source, constant, mentions: new Set<string>(), evaluate };
}

function filesOf(world: World, derived: string[]): Pick<FileService, "derived" | "stat"> {
  const kept = new Map<string, unknown>();
  const absent = { code: "ENOENT", message: "No such file or directory" };
  return {
    derived<T>(path: string, what: string, derive: (content: string) => T) {
      const content = world.files?.[path];
      if (content === undefined) return absent;
      if (content === null) return { code: "EISDIR", message: "Is a directory" };
      const key = `${path} ${what}`;
      if (!kept.has(key)) {
        derived.push(key);
        kept.set(key, derive(content));
      }
      return { value: kept.get(key) as T };
    },
    stat(path) {
      const content = world.files?.[path];
      if (content === undefined) return absent;
      return { kind: content === null ? "directory" : "file" } as FileFacts;
    },
  };
}
