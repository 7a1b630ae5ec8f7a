/** Names of `log_selector` (manual §"Reducing or increasing what is logged"). */
export const LOG_SELECTORS: readonly string[] = `8bitmime acl_warn_skipped address_rewrite all all_parents arguments connection_id
connection_reject delay_delivery deliver_time delivery_size dkim dkim_verbose dmarc dmarc_verbose dnslist_defer dnssec etrn
host_lookup_failed ident_timeout incoming_interface incoming_port lost_incoming_connection millisec msg_id msg_id_created
outgoing_interface outgoing_port pid pipelining protocol_detail proxy queue_run queue_time queue_time_exclusive queue_time_overall
receive_time received_recipients received_sender rejected_header rejected_headers retry_defer return_path_on_delivery sender_on_delivery
sender_verify_fail size_reject skip_delivery smtp_confirmation smtp_connection smtp_incomplete_transaction smtp_mailauth smtp_no_mail
smtp_protocol_error smtp_syntax_error spf spf_verbose subject tls_certificate_verified tls_cipher tls_on_connect tls_peerdn
tls_resumption tls_sni unknown_in_list`.split(/\s+/);

export type LogSelectorFault =
  | { readonly why: "unknown"; readonly word: string; readonly offset: number }
  | { readonly why: "malformed"; readonly word: string; readonly offset: number };

/** The first fault of a `log_selector` value, or undefined. */
export function checkLogSelector(text: string): LogSelectorFault | undefined {
  for (const match of text.matchAll(/\S+/g)) {
    const offset = match.index;
    for (const part of match[0].matchAll(/[+-]?[^+-]+|[+-]/g)) {
      const word = part[0];
      if (!/^[+-]/.test(word)) return { why: "malformed", word: text.slice(offset + part.index), offset: offset + part.index };
      if (!LOG_SELECTORS.includes(word.slice(1))) return { why: "unknown", word, offset: offset + part.index };
    }
  }
  return undefined;
}
