/** `$variables` that are facts of the address that is verified, routed or delivered. */
import { clean, EMPTY, tainted } from "@mailkit/sdk";
import type { AddressFacts, Text, VariableSource } from "@mailkit/sdk";

type Getter = (a: AddressFacts) => Text;

const GETTERS = new Map<string, Getter>([
  ["local_part", (a) => tainted(a.localPart)],
  ["domain", (a) => tainted(a.domain)],
  ["local_part_data", (a) => a.localPartData ?? EMPTY],
  ["domain_data", (a) => a.domainData ?? EMPTY],
  ["local_part_prefix", (a) => tainted(a.prefix)],
  ["local_part_suffix", (a) => tainted(a.suffix)],
  ["local_part_prefix_v", (a) => tainted(a.prefixVariable)],
  ["local_part_suffix_v", (a) => tainted(a.suffixVariable)],
  ["address_data", (a) => a.addressData ?? EMPTY],
  ["parent_local_part", (a) => tainted(a.parentLocalPart)],
  ["parent_domain", (a) => tainted(a.parentDomain)],
  ["original_local_part", (a) => tainted(a.originalLocalPart)],
  ["original_domain", (a) => tainted(a.originalDomain)],
  ["home", (a) => a.home ?? EMPTY],
  ["local_user_uid", (a) => clean(a.account === undefined ? "" : String(a.account.uid))],
  ["local_user_gid", (a) => clean(a.account === undefined ? "" : String(a.account.gid))],
  ["self_hostname", (a) => tainted(a.selfHostname)],
  ["router_name", (a) => clean(a.routerName)],
  ["transport_name", (a) => clean(a.transportName)],
  ["host", (a) => tainted(a.host?.name ?? "")],
  ["host_address", (a) => tainted(a.host?.address ?? "")],
  ["host_port", (a) => clean(a.host === undefined ? "0" : String(a.host.port))],
]);

export function addressVariables(a: AddressFacts): VariableSource {
  return (name) => {
    if (name.startsWith("r_")) return a.variables.get(name);
    const extra = a.extra.get(name);
    if (extra !== undefined) return extra;
    // What an ACL found in a list of hosts is a fact of the session.
    if (name === "host_data") return a.hostData;
    return GETTERS.get(name)?.(a);
  };
}
