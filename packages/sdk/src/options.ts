import type { Template } from "./expansion.ts";
import type { AddressList, DomainList, HostList, LocalPartList } from "./lists.ts";

/**
 * Option tables. One row makes the parsing, the type, the default, the diagnostics, `-bP` and the reference page.
 * Names are Exim's. The configuration reader compiles the values: an expanded string arrives as a `Template`, a list
 * that is matched against something arrives as a compiled list.
 */
export type OptionType =
  | "string" // literal text
  | "expanded" // Template
  | "boolean"
  | "expandedBoolean" // boolean when written bare, else Template
  | "integer" // decimal, 0octal, 0xhex, K M G
  | "octal"
  | "fixed" // up to three decimals, as a number
  | "time" // milliseconds; undefined default allowed
  | "stringList" // colon list, items as written, not expanded
  | "domainList"
  | "hostList"
  | "addressList"
  | "localPartList"
  | "user" // uid, name or expanded string
  | "group"
  | "oneOf"
  | "rewrites" // headers_rewrite: rules of rewriting separated by colons
  | "variables"; // router `set`: name = expanded

export interface OptionSpec<T = unknown> {
  readonly type: OptionType;
  readonly default: T;
  readonly doc: string;
  /** For `oneOf`. */
  readonly values?: readonly string[];
  /** May be given several times; the values add up (`headers_add`, `condition`, `set`). "and": conditions; "lines"; "colon". */
  readonly repeat?: "and" | "lines" | "colon";
  /** Known to Exim, not to mailkit: "warn" says so and goes on, "refuse" is an error. The text says what happens instead. */
  readonly missing?: { readonly how: "warn" | "refuse"; readonly why: string };
  /** Another name of the same option. */
  readonly alias?: string;
  /** What `-bP` shows when it is not set: a default of Exim that means nothing here, or that depends on other options. */
  readonly shown?: string | ((others: ShownFrom) => string | boolean | undefined);
  /** Accepted, but not listed by `-bP`. */
  readonly hidden?: boolean;
}

/** The other options of an instance, for a default that depends on them. */
export interface ShownFrom {
  /** Name of the router, transport or authenticator. */
  readonly instance: string;
  /** The text that the configuration sets; undefined = not set. */
  text(option: string): string | undefined;
  /** A switch is on; false = off or not set. */
  on(option: string): boolean;
  /** Name of the first group of the user that `option` names; undefined = not set, a number, or expanded. */
  groupOf(option: string): string | undefined;
}

export type OptionTable = Readonly<Record<string, OptionSpec>>;

export type OptionValues<T extends OptionTable> = { readonly [K in keyof T]: T[K] extends OptionSpec<infer V> ? V : never };

/** `user = $x`, `user = mail`, `group = 8`. */
export type IdentityOption =
  | { readonly kind: "number"; readonly id: number }
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "template"; readonly template: Template };

export interface VariableAssignment {
  readonly name: string;
  readonly template: Template;
}

type Doc = { readonly doc: string } & Pick<OptionSpec, "missing" | "alias" | "shown" | "hidden">;
type WithDefault<T> = Doc & { readonly default?: T };

function row<T>(
  type: OptionType,
  given: Doc & { readonly default?: unknown; readonly values?: readonly string[]; readonly repeat?: OptionSpec["repeat"] },
  fallback: T,
): OptionSpec<T> {
  return { ...given, type, default: (given.default === undefined ? fallback : given.default) as T };
}

/**
 * Makers of rows. A default of an `expanded` option is given as text: the reader compiles it like a written one, so the
 * row's type says `Template | undefined` and the value a driver gets is never the text.
 */
export const option = {
  string: (o: WithDefault<string>) => row<string | undefined>("string", o, undefined),
  expanded: (o: WithDefault<string> & { readonly repeat?: "lines" | "colon" }) => row<Template | undefined>("expanded", o, undefined),
  /** A list of conditions that must all hold (router `condition`). */
  conditions: (o: Doc) => row<readonly Template[]>("expanded", { ...o, repeat: "and" }, []),
  boolean: (o: WithDefault<boolean>) => row<boolean>("boolean", o, false),
  expandedBoolean: (o: WithDefault<boolean>) => row<boolean | Template>("expandedBoolean", o, false),
  integer: (o: WithDefault<number>) => row<number>("integer", o, 0),
  octal: (o: WithDefault<number>) => row<number>("octal", o, 0),
  fixed: (o: WithDefault<number>) => row<number>("fixed", o, 0),
  /** Milliseconds. */
  time: (o: WithDefault<number>) => row<number>("time", o, 0),
  stringList: (o: WithDefault<readonly string[]>) => row<readonly string[]>("stringList", o, []),
  domainList: (o: WithDefault<string>) => row<DomainList | undefined>("domainList", o, undefined),
  hostList: (o: WithDefault<string>) => row<HostList | undefined>("hostList", o, undefined),
  addressList: (o: WithDefault<string>) => row<AddressList | undefined>("addressList", o, undefined),
  localPartList: (o: WithDefault<string>) => row<LocalPartList | undefined>("localPartList", o, undefined),
  user: (o: Doc) => row<IdentityOption | undefined>("user", o, undefined),
  group: (o: Doc) => row<IdentityOption | undefined>("group", o, undefined),
  oneOf: <const V extends string>(values: readonly V[], o: Doc & { readonly default: NoInfer<V> }) =>
    row<V>("oneOf", { ...o, values }, o.default),
  rewrites: (o: Doc) => row<Template | undefined>("rewrites", o, undefined),
  variables: (o: Doc) => row<readonly VariableAssignment[]>("variables", { ...o, repeat: "lines" }, []),
} as const;
