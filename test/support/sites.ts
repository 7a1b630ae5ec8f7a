/**
 * The configurations of the two sites of the story, in Exim's language: truc.fr files in mbox format and looks the MX of
 * everybody else up; machin.com files in Maildirs. FOLDER, ADDRESS and PORT are put in by `startMailkit`.
 */
export interface SiteOptions {
  readonly domain: string;
  readonly format: "maildir" | "mbox";
  /** Put into the parts of the configuration. */
  readonly main?: string;
  readonly rcpt?: string;
  readonly routers?: string;
  /** Port of other servers; default: the same as ours. */
  readonly remotePort?: number;
  readonly remoteSmtp?: string;
  readonly retry?: string;
}

const MAILBOX = {
  maildir: "  directory = FOLDER/mail/$local_part_data\n  maildir_format",
  mbox: "  file = FOLDER/mail/$local_part_data",
} as const;

export function siteConfiguration(site: SiteOptions): string {
  return `# ${site.domain}
primary_hostname = mail.${site.domain}
qualify_domain = ${site.domain}
domainlist local_domains = ${site.domain}
hostlist relay_from_hosts = 127.0.0.0/8

local_interfaces = ADDRESS
daemon_smtp_ports = PORT
spool_directory = FOLDER/spool
log_file_path = FOLDER/log/%slog
never_users =
host_lookup =
dns_retry = 1
dns_retrans = 2s
acl_smtp_rcpt = check_rcpt
acl_smtp_data = accept
${site.main ?? ""}

begin acl

check_rcpt:
${site.rcpt ?? ""}
  accept  hosts = :
  deny    local_parts = ^[.] : ^.*[@%!/|]
          message = Restricted characters in address
  deny    domains = +local_domains
         !verify = recipient
          message = Unknown user
  accept  domains = +local_domains
  accept  hosts = +relay_from_hosts
          control = submission/sender_retain
  deny    message = relay not permitted

begin routers

${site.routers ?? ""}
remote:
  driver = dnslookup
  domains = ! +local_domains
  transport = remote_smtp
  no_more

aliases:
  driver = redirect
  allow_fail
  allow_defer
  data = \${lookup{$local_part}lsearch{FOLDER/aliases}}
  file_transport = address_file
  pipe_transport = address_pipe

forward:
  driver = redirect
  local_parts = lsearch,ret=key;FOLDER/users
  check_ancestor
  user = TESTER_UID
  group = TESTER_GID
  file = FOLDER/home/$local_part_data/.forward
  allow_filter
  no_verify
  no_expn
  file_transport = address_file
  pipe_transport = address_pipe
  reply_transport = address_reply

people:
  driver = accept
  local_parts = lsearch,ret=key;FOLDER/users
  transport = mailbox
  cannot_route_message = Unknown user

begin transports

remote_smtp:
  driver = smtp
  port = ${site.remotePort ?? "PORT"}
${site.remoteSmtp ?? ""}

mailbox:
  driver = appendfile
${MAILBOX[site.format]}
  create_directory
  delivery_date_add
  envelope_to_add
  return_path_add

address_file:
  driver = appendfile

address_pipe:
  driver = pipe
  return_output

address_reply:
  driver = autoreply

begin retry

${site.retry ?? "*  *  F,2h,15m; G,16h,1h,1.5; F,4d,6h"}
`;
}
