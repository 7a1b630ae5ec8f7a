/** Operators that ask something outside: a file, a named list, a lookup type, chance, or the expander once more. */
import { chain, expansionError, isFault, joinItem, splitList, value, trimSpace } from "@mailkit/sdk";
import type { Expansion, FileFacts, ListKind, Maybe } from "@mailkit/sdk";
import type { Environment, Value } from "./environment.ts";
import { NESTING_LIMIT, newEnvironment } from "./environment.ts";
import { evaluateParts } from "./evaluate.ts";
import { faultText } from "./faults.ts";
import { forbidden } from "./forbidden.ts";
import { parseInteger } from "./numbers.ts";
import { parse } from "./parse.ts";
import { taintRefusal } from "./taint.ts";

/** Text that came into being at run time is expanded only if nothing of it came from outside. */
export function expandAgain(text: Value, env: Environment): Maybe<Expansion> {
  const failed = (message: string): string => `internal expansion of "${text.text}" failed: ${message}`;
  if (text.tainted) return taintRefusal(failed(`attempt to expand tainted string '${text.text}'`), undefined);
  return chain(expandText(text.text, env), (result) =>
    result.kind === "error" ? expansionError(failed(result.message), result.defer) : result,
  );
}

/** Expands text that was made at run time. The caller has looked at its taint. */
export function expandText(text: string, env: Environment): Maybe<Expansion> {
  if (!/[$\\]/.test(text)) return value(text);
  if (env.nesting >= NESTING_LIMIT) return expansionError("too many strings expanded inside each other");
  const { parts, fault } = parse(text);
  const result = evaluateParts(parts, newEnvironment(env.scope, env.nesting + 1));
  return fault === undefined ? result : chain(result, (found) => (found.kind === "value" ? expansionError(fault.message) : found));
}

const KINDS: ReadonlyMap<string, readonly [ListKind, string]> = new Map([
  ["a", ["address", "address"]],
  ["d", ["domain", "domain"]],
  ["h", ["host", "host"]],
  ["l", ["localpart", "localpart"]],
]);

/** The list as written, with the lists that it refers to in their places. */
export function listnamed(text: string, suffix: string | undefined, env: Environment): Expansion {
  const name = text.startsWith("+") ? text.slice(1) : text;
  const kind = suffix === undefined ? undefined : KINDS.get(suffix[0] ?? "");
  if (suffix !== undefined && kind === undefined) return expansionError('bad suffix on "list" operator');
  const kinds = kind === undefined ? [...KINDS.values()] : [kind];
  for (const [one] of kinds) {
    const written = writtenList(one, name, env, 0);
    if (written !== undefined) return value(written);
  }
  return expansionError(`"${name}" is not a ${kind === undefined ? "" : `${kind[1]} `}named list`);
}

// oxlint-disable-next-line max-params
function writtenList(kind: ListKind, name: string, env: Environment, depth: number): string | undefined {
  const list = env.services.lists.named(kind, name);
  if (list === undefined || depth > 20) return undefined;
  const items = splitList(list.source).items.map((item) => {
    const inner = item.startsWith("+") ? writtenList(kind, item.slice(1), env, depth + 1) : undefined;
    return inner ?? joinItem(item);
  });
  return items.join(" : ");
}

export function quoteForLookup(text: Value, written: string, env: Environment): Expansion {
  const [type = "", ...options] = written.split("_");
  const { lookups } = env.services;
  const whole = lookups.parse(written);
  const known = typeof whole !== "string" ? written : typeof lookups.parse(type) === "string" ? undefined : type;
  if (known === undefined) return expansionError(`unknown lookup type "${written}"`);
  const option = known === written ? undefined : options.join("_");
  const quoted = lookups.quote(known, text.text, option) ?? text.text;
  return typeof quoted === "string" ? value(quoted, text.tainted) : expansionError(quoted.fault);
}

export function randint(text: string, env: Environment): Expansion {
  if (trimSpace(text) === "") return expansionError(`integer expected but "${text}" found`);
  const limit = parseInteger(text);
  if (/^\s*-[0-9]*[1-9]/.test(text)) return expansionError(`non-negative integer expected but "${text}" found`);
  if (typeof limit === "string") return expansionError(limit);
  const bounded = Math.min(Number(limit), 0x7fffffff);
  return value(String(bounded === 0 ? 0 : env.services.random.below(bounded)));
}

/** `name=value` pairs of a file, as `extract` takes them apart. */
export function stat(path: string, env: Environment): Maybe<Expansion> {
  const refused = forbidden("stat", env);
  if (refused !== undefined) return refused;
  return chain(env.services.files.stat(path), (facts) => {
    if (isFault(facts)) return expansionError(`stat(${path}) failed: ${faultText(facts)}`);
    return value(describe(facts));
  });
}

function seconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1000);
}

function describe(facts: FileFacts): string {
  return (
    `mode=${modeBits(facts).toString(8).padStart(4, "0")} smode=${symbolicMode(facts)} inode=${facts.inode} ` +
    `device=${facts.device ?? 0} links=${facts.links} uid=${facts.uid} gid=${facts.gid} size=${facts.size} ` +
    `atime=${seconds(facts.atime)} mtime=${seconds(facts.mtime)} ctime=${seconds(facts.ctime)}`
  );
}

const TYPE_BITS = { file: 0o100000, directory: 0o040000, symlink: 0o120000, other: 0 } as const;
const LETTERS: ReadonlyMap<number, string> = new Map([
  [0o100000, "-"],
  [0o040000, "d"],
  [0o120000, "l"],
  [0o020000, "c"],
  [0o060000, "b"],
  [0o010000, "p"],
  [0o140000, "s"],
]);

function typeBits(facts: FileFacts): number {
  return facts.mode & 0o170000 || TYPE_BITS[facts.kind];
}

/** The bit of regular files is left out, those of others are not: as Exim prints it. */
function modeBits(facts: FileFacts): number {
  return (typeBits(facts) & 0o070000) | (facts.mode & 0o7777);
}

function symbolicMode(facts: FileFacts): string {
  const { mode } = facts;
  const triple = (shift: number, special: number, letter: string): string => {
    const bits = (mode >> shift) & 7;
    const run = (mode & special) !== 0 ? ((bits & 1) !== 0 ? letter : letter.toUpperCase()) : (bits & 1) !== 0 ? "x" : "-";
    return `${(bits & 4) !== 0 ? "r" : "-"}${(bits & 2) !== 0 ? "w" : "-"}${run}`;
  };
  return (LETTERS.get(typeBits(facts)) ?? "?") + triple(6, 0o4000, "s") + triple(3, 0o2000, "s") + triple(0, 0o1000, "t");
}
