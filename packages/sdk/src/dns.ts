import type { Maybe } from "./maybe.ts";

export type DnsType = "A" | "AAAA" | "MX" | "NS" | "PTR" | "SOA" | "SRV" | "SPF" | "TLSA" | "TXT" | "CNAME";

export interface DnsRecord {
  readonly name: string;
  readonly type: DnsType;
  /** Seconds. */
  readonly ttl: number;
  /** A, AAAA: the address; MX, NS, PTR, CNAME: the name without final dot; TXT, SPF: the joined text. */
  readonly data: string;
  /** MX preference, or SRV priority. */
  readonly preference?: number;
  /** SRV. */
  readonly weight?: number;
  readonly port?: number;
  /** TXT: the single strings. */
  readonly strings?: readonly string[];
  /** SOA and TLSA: fields in the order of the presentation form. */
  readonly fields?: readonly string[];
}

/** NXDOMAIN, NODATA, SERVFAIL and no answer are different facts and stay apart. */
export type DnsAnswer =
  | {
      readonly kind: "found";
      /** Records of the wanted type, after any CNAME chain. */
      readonly records: readonly DnsRecord[];
      /** The name at the end of the CNAME chain (the asked name when there was none). */
      readonly name: string;
      /** The AD bit of a trusted resolver. */
      readonly secure: boolean;
      /** Seconds. */
      readonly ttl: number;
    }
  | { readonly kind: "noDomain" | "noData"; readonly secure: boolean; readonly ttl: number }
  | { readonly kind: "defer"; readonly reason: "servfail" | "refused" | "timeout" | "malformed"; readonly message: string };

export interface DnsQuestion {
  readonly name: string;
  readonly type: DnsType;
  readonly dnssec?: boolean;
  /** Milliseconds for one try, and how often to try again, when they differ from the resolver's own (`dnsdb`). */
  readonly retransmit?: number;
  readonly retries?: number;
  /** `dns_again_means_nonexist` and the like are applied by the resolver's owner, not here. */
}

/** Port: asks DNS. A cached answer comes back at once. Never throws. */
export interface DnsService {
  query(question: DnsQuestion): Maybe<DnsAnswer>;
}
