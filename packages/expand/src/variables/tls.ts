/** Variables that speak of TLS on either side. The form is explained in `table.ts`. */
export const TLS_VARIABLES = `
tls_bits old name of $tls_in_bits
tls_certificate_verified old name of $tls_in_certificate_verified
tls_cipher old name of $tls_in_cipher
tls_in_bits strength of the incoming cipher
tls_in_certificate_verified 1 when the client's certificate was verified
tls_in_cipher cipher of the incoming connection
tls_in_cipher_std the same under its RFC name
tls_in_ocsp =0 result of the OCSP request on the incoming connection
tls_in_ourcert certificate shown to the client
tls_in_peercert certificate of the client
tls_in_peerdn !distinguished name in the client's certificate
tls_in_resumption =0 bits about session resumption of the incoming connection
tls_in_sni !server name that the client asked for
tls_in_ver TLS version of the incoming connection
tls_out_bits =0 strength of the outgoing cipher
tls_out_certificate_verified =0 1 when the server's certificate was verified
tls_out_cipher cipher of the outgoing connection
tls_out_cipher_std the same under its RFC name
tls_out_dane =no yes when DANE verified the server
tls_out_ocsp =0 result of the OCSP request on the outgoing connection
tls_out_ourcert certificate shown to the server
tls_out_peercert certificate of the server
tls_out_peerdn !distinguished name in the server's certificate
tls_out_resumption =0 bits about session resumption of the outgoing connection
tls_out_sni server name sent to the server
tls_out_tlsa_usage =0 bits of the TLSA usages that were found
tls_out_ver TLS version of the outgoing connection
tls_peerdn old name of $tls_in_peerdn
tls_sni old name of $tls_in_sni
`;
