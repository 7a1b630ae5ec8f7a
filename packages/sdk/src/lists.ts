import type { Maybe } from "./maybe.ts";
import type { Position } from "./diagnostics.ts";
import type { Scope } from "./scope.ts";
import type { Text } from "./text.ts";

export type ListKind = "domain" | "host" | "address" | "localpart";

/** A host as a host list sees it. */
export interface HostSubject {
  /** Undefined = no host at all (a local program on stdin), which the empty item matches. */
  readonly address: string | undefined;
  /** Names by reverse lookup that resolve back; asked for only when an item needs one. */
  names(scope: Scope): Maybe<HostNames>;
  /** `match_ip`: items that would need a name find none, and single-key lookups have the address as their key. */
  readonly addressOnly?: boolean;
}

export type HostNames =
  | { readonly kind: "names"; readonly names: readonly string[] }
  | { readonly kind: "unknown"; readonly message: string }
  | { readonly kind: "defer"; readonly message: string };

export type ListResult =
  | {
      readonly kind: "yes";
      /** `$domain_data` and friends: the matched literal or what the lookup gave; never tainted. */
      readonly data: Text | undefined;
      /** The item that decided, as written, for explanations. */
      readonly item: string;
      readonly at?: Position;
    }
  | { readonly kind: "no"; readonly item?: string; readonly at?: Position }
  | { readonly kind: "defer"; readonly message: string; readonly item?: string }
  | { readonly kind: "error"; readonly message: string };

interface CompiledListOf<Kind extends ListKind, Subject> {
  readonly kind: Kind;
  readonly source: string;
  readonly at?: Position;
  match(subject: Subject, scope: Scope): Maybe<ListResult>;
}

export type DomainList = CompiledListOf<"domain", string>;
export type HostList = CompiledListOf<"host", HostSubject>;
/** The subject is a whole address; "" is the null sender. */
export type AddressList = CompiledListOf<"address", string>;
export interface LocalPartList extends CompiledListOf<"localpart", string> {
  /** Case counts for this subject (`caseful_local_part`). */
  matchCaseful(subject: string, scope: Scope): Maybe<ListResult>;
}
export type CompiledList = DomainList | HostList | AddressList | LocalPartList;

/** Port: named lists, and lists that only come into being while something is evaluated (`match_domain{..}{..}`). */
export interface ListService {
  named(kind: ListKind, name: string): CompiledList | undefined;
  domain(source: string): DomainList;
  host(source: string): HostList;
  address(source: string): AddressList;
  localPart(source: string): LocalPartList;
}
