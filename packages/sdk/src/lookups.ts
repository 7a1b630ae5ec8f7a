import type { Maybe } from "./maybe.ts";
import type { Scope } from "./scope.ts";
import type { Text } from "./text.ts";
import type { Services } from "./services.ts";

/** What a lookup found. Deferred is kept apart from not found: mail must not bounce because a database is down. */
export type LookupResult =
  | {
      readonly kind: "found";
      readonly text: string;
      /** `$1`, `$2` of a partial match. */
      readonly captures?: readonly string[];
      /** `$ldap_dn` and the like, set beside the result. */
      readonly variables?: Readonly<Record<string, string>>;
      /** False: the query changed something. It is not kept, and what was kept of this type is forgotten. */
      readonly keep?: false;
    }
  | { readonly kind: "notFound"; readonly keep?: false }
  | { readonly kind: "defer"; readonly message: string };

/** Are a user name and a password right? Manual §"Expansion conditions", ldapauth. */
export type CredentialsAnswer =
  | { readonly kind: "accepted" }
  | { readonly kind: "refused" }
  | { readonly kind: "defer"; readonly message: string };

/** `partial2(.)-lsearch,ret=key*@` cut up (manual §"Single-key lookup types" and after). */
export interface LookupSpec {
  readonly type: string;
  /** Single-key types have a file and a key, query-style ones a query. */
  readonly style: "single-key" | "query";
  readonly partial?: { readonly minimum: number; readonly affix: string };
  readonly starDefault: "none" | "*" | "*@";
  readonly options: string;
}

/** Port: finds a value. */
export interface LookupService {
  /** Cuts and checks a type as written; a string is the fault, in Exim's words. */
  parse(written: string): LookupSpec | string;
  find(spec: LookupSpec, where: LookupQuestion, scope: Scope): Maybe<LookupResult>;
  /** `${quote_TYPE:...}`; undefined = this type needs no quoting or does not exist; a fault is a word that the type does not know. */
  quote(type: string, text: string, options: string | undefined): string | undefined | { readonly fault: string };
  /** The `TYPEauth` conditions; undefined = no such lookup type, or it checks no passwords. */
  authenticate?(type: string, query: Text, scope: Scope): Maybe<CredentialsAnswer> | undefined;
}

export interface LookupQuestion {
  /** Single-key types, and `,file=` of sqlite. */
  readonly file?: Text;
  /** The key or the query. */
  readonly key: Text;
  /** The type with its options came out of an expansion with text from outside: its servers and files are not to be used. */
  readonly typeTainted?: boolean;
}

/** What a driver is asked. */
export interface DriverQuestion {
  /** Single-key types, and `,file=` of sqlite; else empty. */
  readonly file: string;
  /** The key or the query. */
  readonly key: string;
  /** What follows the comma after the type. */
  readonly options: string;
  /** Some of the query came from outside: servers must not be named in it. */
  readonly tainted?: boolean;
  /** The same of the options. */
  readonly optionsTainted?: boolean;
}

/** A lookup type. First-party file types and those from npm (`mailkit-lookup-*`) are made the same way. */
export interface LookupDriver {
  readonly name: string;
  readonly style: "single-key" | "query";
  /** Keys are matched without regard to case (lsearch). */
  readonly caseless?: boolean;
  /** The key is looked up as it is: no partial matching, no star defaults. */
  readonly absoluteFile?: boolean;
  find(question: DriverQuestion, host: LookupHost): Maybe<LookupResult>;
  /** `${quote_TYPE:...}`; `options` is what follows the type's name, as in `quote_ldap_dn`. */
  quote?(text: string, options: string | undefined): string | undefined;
  /** Words that may follow the name in `${quote_TYPE_WORD:...}`. */
  readonly quoteOptions?: readonly string[];
  /** Checks the user name and password of a query, for the condition `TYPEauth`. */
  authenticate?(question: DriverQuestion, host: LookupHost): Maybe<CredentialsAnswer>;
  /** Closes connections and files; who asks afterwards opens them again. */
  close?(): Promise<void>;
}

export type LookupHost = Pick<Services, "files" | "dns" | "accounts" | "clock" | "sockets"> & {
  /** Main options such as `pgsql_servers`, already expanded. */
  setting(name: string): string | undefined;
  readonly scope: Scope;
};

/** One of the options after the type of a lookup, as in `ret=key,filter=dir`. */
export function lookupOption(options: string, name: string): string | undefined {
  if (options === "") return undefined;
  const prefix = `${name}=`;
  for (const option of options.split(",")) {
    if (option.startsWith(prefix)) return option.slice(prefix.length);
  }
  return undefined;
}

export function defineLookup(driver: LookupDriver): LookupDriver {
  return driver;
}
