/** Variables that speak of the SMTP session, the ACLs and the verification of addresses. The form is explained in `table.ts`. */
export const SESSION_VARIABLES = `
acl_arg1 first argument of the ACL that runs
acl_arg2 second argument of the ACL that runs
acl_arg3 third argument of the ACL that runs
acl_arg4 fourth argument of the ACL that runs
acl_arg5 fifth argument of the ACL that runs
acl_arg6 sixth argument of the ACL that runs
acl_arg7 seventh argument of the ACL that runs
acl_arg8 eighth argument of the ACL that runs
acl_arg9 ninth argument of the ACL that runs
acl_narg =0 number of arguments of the ACL that runs
acl_verify_message why an address verification failed
atrn_host host of a queue turn that is asked for with ATRN
atrn_mode C for a client and P for a provider of ATRN
authenticated_fail_id !identity of an authentication that failed
authenticated_id identity that server_set_id kept after authentication
authenticated_sender !AUTH= of MAIL when the sender may say so, else the local caller
authentication_failed 1 after AUTH failed in this session
callout_address address of the server that was last called for verification or scanning
connection_id identity of the connection in the log
host_lookup_deferred 1 when looking up the name of the client's address failed for now
host_lookup_failed 1 when the client's address has no name
interface_address old name of $received_ip_address
interface_port old name of $received_port
prdr_requested =no yes when the client asked for PRDR
proxy_external_address address of the client outside the proxy
proxy_external_port =0 port of the client outside the proxy
proxy_local_address inner address of the proxy
proxy_local_port =0 inner port of the proxy
proxy_session =no 1 when a proxy stands between
rcpt_count RCPT commands for this message
rcpt_defer_count RCPT commands that were deferred
rcpt_fail_count RCPT commands that were refused
recipient_data what a recipients condition found in a lookup
recipient_verify_failure stage at which recipient verification failed
sender_address !sender of the envelope
sender_address_data $address_data that sender verification left
sender_address_domain !domain of $sender_address
sender_address_local_part !local part of $sender_address
sender_data what a senders condition found in a lookup
sender_fullhost !name, HELO and address of the client in one string
sender_helo_dnssec =no yes when HELO was verified with DNSSEC
sender_helo_name !argument of HELO or EHLO
sender_helo_verified 1 when HELO was verified
sender_host_address address of the client
sender_host_authenticated name of the authenticator that the client used
sender_host_dnssec =no yes when the client's name was found with DNSSEC
sender_host_name !name of the client, looked up when first asked for
sender_host_port port of the client
sender_ident !user that the client's ident server named, or the local caller
sender_rate rate that the ratelimit condition measured
sender_rate_limit limit of the ratelimit condition
sender_rate_period period of the ratelimit condition
sender_rcvhost !client as it stands in Received:
sender_verify_failure stage at which sender verification failed
smtp_command !SMTP command being worked on
smtp_command_argument !argument of the SMTP command being worked on
smtp_command_history last commands of the session, separated by commas
smtp_count_at_connection_start number of connections when this one began
smtp_notquit_reason why a session ended without QUIT
verify_mode S or R while an address is verified
`;
