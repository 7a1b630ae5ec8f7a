import type { Maybe } from "./maybe.ts";
import type { Scope } from "./scope.ts";
import type { Text } from "./text.ts";
import type { Services } from "./services.ts";

/** What a lookup found. Deferred is kept apart from not found: mail must not bounce because a database is down. */
export type LookupResult =
  | { readonly kind: "found"; readonly text: string; /** `$1`, `$2` of a partial match. */ readonly captures?: readonly string[] }
  | { readonly kind: "notFound" }
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
  /** `${quote_TYPE:...}`; undefined = this type needs no quoting or does not exist. */
  quote(type: string, text: string, options: string | undefined): string | undefined;
}

export interface LookupQuestion {
  /** Single-key types, and `,file=` of sqlite. */
  readonly file?: Text;
  /** The key or the query. */
  readonly key: Text;
}

/** A lookup type. First-party file types and those from npm (`mailkit-lookup-*`) are made the same way. */
export interface LookupDriver {
  readonly name: string;
  readonly style: "single-key" | "query";
  /** Keys are matched without regard to case (lsearch). */
  readonly caseless?: boolean;
  /** The key is looked up as it is: no partial matching, no star defaults. */
  readonly absoluteFile?: boolean;
  find(question: { file: string; key: string; options: string }, host: LookupHost): Maybe<LookupResult>;
  quote?(text: string, options: string | undefined): string | undefined;
  /** Closes connections and files. */
  close?(): Promise<void>;
}

export type LookupHost = Pick<Services, "files" | "dns" | "accounts" | "clock" | "sockets"> & {
  /** Main options such as `pgsql_servers`, already expanded. */
  setting(name: string): string | undefined;
  readonly scope: Scope;
};

export function defineLookup(driver: LookupDriver): LookupDriver {
  return driver;
}
