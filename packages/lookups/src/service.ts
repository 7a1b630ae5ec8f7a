/**
 * Runs lookups: which keys are tried, what is refused, what is kept, what comes back. How one key is found in one file
 * or database is the driver's business. Deferred and not found stay apart all the way.
 */
import {
  chain,
  clean,
  isPromise,
  type LookupDriver,
  type LookupHost,
  type LookupQuestion,
  type LookupResult,
  type LookupService,
  type LookupSpec,
  type Maybe,
  type Scope,
  lookupOption,
} from "@mailkit/sdk";
import { keysOf, type TriedKey } from "./keys.ts";
import { parseLookupType } from "./parse-type.ts";

export interface LookupServiceParts {
  readonly drivers: readonly LookupDriver[];
  /** Main options such as `sqlite_dbfile`, expanded. */
  readonly settings: (name: string, scope: Scope) => string | undefined;
  readonly host: Omit<LookupHost, "setting" | "scope">;
}

/** The service, with what its owner needs at the end. */
export interface LookupRunner extends LookupService {
  readonly types: readonly string[];
  /** Closes files and connections of all drivers. */
  close(): Promise<void>;
}

export function makeLookupService(parts: LookupServiceParts): LookupRunner {
  const drivers = new Map(parts.drivers.map((driver) => [driver.name, driver]));
  return {
    types: [...drivers.keys()],
    parse: (written) => parseLookupType(written, drivers),
    quote: (type, text, options) => {
      const driver = drivers.get(type);
      if (options !== undefined && driver?.quoteOptions?.includes(options) !== true) {
        return { fault: `"${options}" unrecognized after "\${quote_${type}"` };
      }
      return driver?.quote?.(text, options);
    },
    authenticate: (type, query, scope) =>
      drivers.get(type)?.authenticate?.({ file: "", key: query.text, options: "", tainted: query.tainted }, hostFor(parts, scope)),
    find: (spec, where, scope) => {
      const driver = drivers.get(spec.type);
      if (driver === undefined) return { kind: "defer", message: `unknown lookup type "${spec.type}"` };
      if (!scope.services.trace.on) return chain(find({ driver, spec, where, parts }, scope), (found) => withVariables(found, scope));
      const seen: Seen = { answered: false, indexed: false, read: false };
      return chain(find({ driver, spec, where, parts: watchedParts(parts, seen), seen }, scope), (found) =>
        traced(withVariables(found, scope), { spec, where, seen, scope }),
      );
    },
    close: async () => {
      await Promise.all(parts.drivers.map((driver) => driver.close?.()));
    },
  };
}

interface Search {
  readonly driver: LookupDriver;
  readonly spec: LookupSpec;
  readonly where: LookupQuestion;
  readonly parts: LookupServiceParts;
  /** Set when somebody traces. */
  readonly seen?: Seen;
}

const NOT_FOUND: LookupResult = { kind: "notFound" };

function find(search: Search, scope: Scope): Maybe<LookupResult> {
  const { driver, spec, where, parts } = search;
  const refused = refusal(spec, where, parts, scope);
  if (refused !== undefined) return { kind: "defer", message: refused };
  const host = hostFor(parts, scope);
  const result = spec.style === "query" ? findQuery(search, host) : findKey(driver, spec, where, host);
  return lookupOption(spec.options, "ret") === "key" && spec.style === "single-key"
    ? chain(result, (found): LookupResult => (found.kind === "found" ? { ...found, text: where.key.text } : found))
    : result;
}

function hostFor(parts: LookupServiceParts, scope: Scope): LookupHost {
  return { ...parts.host, setting: (name) => parts.settings(name, scope), scope };
}

/** A name of a file that came from outside could be any file. Manual §"Lookup types". */
function refusal(spec: LookupSpec, where: LookupQuestion, parts: LookupServiceParts, scope: Scope): string | undefined {
  if (where.file?.tainted) return taintedFile(where.file.text);
  const named = lookupOption(spec.options, "file");
  if (named !== undefined && where.typeTainted === true) return taintedFile(named);
  if (spec.type !== "sqlite" || !where.key.tainted || where.file !== undefined) return undefined;
  // The file may stand at the head of the query, which taints it too.
  if (named !== undefined || parts.settings("sqlite_dbfile", scope) !== undefined) return undefined;
  return where.key.text.startsWith("/") ? taintedFile(where.key.text.split(/[ \t]/, 1)[0] as string) : undefined;
}

