/** Fakes for the tests of this package: everything outside is plain data. */
import { chain, clean, makeScope, silent, tainted } from "@mailkit/sdk";
import type {
  AclAnswer,
  CompiledList,
  Expansion,
  LookupResult,
  Maybe,
  RunRequest,
  RunResult,
  Scope,
  ScopeParts,
  Services,
  SocketRequest,
  Text,
  TraceEvent,
  Tracer,
} from "@mailkit/sdk";
import { compile, makeStringService } from "./template.ts";

export interface World {
  readonly variables?: Readonly<Record<string, Text>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
  readonly lists?: Readonly<Record<string, string>>;
  readonly acls?: Readonly<Record<string, AclAnswer>>;
  readonly run?: (request: RunRequest) => RunResult;
  readonly exchange?: (request: SocketRequest) => Awaited<ReturnType<Services["sockets"]["exchange"]>>;
  readonly settings?: Services["expansion"];
  readonly now?: number;
  readonly events?: TraceEvent[];
  readonly trace?: Tracer;
  /** Whatever can wait does wait. */
  readonly slow?: boolean;
}

export const NOW = Date.UTC(2026, 10, 24, 4, 8, 59, 293);

export function world(parts: World = {}): Scope {
  const later = <T>(result: T): Maybe<T> => (parts.slow === true ? Promise.resolve(result) : result);
  const missing = { code: "ENOENT", message: "No such file or directory" };
  const read = (path: string): string | typeof missing => parts.files?.[path] ?? missing;
  const facts = {
    kind: "file",
    size: 3,
    mode: 0o100644,
    uid: 0,
    gid: 8,
    inode: 7,
    links: 1,
    mtime: 1500,
    atime: 2000,
    ctime: 3999,
  } as const;
  const services: Partial<Services> = {
    clock: { now: () => parts.now ?? NOW, sleep: () => Promise.resolve() },
    random: { below: (limit) => limit - 1, octets: (count) => Buffer.alloc(count, 1) },
    files: {
      read: (path) => later(read(path)),
      stat: (path) => later(typeof read(path) === "string" ? facts : missing),
      list: () => missing,
      derived: () => missing,
    },
    processes: { run: (request) => Promise.resolve(parts.run?.(request) ?? { kind: "failed", errno: "ENOENT", message: "not there" }) },
    sockets: {
      exchange: (request) => Promise.resolve(parts.exchange?.(request) ?? { kind: "failed", stage: "connect", message: "connect ENOENT" }),
    },
    lookups: {
      parse: (written) => lookupSpec(written),
      find: (_, { file, key }) => later(findLine(file === undefined ? "" : read(file.text), key.text)),
      quote: (type, text, option) =>
        option !== undefined ? { fault: `"${option}" unrecognized` } : type === "q" ? text.replaceAll("'", "''") : undefined,
      authenticate: (type, { text }) => {
        if (type !== "ldap") return undefined;
        return later(
          text === "down" ? { kind: "defer", message: "the server is away" } : { kind: text === "good" ? "accepted" : "refused" },
        );
      },
    },
    lists: {
      named: (kind, name) =>
        parts.lists?.[`${kind}:${name}`] === undefined ? undefined : fakeList(kind, parts.lists[`${kind}:${name}`] as string),
      domain: (source) => fakeList("domain", source) as never,
      host: (source) => fakeList("host", source) as never,
      address: (source) => fakeList("address", source) as never,
      localPart: (source) => fakeList("localpart", source) as never,
    },
    acls: { run: (name) => later(parts.acls?.[name] ?? { kind: "error", message: "" }) },
    strings: makeStringService(),
    trace: parts.trace ?? (parts.events === undefined ? silent : { on: true, emit: (event) => parts.events?.push(event) }),
    ...(parts.settings !== undefined && { expansion: parts.settings }),
  };
  const scope: ScopeParts = {
    services: services as Services,
    sources: [(name) => (Object.hasOwn(parts.variables ?? {}, name) ? later(parts.variables?.[name]) : undefined)],
    header: (_, name) => (Object.hasOwn(parts.headers ?? {}, name) ? tainted(parts.headers?.[name] as string) : undefined),
  };
  return makeScope(scope);
}

function lookupSpec(written: string): ReturnType<Services["lookups"]["parse"]> {
  const type = /^(?:partial-)?(lsearch|q)$/.exec(written)?.[1];
  if (type === undefined) return `unknown lookup type "${written}"`;
  return { type, style: type === "q" ? "query" : "single-key", starDefault: "none", options: "" };
}

/** Lines `key: value`; the key `*` gives captures, as partial matching does. */
function findLine(content: string | { message: string }, key: string): LookupResult {
  if (typeof content !== "string") return { kind: "defer", message: "failed to open /gone for linear search: No such file or directory" };
  if (key === "/d") return { kind: "defer", message: "/d is not a regular file (lsearch lookup)" };
  if (key === "down") return { kind: "defer", message: "the server is away" };
  const line = content.split("\n").find((candidate) => candidate.startsWith(`${key}: `));
  if (line === undefined) return { kind: "notFound" };
  return { kind: "found", text: line.slice(key.length + 2), ...(key === "wild" && { captures: ["w", "ild"] }) };
}

function fakeList(kind: CompiledList["kind"], source: string): CompiledList {
  const match = (subject: unknown, scope: Scope): Maybe<{ kind: "yes"; data: Text; item: string } | { kind: "no" }> => {
    const text = typeof subject === "string" ? subject : ((subject as { address?: string }).address ?? "");
    return chain(compile(source).evaluate(scope), (list) => {
      const items = list.kind === "value" ? list.text.split(":") : [];
      const item = items.map((one) => one.trim()).find((one) => one === text);
      return item === undefined ? { kind: "no" } : { kind: "yes", data: clean(item), item };
    });
  };
  return { kind, source, match, matchCaseful: match } as never;
}

/** The text, or `Failed: ...`, or `Forced: ...`. */
export function show(result: Expansion): string {
  if (result.kind === "value") return result.text;
  return `${result.kind === "error" ? "Failed" : "Forced"}: ${result.message}`;
}

export function expand(source: string, scope: Scope = world()): Maybe<string> {
  return chain(compile(source).evaluate(scope), show);
}
