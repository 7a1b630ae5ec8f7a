/** Completion in the dialogue: which names may stand where the line ends. Pure; the parser says what is wanted there. */
import { conditionNames, itemNames, operatorNames, parse } from "@mailkit/expand";
import type { Wanted } from "@mailkit/expand";
import type { ListKind } from "@mailkit/sdk";

export interface Names {
  readonly variables: readonly string[];
  /** Header fields of the message. */
  readonly headers: readonly string[];
  readonly lists: readonly (readonly [ListKind, string])[];
  readonly lookups: readonly string[];
  readonly macros: readonly string[];
  /** Words of the dialogue. */
  readonly commands: readonly string[];
}

/** What may come, and the end of the line that it replaces: as `readline` wants it. */
export type Completion = [string[], string];

const FORMS = ["h_", "rh_", "bh_", "lh_"];

export function complete(line: string, names: Names): Completion {
  const setting = /^\s*(?:un)?set\s+\$?([a-z0-9_]*)$/.exec(line);
  if (setting !== null) return matching(names.variables, setting[1] as string);
  const explaining = /^\s*(?:set\s+[^=]*=|explain\s)\s*/.exec(line)?.[0] ?? "";
  const text = line.slice(explaining.length);
  const { wanted } = parse(text);
  if (wanted !== undefined) {
    const typed = text.slice(wanted.from);
    const found = wantedNames(wanted, typed, names);
    if (found !== undefined) return found;
  }
  const macro = /[A-Z][A-Za-z0-9_]*$/.exec(text)?.[0];
  if (macro !== undefined) return matching(names.macros, macro);
  return /^[a-z]*$/.test(line) ? matching(names.commands, line) : [[], line];
}

function matching(candidates: readonly string[], typed: string): Completion {
  return [[...new Set(candidates)].filter((name) => name.startsWith(typed)).sort(), typed];
}

function wantedNames({ kind, of }: Wanted, typed: string, names: Names): Completion | undefined {
  switch (kind) {
    case "variable":
      return matching([...names.variables, ...FORMS], typed);
    case "definable":
      return matching([...names.variables, "h_"], typed);
    case "header":
      return caseless(names.headers, typed);
    case "braced": {
      const quoting = names.lookups.map((type) => `quote_${type}:`);
      const operators = operatorNames.map((name) => `${name}:`);
      return matching([...itemNames, ...operators, ...quoting, ...names.variables.map((name) => `${name}}`)], typed);
    }
    case "condition":
      return matching(conditionNames, typed);
    case "lookup":
      return lookupNames(typed, names.lookups);
    case "list":
      return listNames(of ?? "", typed, names.lists);
  }
}

/** Names of header fields have no case; what was typed is replaced by the name as the message has it. */
function caseless(headers: readonly string[], typed: string): Completion {
  const found = headers.filter((name) => name.toLowerCase().startsWith(typed.toLowerCase()));
  return [[...new Set(found)].sort().map((name) => `${name}:`), typed];
}

/** `partial-lsearch`, `net-iplsearch`: the type is what comes after the prefix. */
function lookupNames(typed: string, lookups: readonly string[]): Completion {
  const prefix = /^(?:partial\d*(?:\([^)]*\))?-|net\d*-)/.exec(typed)?.[0] ?? "";
  const [found] = matching(prefix === "" ? [...lookups, "partial-", "net-"] : lookups, typed.slice(prefix.length));
  return [found, typed.slice(prefix.length)];
}

const KINDS: ReadonlyMap<string, ListKind> = new Map([
  ["match_domain", "domain"],
  ["match_address", "address"],
  ["match_ip", "host"],
  ["match_local_part", "localpart"],
  ["listnamed_d", "domain"],
  ["listnamed_a", "address"],
  ["listnamed_h", "host"],
  ["listnamed_l", "localpart"],
]);

function listNames(of: string, typed: string, lists: Names["lists"]): Completion | undefined {
  const found = of.startsWith("listnamed") ? /^\+?([\w-]*)$/.exec(typed) : /\+([\w-]*)$/.exec(typed);
  if (found === null) return undefined;
  const kind = KINDS.get(of);
  return matching(
    lists.filter(([one]) => kind === undefined || one === kind).map(([, name]) => name),
    found[1] as string,
  );
}
