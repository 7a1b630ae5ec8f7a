/** Variables that speak of what checks found: DNS lists, spam, viruses, MIME, DKIM, SPF, DMARC, ARC. The form is explained in `table.ts`. */
export const CONTENT_VARIABLES = `
arc_domains domains of the ARC chain, newest first
arc_oldest_pass lowest ARC instance that passed
arc_state result of the ARC verification
arc_state_reason why the ARC verification failed
av_failed =0 1 when the virus scanner could not do its work
csa_status result of the Client SMTP Authorization check
dcc_header X-DCC header line of the DCC check
dcc_result A, R, G or S of the DCC check
dkim_algo !a= of the DKIM signature at hand
dkim_bodylength =9999999999999 !l= of the DKIM signature at hand
dkim_canon_body !body canonicalisation of the DKIM signature at hand
dkim_canon_headers !header canonicalisation of the DKIM signature at hand
dkim_copiedheaders !z= of the DKIM signature at hand
dkim_created =0 !t= of the DKIM signature at hand
dkim_cur_signer !signer that the DKIM ACL runs for
dkim_domain !d= of the DKIM signature at hand; when signing, the domain that signs
dkim_expires =9999999999999 !x= of the DKIM signature at hand
dkim_headernames !h= of the DKIM signature at hand
dkim_identity !i= of the DKIM signature at hand
dkim_key_granularity =* !g= of the DKIM key
dkim_key_length =0 bits of the DKIM key
dkim_key_nosubdomains =0 1 when the DKIM key forbids subdomains
dkim_key_notes !n= of the DKIM key
dkim_key_srvtype =* !s= of the DKIM key
dkim_key_testing =0 1 when the DKIM key is for testing
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
malware_name name of the virus that was found
mime_anomaly_level =0 how serious the anomaly of the MIME part is
mime_anomaly_text what is odd about the MIME part
mime_boundary !boundary of the multipart
mime_charset !charset of the MIME part
mime_content_description !Content-Description of the MIME part
mime_content_disposition !Content-Disposition of the MIME part
mime_content_id !Content-ID of the MIME part
mime_content_size =0 kilobytes of the decoded MIME part
mime_content_transfer_encoding !Content-Transfer-Encoding of the MIME part
mime_content_type !Content-Type of the MIME part
mime_decoded_filename file that the MIME part was decoded to
mime_filename !file name that the MIME part proposes
mime_is_coverletter =0 1 when the MIME part is the text of the message, not an attachment
mime_is_multipart =0 1 when the MIME part is a multipart
mime_is_rfc822 =0 1 when the MIME part is inside an attached message
mime_part_count =-1 number of the MIME part, from 0
prvscheck_address !address inside a prvs-signed one, during prvscheck
prvscheck_keynum key number of a prvs-signed address, during prvscheck
prvscheck_result 1 when the last prvscheck was good
regex_cachesize number of compiled regular expressions kept
regex_match_string regular expression that the regex condition matched
spam_action action that the spam scanner advises
spam_bar spam score as a row of + or -
spam_report report of the spam scanner
spam_score spam score
spam_score_int spam score times ten
spf_guess result of a guess without an SPF record
spf_header_comment !what Received-SPF says besides
spf_received !Received-SPF header line
spf_result SPF result in one word
spf_result_guessed =no yes when the SPF result is a guess
spf_smtp_comment !what to tell the client of SPF
spf_used_domain !domain that SPF looked at
srs_recipient !address that inbound_srs decoded
`;
