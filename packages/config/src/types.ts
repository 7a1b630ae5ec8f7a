import type { Trail } from "./source/reader.ts";
import type {
  AddressList,
  AuthenticatorDriver,
  CompiledList,
  Diagnostic,
  ListKind,
  OptionTable,
  Position,
  RouterDriver,
  Template,
  TransportDriver,
} from "@mailkit/sdk";

/** What a configuration file amounts to. Everything is compiled; nothing in here is parsed again per message. */
export interface Configuration {
  readonly file: string;
  readonly main: MainSettings;
  /** Keyed by kind, then name. */
  readonly lists: ReadonlyMap<ListKind, ReadonlyMap<string, NamedList>>;
  readonly acls: ReadonlyMap<string, AclSource>;
  readonly routers: readonly RouterInstance[];
  readonly transports: ReadonlyMap<string, TransportInstance>;
  readonly authenticators: readonly AuthenticatorInstance[];
  readonly retry: readonly RetryRule[];
  readonly rewrite: readonly RewriteRule[];
  readonly macros: readonly { readonly name: string; readonly value: string; readonly at?: Position }[];
  readonly diagnostics: readonly Diagnostic[];
  /** Names that only the linter and `-bP` ask for. */
  readonly details?: ConfigurationDetails;
  /** Physical lines by file, for source frames. */
  readonly sources: ReadonlyMap<string, readonly string[]>;
}

/** What was read, beyond what it means. */
export interface ConfigurationDetails {
  /** Effective lines in order, and where each file begins and goes on (`-bP config`, `check --show`). */
  readonly trail: readonly Trail[];
  /** `.ifdef` lines that are true because a macro's name stands inside a longer word. */
  readonly partialConditions: readonly { readonly at: Position; readonly macro: string; readonly word: string }[];
  /** Names in other lines that hold the name of a macro, which was replaced there. */
  readonly partialReplacements: readonly { readonly at: Position; readonly macro: string; readonly word: string }[];
  /** Macros of the file that no line uses. */
  readonly unusedMacros: readonly { readonly name: string; readonly at: Position }[];
  /** Main options that are shown to admin users only (`hide`). */
  readonly hidden: ReadonlySet<string>;
}

/** Main options by Exim's name; the type of a value is fixed by the table in `main-options.ts`. */
export interface MainSettings {
  /** Value after defaults; throws for a name that is not in the table (a bug, not a fault of the configuration). */
  text(name: string): string | undefined;
  template(name: string): Template | undefined;
  number(name: string): number;
  flag(name: string): boolean;
  items(name: string): readonly string[];
  list(name: string): CompiledList | undefined;
  /** Where the configuration sets it; undefined = default. */
  position(name: string): Position | undefined;
  /** Position of the character at `offset` of the option's text; undefined = default. */
  locate?(name: string, offset: number): Position | undefined;
  isSet(name: string): boolean;
  /** As text in Exim's form, for `-bP`; undefined = unset. */
  show(name: string): string | undefined;
}

export interface NamedList {
  readonly name: string;
  readonly list: CompiledList;
  readonly at: Position;
  /** `domainlist_cache`. */
  readonly alwaysCache: boolean;
  readonly hidden: boolean;
  /** Position of the character at `offset` of the list's text. */
  readonly locate?: (offset: number) => Position;
}

export interface AclSource {
  readonly name: string;
  readonly at: Position;
  readonly statements: readonly AclStatementSource[];
}

export interface AclStatementSource {
  readonly verb: "accept" | "defer" | "deny" | "discard" | "drop" | "require" | "warn";
  readonly at: Position;
  readonly items: readonly AclItemSource[];
}

export interface AclItemSource {
  /** Condition or modifier name; for `set` it is "set" and `variable` names the variable. */
  readonly name: string;
  readonly variable?: string;
  readonly negated: boolean;
  /** Text after `=`, "" when there is none (`endpass`). */
  readonly value: string;
  readonly at: Position;
  /** Position of the character at `offset` of `value`. */
  readonly locate?: (offset: number) => Position;
}

interface InstanceOf<Driver> {
  readonly name: string;
  readonly driver: Driver;
  readonly at: Position;
  /** Generic options, by Exim's names, defaults filled in. */
  readonly generic: Readonly<Record<string, unknown>>;
  /** The driver's own options. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly isSet: (option: string) => boolean;
  readonly position: (option: string) => Position | undefined;
  /** Position of the character at `offset` of the option's text; undefined when the configuration does not set it. */
  readonly locate?: (option: string, offset: number) => Position | undefined;
  /** The option's text, quotes and escapes processed; undefined when the configuration does not set it. */
  readonly source?: (option: string) => string | undefined;
  /** The single settings of an option that may be set several times; one for any other; none when the configuration does not set it. */
  readonly parts?: (option: string) => readonly { readonly text: string; readonly locate: (offset: number) => Position }[];
  /** Rules of `headers_rewrite`. */
  readonly rewrites?: readonly RewriteRule[];
  /** Set with `hide`: shown to admin users only. */
  readonly isHidden?: (option: string) => boolean;
  /** Names of the options in the order of `-bP`. */
  readonly optionNames?: readonly string[];
  /** Option as text in Exim's form, for `-bP router x`. */
  readonly show: (option: string) => string | undefined;
}
// oxlint-disable-next-line typescript/no-explicit-any -- drivers of every options table meet here
export type RouterInstance = InstanceOf<RouterDriver<any>>;
// oxlint-disable-next-line typescript/no-explicit-any -- as above
export type TransportInstance = InstanceOf<TransportDriver<any>>;
// oxlint-disable-next-line typescript/no-explicit-any -- as above
export type AuthenticatorInstance = InstanceOf<AuthenticatorDriver<any>>;

/** Retry section (manual §"Retry rules"). Times in milliseconds. */
export interface RetryRule {
  /** One item of an address list, as written; a bare domain means `*@domain`. */
  readonly pattern: string;
  /** Compiled as an address list of that one item. */
  readonly list: AddressList;
  /** `*`, `timeout_connect`, `rcpt_4xx`, `quota_3d`, ... in lower case. */
  readonly error: string;
  readonly senders: AddressList | undefined;
  readonly steps: readonly RetryStep[];
  readonly at: Position;
  readonly source: string;
}
export interface RetryStep {
  readonly kind: "F" | "G" | "H";
  readonly cutoff: number;
  readonly interval: number;
  /** G and H. */
  readonly factor: number;
}

/** Rewrite section and `headers_rewrite` (manual §"Rewriting addresses"). */
export interface RewriteRule {
  readonly pattern: string;
  /** Undefined for a rule with the `S` flag, which is a regex on the raw SMTP argument. */
  readonly list: AddressList | undefined;
  readonly replacement: Template;
  readonly flags: string;
  readonly at: Position | undefined;
  /** Position of the character at `offset` of the replacement. */
  readonly locate?: (offset: number) => Position;
}

/** What the reader has to know of the drivers: their tables. Filled by the plugin loader. */
export interface DriverCatalogue {
  // oxlint-disable-next-line typescript/no-explicit-any -- as above
  readonly routers: ReadonlyMap<string, RouterDriver<any>>;
  // oxlint-disable-next-line typescript/no-explicit-any -- as above
  readonly transports: ReadonlyMap<string, TransportDriver<any>>;
  // oxlint-disable-next-line typescript/no-explicit-any -- as above
  readonly authenticators: ReadonlyMap<string, AuthenticatorDriver<any>>;
  readonly lookups: ReadonlySet<string>;
  readonly genericRouter: OptionTable;
  readonly genericTransport: OptionTable;
  readonly genericAuthenticator: OptionTable;
}
