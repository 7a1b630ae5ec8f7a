/** `log_selector`: names with + and -, applied to the default set in order. Manual §"Reducing or increasing what is logged". */
const ON_BY_DEFAULT = [
  "acl_warn_skipped",
  "connection_reject",
  "delay_delivery",
  "dkim",
  "dnslist_defer",
  "etrn",
  "host_lookup_failed",
  "lost_incoming_connection",
  "msg_id",
  "queue_run",
  "rejected_header",
  "retry_defer",
  "sender_verify_fail",
  "size_reject",
  "skip_delivery",
  "smtp_confirmation",
  "tls_certificate_verified",
  "tls_cipher",
] as const;

const OFF_BY_DEFAULT = [
  "8bitmime",
  "address_rewrite",
  "all_parents",
  "arguments",
  "connection_id",
  "deliver_time",
  "delivery_size",
  "dkim_verbose",
  "dmarc",
  "dmarc_verbose",
  "dnssec",
  "ident_timeout",
  "incoming_interface",
  "incoming_port",
  "millisec",
  "msg_id_created",
  "outgoing_interface",
  "outgoing_port",
  "pid",
  "pipelining",
  "protocol_detail",
  "proxy",
  "queue_time",
  "queue_time_exclusive",
  "queue_time_overall",
  "receive_time",
  "received_recipients",
  "received_sender",
  "return_path_on_delivery",
  "sender_on_delivery",
  "smtp_connection",
  "smtp_incomplete_transaction",
  "smtp_mailauth",
  "smtp_no_mail",
  "smtp_protocol_error",
  "smtp_syntax_error",
  "spf",
  "spf_verbose",
  "subject",
  "tls_on_connect",
  "tls_peerdn",
  "tls_resumption",
  "tls_sni",
  "unknown_in_list",
] as const;

export type LogSelectorName = (typeof ON_BY_DEFAULT)[number] | (typeof OFF_BY_DEFAULT)[number];

/** Every name that `log_selector` knows, but for `all`. */
export const LOG_SELECTORS: readonly LogSelectorName[] = [...ON_BY_DEFAULT, ...OFF_BY_DEFAULT].sort();

/** `outgoing_interface` needs `incoming_interface` to have an effect, so it counts as on by default. */
export function defaultSelector(): Set<string> {
  return new Set(ON_BY_DEFAULT);
}

export interface SelectorResult {
  readonly selector: ReadonlySet<string>;
  /** Exim's texts, for items that are none. */
  readonly faults: readonly SelectorFault[];
}

export interface SelectorFault {
  readonly message: string;
  readonly name: string;
  readonly offset: number;
}

export function parseLogSelector(text: string): SelectorResult {
  const selector = defaultSelector();
  const faults: SelectorFault[] = [];
  for (const match of text.matchAll(/([+-]?)[ \t]*([^\s+-][^\s+-]*)/g)) {
    const [, sign, name] = match as unknown as [string, string, string];
    if (sign === "")
      faults.push({
        message: `malformed log_selector setting: + or - expected but found "${text.slice(match.index)}"`,
        name,
        offset: match.index,
      });
    else if (name === "all") for (const each of LOG_SELECTORS) change(selector, each, sign);
    else if ((LOG_SELECTORS as readonly string[]).includes(name)) change(selector, name, sign);
    else faults.push({ message: `unknown log_selector setting: ${sign}${name}`, name, offset: match.index });
  }
  return { selector, faults };
}

function change(selector: Set<string>, name: string, sign: string): void {
  if (sign === "+") selector.add(name);
  else selector.delete(name);
}
