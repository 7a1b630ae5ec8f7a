/** Names to hosts: what routers and transports ask, and what they are told. */
import type { Maybe } from "./maybe.ts";

export interface HostTarget {
  /** As in the MX record or the route. */
  readonly name: string;
  readonly address: string;
  readonly port?: number;
  /** MX preference; undefined when there was no MX. Equal values are one group, already shuffled. */
  readonly mx?: number;
  /** Found by a secure (AD) answer. */
  readonly secure?: boolean;
  /** From an MX record (retry classes `_MX`) or straight from an address record (`_A`). */
  readonly fromMx: boolean;
}

/** Port to `@mailkit/dns-mx`: names to hosts with Exim's rules. */
export interface HostFinder {
  /** MX, then A/AAAA (manual §"The dnslookup router"). */
  mx(question: MxQuestion): Maybe<HostsFound>;
  /** Addresses of one host, from DNS, then /etc/hosts, `localhost` known by itself. */
  addresses(question: {
    readonly name: string;
    readonly ipv4Only?: boolean;
    readonly ipv4Prefer?: boolean;
    readonly byName?: boolean;
    /** DNS alone, no /etc/hosts. */
    readonly byDns?: boolean;
    readonly dnssec?: boolean;
    readonly dnssecRequire?: boolean;
  }): Maybe<HostsFound>;
  /** Is it an address of this host (`self`)? */
  isLocal(address: string, port?: number): boolean;
}

export interface MxQuestion {
  readonly domain: string;
  readonly checkMx: boolean;
  readonly checkAddress: boolean;
  /** Service name of `check_srv`. */
  readonly srv?: string;
  readonly ipv4Only?: boolean;
  readonly ipv4Prefer?: boolean;
  readonly dnssecRequest?: boolean;
  readonly dnssecRequire?: boolean;
  /** True for addresses in `ignore_target_hosts`. */
  readonly ignore?: (address: string, name: string) => Maybe<boolean>;
  readonly secondaryOnly?: boolean;
  /** A lookup that fails counts as "no such record" (`mx_fail_domains`, `srv_fail_domains`). */
  readonly mxFail?: boolean;
  readonly srvFail?: boolean;
  /** Search options of the resolver: default domain for single words, parents for the rest. */
  readonly qualifySingle?: boolean;
  readonly searchParents?: boolean;
}

export type HostsFound =
  | {
      readonly kind: "found";
      readonly hosts: readonly HostTarget[];
      /** The name that was really used (after a CNAME). */
      readonly name: string;
      /** This host is in the list: "first" = nobody is better; "later" = better ones remain, the rest was dropped. */
      readonly local: "no" | "first" | "later";
      readonly secure: boolean;
      /** The full name, when `qualifySingle` or `searchParents` made the asked one longer. */
      readonly widened?: string;
    }
  | {
      readonly kind: "notFound";
      readonly message: string;
      readonly why: "noDomain" | "noData" | "nullMx" | "noHosts" | "allIgnored" | "noMx" | "ipInMx" | "badName";
    }
  | { readonly kind: "defer"; readonly message: string };