function taintedFile(path: string): string {
  return `Tainted filename for search: '${path}' (use a validated value such as $local_part_data or $domain_data)`;
}

/**
 * Answers to queries are kept for the message or connection, unless `cache=no_rd`; a query that changes something makes
 * the kept answers of its type worthless. Manual §"Lookup caching".
 */
function findQuery({ driver, spec, where, seen }: Search, host: LookupHost): Maybe<LookupResult> {
  const { text: key, tainted } = where.key;
  const question = {
    file: where.file?.text ?? lookupOption(spec.options, "file") ?? "",
    key,
    options: spec.options,
    tainted,
    optionsTainted: where.typeTainted === true,
  };
  const cache = host.scope.listCache;
  const ofType = `lookup ${spec.type},`;
  const cacheKey = `${ofType}${spec.options};${question.file};${key}`;
  const kept = lookupOption(spec.options, "cache") === "no_rd" ? undefined : (cache.get(cacheKey) as LookupResult | undefined);
  if (kept !== undefined) {
    if (seen !== undefined) seen.answered = true;
    return kept;
  }
  const keep = (result: LookupResult): LookupResult => {
    if (result.kind === "defer") return result;
    if (result.keep === false) forget(cache, ofType);
    else cache.set(cacheKey, result);
    return result;
  };
  return chain(driver.find(question, host), keep);
}

function forget(cache: Map<string, unknown>, prefix: string): void {
  for (const key of cache.keys()) {
    if (key.startsWith(prefix)) cache.delete(key);
  }
}

/**
 * Files are not cached here: their drivers keep them indexed as long as they do not change. An empty key is never looked
 * up, but has a default.
 */
function findKey(driver: LookupDriver, spec: LookupSpec, where: LookupQuestion, host: LookupHost): Maybe<LookupResult> {
  const file = where.file?.text ?? "";
  const isPlain = driver.absoluteFile === true || (spec.partial === undefined && spec.starDefault === "none");
  if (isPlain) return where.key.text === "" ? NOT_FOUND : driver.find({ file, key: where.key.text, options: spec.options }, host);
  const keys = keysOf(spec, where.key.text).filter((tried) => tried.key !== "");
  const tryFrom = (from: number): Maybe<LookupResult> => {
    for (let i = from; i < keys.length; i++) {
      const tried = keys[i] as TriedKey;
      const result = driver.find({ file, key: tried.key, options: spec.options }, host);
      if (isPromise(result)) {
        return result.then((late) => (late.kind === "notFound" ? tryFrom(i + 1) : withCaptures(late, tried)));
      }
      if (result.kind !== "notFound") return withCaptures(result, tried);
    }
    return NOT_FOUND;
  };
  return tryFrom(0);
}

function withCaptures(result: LookupResult, tried: TriedKey): LookupResult {
  return result.kind === "found" && tried.captures !== undefined ? { ...result, captures: tried.captures } : result;
}

function withVariables(result: LookupResult, scope: Scope): LookupResult {
  if (result.kind !== "found" || result.variables === undefined) return result;
  for (const [name, text] of Object.entries(result.variables)) scope.frame.items.set(name, clean(text));
  return result;
}

/** For the trace: was the answer there already? */
interface Seen {
  /** The same query was answered before. */
  answered: boolean;
  /** A file's index was there, or was made of the file. */
  indexed: boolean;
  read: boolean;
}

function watchedParts(parts: LookupServiceParts, seen: Seen): LookupServiceParts {
  const { files } = parts.host;
  const derived: typeof files.derived = (path, what, derive) => {
    seen.indexed = true;
    return files.derived(path, what, (content) => {
      seen.read = true;
      return derive(content);
    });
  };
  return { ...parts, host: { ...parts.host, files: { ...files, derived } } };
}

interface Traced {
  readonly spec: LookupSpec;
  readonly where: LookupQuestion;
  readonly seen: Seen;
  readonly scope: Scope;
}

function traced(result: LookupResult, { spec, where, seen, scope }: Traced): LookupResult {
  const text = result.kind === "found" ? result.text : result.kind === "defer" ? result.message : undefined;
  const kept = seen.answered || (seen.indexed && !seen.read && result.kind !== "defer");
  scope.services.trace.emit({
    kind: "lookup",
    type: spec.type,
    file: where.file?.text,
    key: where.key.text,
    result: result.kind,
    text,
    kept,
  });
  return result;
}
