/** Main options: DNS. */
import { option } from "@mailkit/sdk";

const { boolean, domainList, integer, string, time } = option;

export const dnsOptions = {
  allow_mx_to_ip: boolean({ doc: "Accept MX records that hold an address." }),
  dns_again_means_nonexist: domainList({ doc: "Domains whose temporary DNS failures count as no such domain." }),
  dns_check_names_pattern: string({
    default: "(?i)^(?>(?(1)\\.|())[^\\W](?>[a-z0-9/_-]*[^\\W])?)+(\\.?)$",
    doc: "Names that do not match are not asked for.",
  }),
  dns_cname_loops: integer({ default: 1, doc: "How many CNAMEs are followed beyond what the resolver did." }),
  dns_dnssec_ok: integer({
    default: -1,
    doc: "Ask with the DO bit: 1 yes, 0 no, -1 as the system does.",
    missing: { how: "warn", why: "the resolver does not ask for DNSSEC" },
  }),
  dns_ipv4_lookup: domainList({ doc: "Domains for which no AAAA records are wanted." }),
  dns_retrans: time({ doc: "Wait before a question is repeated; 0s = the default." }),
  dns_retry: integer({ doc: "How often a question is repeated; 0 = the default." }),
  dns_trust_aa: domainList({ doc: "Zones whose authoritative answers count as secure." }),
  dns_use_edns0: integer({ default: -1, doc: "Use EDNS: 1 yes, 0 no, -1 as the system does." }),
};
