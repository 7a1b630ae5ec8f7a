/** Facts that lists need and do not know themselves; `runtime` gives them when it compiles a configuration. */
import type { HostList, LookupSpec, Maybe, Scope } from "@mailkit/sdk";

export interface ListEnvironment {
  /** `primary_hostname`, for `@`. */
  readonly primaryHostname: () => string;
  /** Addresses of this host for `@[]`: its interfaces, `local_interfaces`, `extra_local_interfaces`. */
  readonly localAddresses: () => readonly string[];
  /** `@mx_any`, `@mx_primary`, `@mx_secondary`; addresses that match `ignore` are passed over. */
  readonly isLocalMx: (question: LocalMxQuestion, scope: Scope) => Maybe<LocalMxAnswer>;
  /** Addresses of a name in a host list, by DNS and the hosts file. */
  readonly addressesOf: (name: string, scope: Scope) => Maybe<HostAddresses>;
  /** When given, the types of lookups are checked at load; else at the first match. */
  readonly parseLookup?: (written: string) => LookupSpec | string;
}

export interface LocalMxQuestion {
  readonly domain: string;
  readonly which: "any" | "primary" | "secondary";
  readonly ignore: HostList | undefined;
}

export type LocalMxAnswer = { readonly kind: "yes" | "no" } | { readonly kind: "defer"; readonly message: string };

export type HostAddresses =
  | { readonly kind: "found"; readonly addresses: readonly string[] }
  | { readonly kind: "unknown" }
  | { readonly kind: "defer"; readonly message: string };
