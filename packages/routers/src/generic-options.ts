/**
 * The options that every router has (manual chapter "Generic options for routers"), 50 rows. The configuration reader
 * parses by them; `instance.ts` gives them their meaning. A driver never sees them.
 */
import { option } from "@mailkit/sdk";
import type { OptionSpec, OptionValues } from "@mailkit/sdk";

/** A boolean whose default depends on something else: undefined = not written. */
function unsetBoolean(doc: string): OptionSpec<boolean | undefined> {
  return { ...option.boolean({ doc }), default: undefined };
}

export const genericRouterOptions = {
  address_data: option.expanded({ doc: "Text kept with the address as $address_data; a forced failure makes the router decline." }),
  address_test: option.boolean({ default: true, doc: "False: skipped when an address is tested with `route` or -bt." }),
  cannot_route_message: option.expanded({ doc: "Message when this was the last router considered and nobody took the address." }),
  caseful_local_part: option.boolean({ doc: "The case of letters in local parts counts." }),
  check_local_user: option.boolean({ doc: "The local part must be an account of this host; sets $home and $local_part_data." }),
  condition: option.conditions({ doc: 'Must expand to something other than "", "0", "no", "false"; may be given several times.' }),
  debug_print: option.expanded({ doc: "Printed when debugging or testing, after `check_local_user`." }),
  disable_logging: option.boolean({ doc: "Nothing is logged of errors and deliveries of this router." }),
  dnssec_request_domains: option.domainList({ default: "*", doc: "Domains that are looked up with the DNSSEC bit." }),
  dnssec_require_domains: option.domainList({ doc: "Domains whose answers must be validated." }),
  domains: option.domainList({ doc: "The router is skipped unless the domain matches; sets $domain_data." }),
  driver: option.string({ doc: "The driver; always set." }),
  dsn_lasthop: option.boolean({ doc: "DSN requests are not passed on; a success DSN is sent instead." }),
  errors_to: option.expanded({ doc: "Where bounces go, if that address verifies; empty discards them." }),
  expn: option.boolean({ default: true, doc: "False: skipped for EXPN." }),
  fail_verify: option.boolean({ doc: "Sets `fail_verify_sender` and `fail_verify_recipient`." }),
  fail_verify_recipient: option.boolean({ doc: "A recipient that this router accepts fails to verify." }),
  fail_verify_sender: option.boolean({ doc: "A sender that this router accepts fails to verify." }),
  fallback_hosts: option.stringList({ doc: "Hosts to try when all others failed; takes the place of the transport's." }),
  group: option.group({ shown: ({ groupOf }) => groupOf("user"), doc: "Group of local deliveries." }),
  headers_add: option.expanded({ repeat: "lines", doc: "Header lines added to copies; newline-separated, items expanded one by one." }),
  headers_remove: option.expanded({ repeat: "colon", doc: "Names of header lines removed from copies; a final * is a wildcard." }),
  ignore_target_hosts: option.hostList({ doc: "Addresses that are treated as if they did not exist." }),
  initgroups: option.boolean({ doc: "Local deliveries get all groups of the user." }),
  local_part_prefix: option.stringList({ doc: "Prefixes, one of which must be there unless optional; taken off for all that follows." }),
  local_part_prefix_optional: option.boolean({ doc: "The prefix may be missing." }),
  local_part_suffix: option.stringList({ doc: "Suffixes, one of which must be there unless optional; taken off for all that follows." }),
  local_part_suffix_optional: option.boolean({ doc: "The suffix may be missing." }),
  local_parts: option.localPartList({ doc: "The router is skipped unless the local part matches; sets $local_part_data." }),
  log_as_local: unsetBoolean("Deliveries are logged with the local part alone; true for accept unless set."),
  more: option.expandedBoolean({ default: true, doc: "False: when the router declines, no other is tried." }),
  pass_on_timeout: option.boolean({ doc: "A host lookup that times out passes the address on." }),
  pass_router: option.string({ doc: "Router below this one that gets passed addresses." }),
  redirect_router: option.string({ doc: "Router at which generated addresses begin." }),
  require_files: option.stringList({ doc: "Files that must exist (with !: must not); items expanded one by one." }),
  retry_use_local_part: unsetBoolean("Retry hints of routing are kept by address, not by domain."),
  router_home_directory: option.expanded({ doc: "$home while the router runs." }),
  self: option.string({
    default: "freeze",
    doc: "When the first host is this host: freeze, defer, reroute: [rewrite:] domain, pass, fail, send.",
  }),
  senders: option.addressList({ doc: "The router is skipped unless the sender matches." }),
  set: option.variables({ doc: "Variables ($r_name) kept with the address: name = value." }),
  translate_ip_address: option.expanded({
    doc: "Translates addresses of hosts.",
    missing: { how: "refuse", why: "Debian's Exim is built without it; put the wanted addresses into manualroute" },
  }),
  transport: option.expanded({ doc: "Transport of accepted addresses." }),
  transport_current_directory: option.expanded({ doc: "Current directory of local deliveries; expanded at delivery." }),
  transport_home_directory: option.expanded({ doc: "Home directory of local deliveries; expanded at delivery." }),
  unseen: option.expandedBoolean({ default: false, doc: "A copy of the address goes on to the next router." }),
  user: option.user({ doc: "User of local deliveries." }),
  verify: option.boolean({ default: true, doc: "Sets `verify_sender` and `verify_recipient`." }),
  verify_only: option.boolean({ doc: "Used for verification only." }),
  verify_recipient: option.boolean({ default: true, doc: "False: skipped when recipients are verified." }),
  verify_sender: option.boolean({ default: true, doc: "False: skipped when senders are verified." }),
} as const;

export type GenericRouterOptions = OptionValues<typeof genericRouterOptions>;
