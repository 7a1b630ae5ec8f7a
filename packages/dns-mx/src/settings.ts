/** What finding hosts depends on, as ports and plain settings; `runtime` fills it from the configuration. */
import type { DnsService, FileService, Maybe, Random } from "@mailkit/sdk";

export interface FinderOptions {
  /** With `withDnsRules` around it. */
  readonly dns: DnsService;
  /** `dns_check_names_pattern`, for the reason why a name is not asked for. */
  readonly validName?: (name: string) => boolean;
  readonly random: Random;
  /** For the hosts file; without it that is not looked at. */
  readonly files?: FileService;
  /** Default `/etc/hosts`. */
  readonly hostsFile?: string;
  /** An address of this host's interfaces, `local_interfaces` or `extra_local_interfaces`? */
  readonly isInterface: (address: string, port?: number) => boolean;
  /** `hosts_treat_as_local`. */
  readonly treatAsLocal?: (name: string) => Maybe<boolean>;
  /** `dns_ipv4_lookup`: no AAAA for this domain. */
  readonly ipv4Lookup?: (domain: string) => Maybe<boolean>;
  /** `disable_ipv6`. */
  readonly disableIpv6?: boolean;
  /** `allow_mx_to_ip`. */
  readonly allowMxToIp?: boolean;
  /** Domains of resolv.conf's `search`, for `qualify_single` and `search_parents`. */
  readonly search?: readonly string[];
  /** `host_lookup_order`. Default bydns, byaddr. */
  readonly hostLookupOrder?: readonly ("bydns" | "byaddr")[];
}
