/** Main options: servers and settings of lookups, and embedded Perl. Manual chapter "File and database lookups". */
import { option } from "@mailkit/sdk";

const { boolean, integer, string, stringList } = option;
const NO_PERL = { how: "warn", why: "there is no embedded Perl; ${perl} gives an error" } as const;

export const sourceOptions = {
  mysql_servers: stringList({ doc: "MySQL servers: host/database/user/password." }),
  pgsql_servers: stringList({ doc: "PostgreSQL servers: host/database/user/password." }),
  redis_servers: stringList({ doc: "Redis servers: host/database/password." }),
  oracle_servers: stringList({ doc: "Oracle servers.", missing: { how: "warn", why: "there is no oracle lookup" } }),
  ibase_servers: stringList({ doc: "InterBase servers.", missing: { how: "warn", why: "there is no ibase lookup" } }),
  sqlite_dbfile: string({ doc: "Database that sqlite lookups use when they name none." }),
  sqlite_lock_timeout: integer({ default: 5, doc: "Seconds that a locked database is waited for; a bare number, as in 4.96." }),
  ldap_default_servers: stringList({ doc: "LDAP servers for queries that name none." }),
  ldap_ca_cert_dir: string({ doc: "Directory of certificates of authorities for LDAP." }),
  ldap_ca_cert_file: string({ doc: "File of certificates of authorities for LDAP." }),
  ldap_cert_file: string({ doc: "Own certificate for LDAP." }),
  ldap_cert_key: string({ doc: "Key of that certificate." }),
  ldap_cipher_suite: string({ doc: "Ciphers for LDAP, as OpenSSL writes them." }),
  ldap_require_cert: string({
    doc: "How a server's certificate is checked: hard, demand, try; anything else does not check it. Unset: demand.",
  }),
  ldap_start_tls: boolean({ doc: "Use StartTLS with LDAP." }),
  ldap_version: integer({ default: -1, doc: "Version of the LDAP protocol.", missing: { how: "warn", why: "version 3 is used" } }),
  perl_at_start: boolean({ doc: "Start Perl with every process.", missing: NO_PERL }),
  perl_startup: string({ doc: "Perl code that is run first.", missing: NO_PERL }),
  perl_taintmode: boolean({ doc: "Run Perl with -T.", missing: NO_PERL }),
};
