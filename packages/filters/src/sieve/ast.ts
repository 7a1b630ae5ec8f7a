/** A Sieve script as a tree (RFC 5228 §8.2, with the grammar of Exim's README.SIEVE). */
export type MatchType = "is" | "contains" | "matches";
export type Comparator = "i;octet" | "i;ascii-casemap" | "i;ascii-numeric";
export type AddressPart = "all" | "localpart" | "domain" | "user" | "detail";

export interface Matching {
  readonly match: MatchType;
  readonly comparator: Comparator;
}

export type SieveTest =
  | { readonly kind: "constant"; readonly value: boolean }
  | { readonly kind: "not"; readonly test: SieveTest }
  | { readonly kind: "allof" | "anyof"; readonly tests: readonly SieveTest[] }
  | { readonly kind: "exists"; readonly headers: readonly string[] }
  | { readonly kind: "header"; readonly headers: readonly string[]; readonly keys: readonly string[]; readonly matching: Matching }
  | {
      readonly kind: "address" | "envelope";
      readonly part: AddressPart;
      readonly fields: readonly string[];
      readonly keys: readonly string[];
      readonly matching: Matching;
    }
  | { readonly kind: "size"; readonly over: boolean; readonly limit: number }
  | { readonly kind: "validNotifyMethod"; readonly uris: readonly string[] }
  | {
      readonly kind: "notifyMethodCapability";
      readonly uri: string;
      readonly capability: string;
      readonly keys: readonly string[];
      readonly matching: Matching;
    };

export interface Vacation {
  /** 1 to 31. */
  readonly days: number;
  readonly subject: string | undefined;
  readonly from: string | undefined;
  readonly addresses: readonly string[];
  readonly mime: boolean;
  readonly handle: string | undefined;
  readonly reason: string;
}

export interface Notify {
  readonly from: string | undefined;
  readonly importance: string | undefined;
  readonly message: string | undefined;
  readonly method: string;
}

/** Where a fault is. */
export interface SieveFault {
  readonly message: string;
  readonly line: number;
}

export type SieveCommand =
  | { readonly kind: "keep" | "discard" | "stop" }
  | { readonly kind: "redirect"; readonly address: string; readonly copy: boolean }
  | { readonly kind: "fileinto"; readonly folder: string; readonly copy: boolean }
  | { readonly kind: "vacation"; readonly vacation: Vacation; readonly line: number }
  | { readonly kind: "notify"; readonly notify: Notify; readonly line: number }
  | { readonly kind: "if"; readonly branches: readonly SieveBranch[]; readonly otherwise: readonly SieveCommand[] }
  /** Here the text could not be read any further: who comes here has found the fault. */
  | ({ readonly kind: "fault" } & SieveFault);

export interface SieveBranch {
  readonly test: SieveTest;
  readonly commands: readonly SieveCommand[];
}
