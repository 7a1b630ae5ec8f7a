/** Filters of users, as a router asks for them: the request, and what comes of it. */
import type { Maybe } from "./maybe.ts";
import type { ChildAddress, RouterAddress } from "./router.ts";
import type { Scope } from "./scope.ts";

/** Port: runs a user's filter (manual of filters). Policy is a value, never thrown. */
export interface FilterService {
  run(request: FilterRequest): Maybe<FilterResult>;
}

export interface FilterRequest {
  readonly kind: "exim" | "sieve";
  readonly text: string;
  /** Where the text stands, for messages; undefined when it is the value of `data`. */
  readonly file?: string;
  readonly address: RouterAddress;
  readonly scope: Scope;
  /** What the router forbids or has not allowed: "dlfunc", "existstest", ... "defer", "fail", "freeze". */
  readonly forbid: ReadonlySet<FilterForbidden>;
  /** `filter_prepend_home`. */
  readonly prependHome: boolean;
  /** Domain for addresses without one. */
  readonly qualifyDomain: string;
  readonly sieve: {
    readonly useraddress?: string;
    readonly subaddress?: string;
    readonly vacationDirectory?: string;
    readonly enotifyMailtoOwner?: string;
    readonly inbox: string;
  };
}

export type FilterForbidden =
  | "defer"
  | "dlfunc"
  | "existstest"
  | "fail"
  | "file"
  | "freeze"
  | "logwrite"
  | "lookup"
  | "perl"
  | "pipe"
  | "readfile"
  | "readsocket"
  | "reply"
  | "run";

export type FilterResult =
  | {
      readonly kind: "done";
      /** A significant delivery was set up; else the normal delivery takes place too. */
      readonly delivered: boolean;
      readonly children: readonly ChildAddress[];
      readonly log?: readonly string[];
    }
  | {
      readonly kind: "fail" | "defer" | "freeze";
      readonly message: string;
      readonly log?: readonly string[];
      /** Set up before the command; they are made all the same. */
      readonly children?: readonly ChildAddress[];
    }
  /** A fault of the filter's text. */
  | { readonly kind: "error"; readonly message: string };
