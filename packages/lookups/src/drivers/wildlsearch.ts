/**
 * wildlsearch and nwildlsearch: the keys of the file are patterns; the first one that matches counts. Literal keys are
 * indexed, so only patterns that stand before the literal are tried. Manual §"Single-key lookup types".
 */
import {
  boundSubject,
  chain,
  clean,
  compileRegex,
  defineLookup,
  firstOf,
  lower,
  trimSpaceStart,
  type LookupDriver,
  type LookupHost,
  type LookupResult,
  type Maybe,
  lookupOption,
} from "@mailkit/sdk";
import { searchFile, textEntries, type TextEntry } from "./text-file.ts";

const NOT_FOUND: LookupResult = { kind: "notFound" };

/** True, false, or why it cannot be told. */
type Test = (key: string, folded: string, host: LookupHost) => Maybe<boolean | string>;

interface Line {
  readonly entry: TextEntry;
  readonly place: number;
  readonly test: Test;
}

interface Table {
  /** Literal key in lower case to its place. */
  readonly literals: ReadonlyMap<string, Line>;
  readonly patterns: readonly Line[];
}

export const nwildlsearch = wildcardDriver("nwildlsearch", false);
export const wildlsearch = wildcardDriver("wildlsearch", true);

function wildcardDriver(name: string, expands: boolean): LookupDriver {
  return defineLookup({
    name,
    style: "single-key",
    caseless: true,
    find: ({ file, key, options }, host) => {
      const whole = lookupOption(options, "ret") === "full";
      return searchFile(file, name, host, {
        derive: (content) => readTable(content, expands),
        search: (table) => searchTable(table, key, whole, host),
      });
    },
  });
}

function searchTable(table: Table, key: string, whole: boolean, host: LookupHost): Maybe<LookupResult> {
  const folded = lower(key);
  const literal = table.literals.get(folded);
  const found = firstOf(table.patterns, (line): Maybe<LookupResult | undefined> => {
    if (literal !== undefined && line.place > literal.place) return resultOf(literal, whole);
    return chain(line.test(key, folded, host), (answer) => {
      if (typeof answer === "string") return { kind: "defer", message: answer };
      return answer ? resultOf(line, whole) : undefined;
    });
  });
  return chain(found, (result) => result ?? (literal === undefined ? NOT_FOUND : resultOf(literal, whole)));
}

function resultOf(line: Line, whole: boolean): LookupResult {
  return { kind: "found", text: whole ? line.entry.key + line.entry.rest : line.entry.data };
}

function readTable(content: string, expands: boolean): Table {
  const literals = new Map<string, Line>();
  const patterns: Line[] = [];
  let place = 0;
  for (const entry of textEntries(content)) {
    place++;
    if (expands && /[$\\]/.test(entry.key)) {
      patterns.push({ entry, place, test: expandedTest(entry.key) });
      continue;
    }
    const test = patternTest(entry.key);
    if (test !== undefined) patterns.push({ entry, place, test });
    else if (!literals.has(lower(entry.key))) literals.set(lower(entry.key), { entry, place, test: () => true });
  }
  return { literals, patterns };
}

/** Undefined = a literal. */
function patternTest(pattern: string): Test | undefined {
  if (pattern.startsWith("^")) return regexTest(pattern);
  if (pattern.startsWith("*")) {
    const suffix = lower(pattern.slice(1));
    return (_key, folded) => folded.endsWith(suffix);
  }
  const semicolon = pattern.indexOf(";");
  return semicolon < 0 ? undefined : nestedTest(pattern.slice(0, semicolon), trimSpaceStart(pattern.slice(semicolon + 1)));
}

function regexTest(pattern: string): Test {
  const compiled = compileRegex(pattern, { caseless: true });
  if (!compiled.ok) return () => compiled.message;
  return (key) => compiled.regex.test(boundSubject(key));
}

/** A lookup in a lookup; what it finds does not matter. */
function nestedTest(type: string, argument: string): Test {
  return (key, _folded, host) => {
    const { lookups } = host.scope.services;
    const spec = lookups.parse(type);
    if (typeof spec === "string") return spec;
    const where = spec.style === "query" ? { key: clean(argument) } : { file: clean(argument), key: { text: key, tainted: true } };
    return chain(lookups.find(spec, where, host.scope), (result) => (result.kind === "defer" ? result.message : result.kind === "found"));
  };
}

/** wildlsearch expands each key of the file before it compares. */
function expandedTest(source: string): Test {
  let template: ReturnType<LookupHost["scope"]["services"]["strings"]["compile"]> | undefined;
  let constant: Test | undefined;
  return (key, folded, host) => {
    if (constant !== undefined) return constant(key, folded, host);
    template ??= host.scope.services.strings.compile(source);
    if (template.constant !== undefined) {
      constant = textTest(template.constant);
      return constant(key, folded, host);
    }
    return chain(template.evaluate(host.scope), (expansion): Maybe<boolean | string> => {
      if (expansion.kind === "forcedFailure") return false;
      if (expansion.kind === "error") return `failed to expand "${source}" while checking a list: ${expansion.message}`;
      return textTest(expansion.text)(key, folded, host);
    });
  };
}

function textTest(pattern: string): Test {
  const wanted = lower(pattern);
  return patternTest(pattern) ?? ((_key, folded) => folded === wanted);
}
