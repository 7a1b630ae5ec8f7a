/** Main options: TLS as a server. Manual chapter "Encrypted SMTP connections using TLS/SSL". */
import { option } from "@mailkit/sdk";

const { boolean, expanded, hostList, integer, string } = option;
const GNUTLS = { how: "warn", why: "OpenSSL is used, not GnuTLS; it does nothing" } as const;

export const tlsOptions = {
  tls_certificate: expanded({ doc: "File with certificate and chain; several with a list." }),
  tls_privatekey: expanded({ doc: "File with the private key; that of tls_certificate when unset." }),
  tls_require_ciphers: expanded({ doc: "Ciphers that are allowed, in OpenSSL's words." }),
  tls_verify_certificates: expanded({
    default: "system",
    doc: "Certificates that clients are checked against: a file, a directory, or system.",
  }),
  tls_verify_hosts: hostList({ doc: "Hosts that must show a good certificate." }),
  tls_try_verify_hosts: hostList({ doc: "Hosts that are asked for a certificate." }),
  tls_crl: expanded({ doc: "File with revoked certificates." }),
  tls_alpn: expanded({ default: "smtp:esmtp", doc: "Names of the protocol that ALPN accepts." }),
  hosts_require_alpn: hostList({ doc: "Hosts that must use ALPN." }),
  tls_dhparam: expanded({
    doc: "Diffie-Hellman parameters: a file, a name, or none.",
    missing: { how: "warn", why: "Node's own parameters hold" },
  }),
  tls_dh_max_bits: integer({
    default: 2236,
    doc: "Largest Diffie-Hellman prime.",
    missing: { how: "warn", why: "OpenSSL chooses the size; it does nothing" },
  }),
  tls_eccurve: expanded({
    default: "auto",
    doc: "Elliptic curves that are allowed.",
    missing: { how: "warn", why: "Node's own curves hold" },
  }),
  tls_ocsp_file: expanded({ doc: "File with the OCSP answer that is stapled.", missing: { how: "warn", why: "nothing is stapled" } }),
  tls_early_banner_hosts: hostList({
    doc: "Hosts that get the greeting within the handshake.",
    missing: { how: "warn", why: "the greeting always follows the handshake" },
  }),
  tls_remember_esmtp: boolean({
    doc: "EHLO before STARTTLS still counts after it.",
    missing: { how: "warn", why: "clients must send EHLO again, as RFC 3207 demands" },
  }),
  tls_resumption_hosts: hostList({
    doc: "Hosts that may resume TLS sessions.",
    missing: { how: "warn", why: "sessions of TLS are not resumed" },
  }),
  openssl_options: string({ doc: "Switches of OpenSSL: +name and -name.", missing: { how: "warn", why: "Node's defaults hold" } }),
  gnutls_compat_mode: boolean({ doc: "Work around old TLS libraries.", missing: GNUTLS }),
  gnutls_allow_auto_pkcs11: boolean({ doc: "Load PKCS 11 modules by themselves.", missing: GNUTLS }),
};
