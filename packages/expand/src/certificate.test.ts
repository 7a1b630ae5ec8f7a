import test from "ava";
import { clean } from "@mailkit/sdk";
import { expand, world } from "./test-support.ts";

/** Self-signed, made for this test. */
const PEM = `-----BEGIN CERTIFICATE-----
MIICoTCCAkegAwIBAgITGEhHlsl5f6T+LF/+phfUKkc26TAKBggqhkjOPQQDAjBX
MQswCQYDVQQGEwJHQjEVMBMGA1UECgwMRXhhbXBsZSwgTHRkMQowCAYDVQQLDAFh
MQowCAYDVQQLDAFiMRkwFwYDVQQDDBBtYWlsLmV4YW1wbGUuY29tMB4XDTI2MTEy
NDA0NDYxN1oXDTM2MTEyMTA0NDYxN1owVzELMAkGA1UEBhMCR0IxFTATBgNVBAoM
DEV4YW1wbGUsIEx0ZDEKMAgGA1UECwwBYTEKMAgGA1UECwwBYjEZMBcGA1UEAwwQ
bWFpbC5leGFtcGxlLmNvbTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABDXsUAtm
j9SVsxQXtt3gJy6poxAB1ubfYeoY/XZ+hTe7gacZMaX8H4JO2OjlsyrteBtyzTBU
F8dVv8QXV6cJKOqjgfEwge4wHQYDVR0OBBYEFBeTzPxOsOkYcAL3aS3w0DvVOA/4
MB8GA1UdIwQYMBaAFBeTzPxOsOkYcAL3aS3w0DvVOA/4MA8GA1UdEwEB/wQFMAMB
Af8wPgYDVR0RBDcwNYIQbWFpbC5leGFtcGxlLmNvbYIPYWx0LmV4YW1wbGUuY29t
gQVhQGIuY4YJaHR0cDovL3UvMDAGCCsGAQUFBwEBBCQwIjAgBggrBgEFBQcwAYYU
aHR0cDovL29jc3AuZXhhbXBsZS8wKQYDVR0fBCIwIDAeoBygGoYYaHR0cDovL2Ny
bC5leGFtcGxlL3guY3JsMAoGCCqGSM49BAMCA0gAMEUCIQC6N8GZU4GptGFcYKlR
opwfor/UoCyQfQQoL0dlo9t4kwIgc8c2iSDUx3z8sckH1k4IYOLPWDVumeuVV93Y
5F+tLU8=
-----END CERTIFICATE-----`;

const scope = () => world({ variables: { tls_in_peercert: clean(PEM) } });

const rows: readonly (readonly [field: string, expected: string])[] = [
  ["version", "3"],
  ["serial_number", "18484796c9797fa4fe2c5ffea617d42a4736e9"],
  ["subject", "CN=mail.example.com,OU=b,OU=a,O=Example\\, Ltd,C=GB"],
  ["issuer,CN", "mail.example.com"],
  ["subject,OU", "b\na"],
  ["subject,OU,>;", "b;a"],
  ["notbefore", "Nov 24 04:46:17 2026 GMT"],
  ["notafter,int", "2110855577"],
  ["sig_algorithm", "ECDSA-SHA256"],
  ["subj_altname", "DNS=mail.example.com\nDNS=alt.example.com\nMAIL=a@b.c\nURI=http://u/"],
  ["subj_altname,dns,>,", "mail.example.com,alt.example.com"],
  ["ocsp_uri", "http://ocsp.example/"],
  ["crl_uri", "http://crl.example/x.crl"],
];
for (const [field, expected] of rows) {
  test(`certextract ${field}`, async (t) => {
    t.is(await expand(`\${certextract{${field}}{$tls_in_peercert}}`, scope()), expected);
  });
}

test("fields that are not there, no certificate, and digests of the whole", async (t) => {
  t.is(await expand("${certextract{nosuch}{$tls_in_peercert}{y}{n}}", scope()), "n");
  t.is(await expand("${certextract{subject}{$tls_in_peercert}{y}fail}"), 'Forced: "certextract" failed and "fail" requested');
  t.is(await expand("${sha256:$tls_in_peercert}", scope()), await expand("${sha256:${base64d:${base64:$tls_in_peercert}}}", scope()));
  t.is(await expand("$tls_in_peercert", scope()), "<cert>");
  t.is(await expand("${certextract{subject}{$tls_in_peercert}}", world({ variables: { tls_in_peercert: clean("junk") } })), "");
});
