/**
 * What turns text into something that can be evaluated: `@mailkit/expand` and `@mailkit/lists` in a running program,
 * plain fakes in tests. Values of one table row's default are compiled once for all instances.
 */
import type { CompiledList, ListKind, ListResult, Position, Template } from "@mailkit/sdk";

export interface Compilers {
  readonly template: (source: string, at?: Position) => Template;
  /** The result may carry `faults`, as those of `compileList` do; they become diagnostics. */
  readonly list: (kind: ListKind, source: string, at?: Position, extra?: ListExtra) => CompiledList;
}

/** What else a list has to know of itself (`CompileListOptions` of `@mailkit/lists`). */
export interface ListExtra {
  /** The name of a named list. */
  readonly name?: string;
  readonly alwaysCache?: boolean;
  /** A rewriting pattern: a match sets `$1`, ..., and case counts. */
  readonly captures?: boolean;
  readonly caseful?: boolean;
}

export const LIST_KINDS = { domainList: "domain", hostList: "host", addressList: "address", localPartList: "localpart" } as const;
export type ListOptionType = keyof typeof LIST_KINDS;

export function isListType(type: string): type is ListOptionType {
  return Object.hasOwn(LIST_KINDS, type);
}

/** Compilers without an engine behind them: they keep the text. For `fmt`, for `-bP`, and for tests. */
export const textOnly: Compilers = {
  template: (source, at) => ({
    source,
    constant: /[$\\]/.test(source) ? undefined : source,
    mentions: new Set(Array.from(source.matchAll(/\$\{?([a-z_][a-z0-9_]*)/g), (match) => match[1] as string)),
    evaluate: () => ({ kind: "error", message: "no expander is connected", defer: false }),
    ...(at === undefined ? {} : { at }),
  }),
  list: (kind, source, at) => textOnlyList(kind, source, at),
};

function match(): ListResult {
  return { kind: "error", message: "no list engine is connected" };
}

function textOnlyList(kind: ListKind, source: string, at: Position | undefined): CompiledList {
  const place = at === undefined ? {} : { at };
  switch (kind) {
    case "domain":
      return { kind, source, match, ...place };
    case "host":
      return { kind, source, match, ...place };
    case "address":
      return { kind, source, match, ...place };
    case "localpart":
      return { kind, source, match, matchCaseful: match, ...place };
  }
}
