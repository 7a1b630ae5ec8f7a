/**
 * The configuration that `mailkit serve` runs when there is none: a mail sandbox, in Exim's language, that a real Exim
 * could read. `mailkit init` writes the same text. Mail for domains that are not local is caught, not sent, until RELAY
 * is defined (`--relay`).
 */
export interface EmbeddedPaths {
  /** Folder of all state, absolute. */
  readonly state: string;
  readonly smtpPort: number;
  readonly submissionPort: number;
}

export const EMBEDDED_NAME = "(embedded default)";

export function embeddedConfiguration(paths: EmbeddedPaths): string {
  return `# A mail sandbox: everything on this machine, nothing leaves it.
#
# Mail for localhost and mailkit.test goes to users of the file "users" (mailkit user add); mail for any other domain
# is caught in one mailbox, until you define RELAY (mailkit serve --relay, or take away the # below).

STATE = ${paths.state}
# RELAY = yes

primary_hostname = localhost
qualify_domain = mailkit.test

domainlist local_domains = localhost : mailkit.test
hostlist relay_from_hosts = <; 127.0.0.1 ; ::1

daemon_smtp_ports = ${paths.smtpPort} : ${paths.submissionPort}
local_interfaces = 127.0.0.1
spool_directory = STATE/spool
log_file_path = STATE/log/%slog

acl_smtp_rcpt = acl_check_rcpt
acl_smtp_data = acl_check_data

message_size_limit = 50M
smtp_accept_max = 200
never_users =
host_lookup =
delay_warning = 4h
ignore_bounce_errors_after = 2d
timeout_frozen_after = 7d

begin acl

acl_check_rcpt:
  accept  hosts         = :

  deny    message       = Restricted characters in address
          local_parts   = ^[.] : ^.*[@%!/|]

  accept  local_parts   = postmaster
          domains       = +local_domains

  require verify        = sender

  deny    domains       = +local_domains
          message       = nobody here by that name
         !verify        = recipient

  accept  domains       = +local_domains
  accept  hosts         = +relay_from_hosts
          control       = submission/sender_retain
  accept  authenticated = *
          control       = submission/sender_retain

  deny    message       = relay not permitted

acl_check_data:
  accept

begin routers

.ifdef RELAY
remote:
  driver = dnslookup
  domains = ! +local_domains
  transport = remote_smtp
  ignore_target_hosts = <; 0.0.0.0 ; 127.0.0.0/8 ; ::1
  no_more
.else
# Everything that is not local ends here.
caught:
  driver = accept
  domains = ! +local_domains
  transport = caught
  no_more
.endif

aliases:
  driver = redirect
  allow_fail
  allow_defer
  data = \${lookup{$local_part}lsearch{STATE/aliases}}

users:
  driver = accept
  local_parts = lsearch,ret=key;STATE/users
  local_part_suffix = +*
  local_part_suffix_optional
  transport = mailbox
  cannot_route_message = nobody here by that name

begin transports

mailbox:
  driver = appendfile
  directory = STATE/mail/$local_part_data
  maildir_format
  create_directory
  delivery_date_add
  envelope_to_add
  return_path_add

caught:
  driver = appendfile
  directory = STATE/mail/caught
  maildir_format
  create_directory
  envelope_to_add
  return_path_add

.ifdef RELAY
remote_smtp:
  driver = smtp
.endif

begin retry

*   *   F,2h,15m; G,16h,1h,1.5; F,4d,6h

begin authenticators

plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = \${if crypteq{$auth3}{\${extract{1}{:}{\${lookup{$auth2}lsearch{STATE/users}{$value}{*}}}}}}
  server_set_id = $auth2

login:
  driver = plaintext
  public_name = LOGIN
  server_prompts = <| Username: | Password:
  server_condition = \${if crypteq{$auth2}{\${extract{1}{:}{\${lookup{$auth1}lsearch{STATE/users}{$value}{*}}}}}}
  server_set_id = $auth1
`;
}

/** RFC 2142 names, to the first user. */
export function embeddedAliases(owner: string): string {
  const names = ["postmaster", "hostmaster", "webmaster", "abuse", "noc", "security", "info", "root", "mailer-daemon"];
  return `# alias: addresses (see the manual of redirection lists)\n${names.map((name) => `${name}: ${owner}\n`).join("")}`;
}
