/**
 * Every `$variable` by name, with one line about it: for diagnostics, completion and the reference page. Data only.
 * A `!` in front of the text marks what usually comes from outside (manual §"Expansion variables", "Tainted").
 */
export const VARIABLE_TEXTS = `
acl_arg1 first argument of the ACL that runs
acl_arg2 second argument of the ACL that runs
acl_arg3 third argument of the ACL that runs
acl_arg4 fourth argument of the ACL that runs
acl_arg5 fifth argument of the ACL that runs
acl_arg6 sixth argument of the ACL that runs
acl_arg7 seventh argument of the ACL that runs
acl_arg8 eighth argument of the ACL that runs
acl_arg9 ninth argument of the ACL that runs
acl_narg number of arguments of the ACL that runs
acl_verify_message why an address verification failed
address_data value of the router option address_data, seen by later routers and the transport
address_file !file that a redirection asked for, while its transport runs
address_pipe !command that a redirection asked for, while its transport runs
arc_domains domains of the ARC chain, newest first
arc_oldest_pass lowest ARC instance that passed
arc_state result of the ARC verification
arc_state_reason why the ARC verification failed
atrn_host host of a queue turn that is asked for with ATRN
atrn_mode C for a client and P for a provider of ATRN
authenticated_fail_id !identity of an authentication that failed
authenticated_id identity that server_set_id kept after authentication
authenticated_sender !AUTH= of MAIL when the sender may say so, else the local caller
authentication_failed 1 after AUTH failed in this session
av_failed 1 when the virus scanner could not do its work
body_linecount lines of the body
body_zerocount binary zeros in the body
bounce_recipient recipient of a bounce that is being made
bounce_return_size_limit option bounce_return_size_limit, rounded up to thousands
caller_gid real group id of the caller
caller_uid real user id of the caller
callout_address address of the server that was last called for verification or scanning
compile_date when the program was built
compile_number how often the program was built
config_dir directory of the main configuration file
config_file name of the main configuration file
connection_id identity of the connection in the log
csa_status result of the Client SMTP Authorization check
dcc_header X-DCC header line of the DCC check
dcc_result A, R, G or S of the DCC check
dkim_algo !a= of the DKIM signature at hand
dkim_bodylength !l= of the DKIM signature at hand
dkim_canon_body !body canonicalisation of the DKIM signature at hand
dkim_canon_headers !header canonicalisation of the DKIM signature at hand
dkim_copiedheaders !z= of the DKIM signature at hand
dkim_created !t= of the DKIM signature at hand
dkim_cur_signer !signer that the DKIM ACL runs for
dkim_domain !d= of the DKIM signature at hand; when signing, the domain that signs
dkim_expires !x= of the DKIM signature at hand
dkim_headernames !h= of the DKIM signature at hand
dkim_identity !i= of the DKIM signature at hand
dkim_key_granularity !g= of the DKIM key
dkim_key_length bits of the DKIM key
dkim_key_nosubdomains 1 when the DKIM key forbids subdomains
dkim_key_notes !n= of the DKIM key
dkim_key_srvtype !s= of the DKIM key
dkim_key_testing 1 when the DKIM key is for testing
dkim_selector !s= of the DKIM signature at hand; when signing, the selector
dkim_signers !domains and identities that signed
dkim_verify_reason why a DKIM signature did not verify
dkim_verify_signers signers that the DKIM ACL runs for
dkim_verify_status none, invalid, fail or pass of the DKIM signature at hand
dmarc_alignment_dkim yes when DKIM is aligned for DMARC
dmarc_alignment_spf yes when SPF is aligned for DMARC
dmarc_domain_policy policy that the domain publishes for DMARC
dmarc_status DMARC result in one word
dmarc_status_text DMARC result for people
dmarc_used_domain !domain that DMARC looked at
dnslist_domain DNS list that matched
dnslist_matched key that was looked up in the DNS list
dnslist_text !TXT record of the DNS list that matched
dnslist_value addresses that the DNS list gave
domain !domain of the address being worked on
domain_data what the domain matched in a list or lookup: the validated form of $domain
event_data data of the event that fired
event_defer_errno error number of a deferral event
event_name name of the event that fired
exim_gid group id of the mail user
exim_path path of the program
exim_uid user id of the mail user
exim_version version of the program
headers_added header lines that ACLs have added so far
home home directory of the local user, or the one that the router or transport sets
host name of the host that a transport talks to
host_address address of the host that a transport talks to
host_data what a hosts condition found in a lookup
host_lookup_deferred 1 when looking up the name of the client's address failed for now
host_lookup_failed 1 when the client's address has no name
host_port port of the host that a transport talks to
initial_cwd directory in which the program was started
inode inode of the file, while directory_file is expanded
interface_address old name of $received_ip_address
interface_port old name of $received_port
item the element at hand of forany, forall, filter, map, reduce and sort
ldap_dn DN of the last entry of an LDAP lookup
load_average load average of the system, times 1000
local_part !local part of the address being worked on
local_part_data what the local part matched in a list or lookup: the validated form of $local_part
local_part_prefix !prefix that the router took off
local_part_prefix_v !the part of the prefix that a wildcard stands for
local_part_suffix !suffix that the router took off
local_part_suffix_v !the part of the suffix that a wildcard stands for
local_scan_data text that local_scan() returned
local_user_gid group id of the local user that check_local_user found
local_user_uid user id of the local user that check_local_user found
localhost_number option localhost_number
log_inodes free inodes where logs are written
log_space free kilobytes where logs are written
lookup_dnssec_authenticated yes or no after a DNS lookup: was it authenticated by DNSSEC
mailstore_basename name of the file of a mailstore delivery
malware_name name of the virus that was found
max_received_linelength octets of the longest line received
message_age seconds since the message was received
message_body !beginning of the body, line ends as spaces
message_body_end !end of the body, line ends as spaces
message_body_size octets of the body
message_exim_id id of the message in queue and logs
message_headers !all header lines, decoded
message_headers_raw !all header lines, as received
message_id old name of $message_exim_id
message_linecount lines of header and body
message_size octets of the message; SIZE before it has come; -1 unknown
message_smtputf8 yes when the message needs SMTPUTF8
mime_anomaly_level how serious the anomaly of the MIME part is
mime_anomaly_text what is odd about the MIME part
mime_boundary !boundary of the multipart
mime_charset !charset of the MIME part
mime_content_description !Content-Description of the MIME part
mime_content_disposition !Content-Disposition of the MIME part
mime_content_id !Content-ID of the MIME part
mime_content_size kilobytes of the decoded MIME part
mime_content_transfer_encoding !Content-Transfer-Encoding of the MIME part
mime_content_type !Content-Type of the MIME part
mime_decoded_filename file that the MIME part was decoded to
mime_filename !file name that the MIME part proposes
mime_is_coverletter 1 when the MIME part is the text of the message, not an attachment
mime_is_multipart 1 when the MIME part is a multipart
mime_is_rfc822 1 when the MIME part is inside an attached message
mime_part_count number of the MIME part, from 0
n0 counter of filter files
n1 counter of filter files
n2 counter of filter files
n3 counter of filter files
n4 counter of filter files
n5 counter of filter files
n6 counter of filter files
n7 counter of filter files
n8 counter of filter files
n9 counter of filter files
original_domain !domain of the top-level address
original_local_part !local part of the top-level address, affixes included
originator_gid $caller_gid when the message was received
originator_uid $caller_uid when the message was received
parent_domain !domain of the address that a redirection made this one from
parent_local_part !local part of the address that a redirection made this one from
pid process id
prdr_requested yes when the client asked for PRDR
primary_hostname option primary_hostname, or the name of the machine
proxy_external_address address of the client outside the proxy
proxy_external_port port of the client outside the proxy
proxy_local_address inner address of the proxy
proxy_local_port inner port of the proxy
proxy_session 1 when a proxy stands between
prvscheck_address !address inside a prvs-signed one, during prvscheck
prvscheck_keynum key number of a prvs-signed address, during prvscheck
prvscheck_result 1 when the last prvscheck was good
qualify_domain option qualify_domain
qualify_recipient option qualify_recipient
queue_name name of the queue; empty for the default one
queue_size number of messages in the queue
rcpt_count RCPT commands for this message
rcpt_defer_count RCPT commands that were deferred
rcpt_fail_count RCPT commands that were refused
received_count Received: lines of the message, with this host's own
received_for !the recipient, when there is only one
received_ip_address local address of the incoming connection
received_port local port of the incoming connection
received_protocol protocol by which the message came
received_time seconds since 1970 when the message was received
recipient_data what a recipients condition found in a lookup
recipient_verify_failure stage at which recipient verification failed
recipients !envelope recipients, separated by comma and space
recipients_count number of envelope recipients
recipients_list !envelope recipients as a list
regex_cachesize number of compiled regular expressions kept
regex_match_string regular expression that the regex condition matched
reply_address !Reply-To: if there is one, else From:
return_path !return path of this delivery
return_size_limit old name of $bounce_return_size_limit
router_name name of the router that runs
runrc exit code of the last \${run
self_hostname host that turned out to be this one (self = pass)
sender_address !sender of the envelope
sender_address_data $address_data that sender verification left
sender_address_domain !domain of $sender_address
sender_address_local_part !local part of $sender_address
sender_data what a senders condition found in a lookup
sender_fullhost !name, HELO and address of the client in one string
sender_helo_dnssec yes when HELO was verified with DNSSEC
sender_helo_name !argument of HELO or EHLO
sender_helo_verified 1 when HELO was verified
sender_host_address address of the client
sender_host_authenticated name of the authenticator that the client used
sender_host_dnssec yes when the client's name was found with DNSSEC
sender_host_name !name of the client, looked up when first asked for
sender_host_port port of the client
sender_ident !user that the client's ident server named, or the local caller
sender_rate rate that the ratelimit condition measured
sender_rate_limit limit of the ratelimit condition
sender_rate_period period of the ratelimit condition
sender_rcvhost !client as it stands in Received:
sender_verify_failure stage at which sender verification failed
sending_ip_address local address of an outgoing connection
sending_port local port of an outgoing connection
smtp_active_hostname name that the server uses in this session
smtp_command !SMTP command being worked on
smtp_command_argument !argument of the SMTP command being worked on
smtp_command_history last commands of the session, separated by commas
smtp_count_at_connection_start number of connections when this one began
smtp_notquit_reason why a session ended without QUIT
sn0 counter n0 when the system filter ended
sn1 counter n1 when the system filter ended
sn2 counter n2 when the system filter ended
sn3 counter n3 when the system filter ended
sn4 counter n4 when the system filter ended
sn5 counter n5 when the system filter ended
sn6 counter n6 when the system filter ended
sn7 counter n7 when the system filter ended
sn8 counter n8 when the system filter ended
sn9 counter n9 when the system filter ended
spam_action action that the spam scanner advises
spam_bar spam score as a row of + or -
spam_report report of the spam scanner
spam_score spam score
spam_score_int spam score times ten
spf_guess result of a guess without an SPF record
spf_header_comment !what Received-SPF says besides
spf_received !Received-SPF header line
spf_result SPF result in one word
spf_result_guessed yes when the SPF result is a guess
spf_smtp_comment !what to tell the client of SPF
spf_used_domain !domain that SPF looked at
spool_directory option spool_directory
spool_inodes free inodes of the spool
spool_space free kilobytes of the spool
srs_recipient !address that inbound_srs decoded
thisaddress !address at hand of foranyaddress in a filter
tls_bits old name of $tls_in_bits
tls_certificate_verified old name of $tls_in_certificate_verified
tls_cipher old name of $tls_in_cipher
tls_in_bits strength of the incoming cipher
tls_in_certificate_verified 1 when the client's certificate was verified
tls_in_cipher cipher of the incoming connection
tls_in_cipher_std the same under its RFC name
tls_in_ocsp result of the OCSP request on the incoming connection
tls_in_ourcert certificate shown to the client
tls_in_peercert certificate of the client
tls_in_peerdn !distinguished name in the client's certificate
tls_in_resumption bits about session resumption of the incoming connection
tls_in_sni !server name that the client asked for
tls_in_ver TLS version of the incoming connection
tls_out_bits strength of the outgoing cipher
tls_out_certificate_verified 1 when the server's certificate was verified
tls_out_cipher cipher of the outgoing connection
tls_out_cipher_std the same under its RFC name
tls_out_dane yes when DANE verified the server
tls_out_ocsp result of the OCSP request on the outgoing connection
tls_out_ourcert certificate shown to the server
tls_out_peercert certificate of the server
tls_out_peerdn !distinguished name in the server's certificate
tls_out_resumption bits about session resumption of the outgoing connection
tls_out_sni server name sent to the server
tls_out_tlsa_usage bits of the TLSA usages that were found
tls_out_ver TLS version of the outgoing connection
tls_peerdn old name of $tls_in_peerdn
tls_sni old name of $tls_in_sni
tod_bsdinbox date and time as in the From line of a mailbox
tod_epoch seconds since 1970
tod_epoch_l microseconds since 1970
tod_full date and time as in a Date: line
tod_log date and time as in the log
tod_logfile date as yyyymmdd
tod_zone offset of the time zone
tod_zulu date and time in UTC, as in 20030221154023Z
transport_name name of the transport that runs
value what a lookup, extract, run, match or reduce has at hand
verify_mode S or R while an address is verified
version_number version of the program
warn_message_delay how long the message has been delayed, in a delay warning
warn_message_recipient old name of $warn_message_recipients
warn_message_recipients recipients of a delay warning
warnmsg_delay old name of $warn_message_delay
warnmsg_recipient old name of $warn_message_recipients
warnmsg_recipients old name of $warn_message_recipients
`;
