/** A whole configuration of ordinary size, for tests of layout, display and speed. */
export const SAMPLE = `# A mail server for two domains.
CONFDIR = /etc/mail
primary_hostname = mx.example.org
domainlist local_domains = @ : example.org : lsearch;CONFDIR/domains
domainlist relay_to_domains =
hostlist   relay_from_hosts = <; 127.0.0.1 ; ::1 ; 192.0.2.0/24
hide mysql_servers = localhost/mail/mail/secret

acl_smtp_rcpt = acl_check_rcpt
acl_smtp_data = acl_check_data
.ifdef _HAVE_TLS
tls_advertise_hosts = *
tls_certificate = CONFDIR/cert.pem
.else
tls_advertise_hosts =
.endif
host_lookup = *
ignore_bounce_errors_after = 2d
timeout_frozen_after = 7d

begin acl

acl_check_rcpt:
  accept  hosts = :
          control = dkim_disable_verify

  deny    domains = +local_domains
          local_parts = ^[.] : ^.*[@%!/|]
          message = Restricted characters in address

  require verify = sender

  accept  hosts = +relay_from_hosts
          control = submission

  accept  authenticated = *
          control = submission/sender_retain

  require message = relay not permitted
          domains = +local_domains : +relay_to_domains

  require verify = recipient

  accept

acl_check_data:
  deny    condition = \${if > {$max_received_linelength}{998}}
          message = maximum allowed line length is 998 octets, \\
                    got $max_received_linelength

  accept

begin routers

dnslookup:
  driver = dnslookup
  domains = ! +local_domains
  transport = remote_smtp
  ignore_target_hosts = 0.0.0.0 : 127.0.0.0/8
  no_more

system_aliases:
  driver = redirect
  allow_fail
  allow_defer
  data = \${lookup{$local_part}lsearch{/etc/aliases}}
  file_transport = address_file
  pipe_transport = address_pipe

localuser:
  driver = accept
  check_local_user
  transport = local_delivery
  cannot_route_message = Unknown user

begin transports

remote_smtp:
  driver = smtp
  message_size_limit = \${if > {$max_received_linelength}{998} {1}{0}}

local_delivery:
  driver = appendfile
  file = /var/mail/$local_part_data
  delivery_date_add
  envelope_to_add
  return_path_add
  mode = 0660

address_pipe:
  driver = pipe
  return_output

address_file:
  driver = appendfile
  delivery_date_add

begin retry

* * F,2h,15m; G,16h,1h,1.5; F,4d,6h

begin rewrite

*@localhost $1@example.org Ffrs

begin authenticators

PLAIN:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = \${if eq{$auth2}{x}}
  server_set_id = $auth2
`;
