/** Drivers without behaviour, with the option names of Exim (manual chapters 15 to 42): for tests of the reader. */
import {
  defineAuthenticator,
  defineRouter,
  defineTransport,
  option,
  type OptionSpec,
  type OptionTable,
  type OptionType,
  type RouterDriver,
  type TransportDriver,
} from "@mailkit/sdk";
import type { DriverCatalogue } from "../types.ts";

const doc = { doc: "" };

/** `name` an expanded string; `name:type` and `name:type=default` others. */
function table(rows: string): OptionTable {
  const entries = rows
    .trim()
    .split(/\s+/)
    .map((row) => rowOf(row));
  return Object.fromEntries(entries);
}

function rowOf(row: string): [string, OptionSpec] {
  const [head, fallback] = row.split("=") as [string, string | undefined];
  const [name, type = "expanded"] = head.split(":") as [string, string | undefined];
  switch (type) {
    case "and":
      return [name, option.conditions(doc)];
    case "lines":
    case "colon":
      return [name, option.expanded({ ...doc, repeat: type })];
    case "set":
      return [name, option.variables(doc)];
    case "on":
      return [name, option.boolean({ ...doc, default: true })];
    default:
      return [name, { type: type as OptionType, default: defaultOf(type, fallback), doc: "" }];
  }
}

function defaultOf(type: string, text: string | undefined): unknown {
  if (text === undefined) return { boolean: false, expandedBoolean: false, stringList: [] }[type];
  if (type === "expandedBoolean") return text === "true";
  return type === "integer" || type === "octal" || type === "time" ? Number(text) : text;
}

export const genericRouter = table(`
  address_data address_test:on cannot_route_message caseful_local_part:boolean check_local_user:boolean condition:and debug_print
  disable_logging:boolean dnssec_request_domains:domainList=* dnssec_require_domains:domainList domains:domainList dsn_lasthop:boolean
  errors_to expn:on fail_verify:boolean fail_verify_recipient:boolean fail_verify_sender:boolean fallback_hosts:stringList group:group
  headers_add:lines headers_remove:colon ignore_target_hosts:hostList initgroups:boolean local_part_prefix:stringList
  local_part_prefix_optional:boolean local_part_suffix:stringList local_part_suffix_optional:boolean local_parts:localPartList
  log_as_local:boolean more:expandedBoolean=true pass_on_timeout:boolean pass_router:string redirect_router:string require_files:stringList
  retry_use_local_part:boolean router_home_directory self:string=freeze senders:addressList set:set transport
  transport_current_directory transport_home_directory unseen:expandedBoolean user:user verify:on verify_only:boolean verify_recipient:on
  verify_sender:on`);

export const genericTransport = table(`
  body_only:boolean current_directory debug_print delivery_date_add:boolean disable_logging:boolean envelope_to_add:boolean event_action
  group:group headers_add:lines headers_only:boolean headers_remove:colon headers_rewrite:rewrites home_directory initgroups:boolean
  max_parallel message_size_limit rcpt_include_affixes:boolean retry_use_local_part:boolean return_path return_path_add:boolean
  shadow_condition shadow_transport:string transport_filter transport_filter_timeout:time=300000 user:user`);

export const genericAuthenticator = table(`
  client_condition client_set_id public_name:string server_advertise_condition server_condition server_debug_print
  server_mail_auth_condition server_set_id`);

const ROUTERS: Readonly<Record<string, string>> = {
  accept: "",
  ipliteral: "",
  dnslookup: `check_secondary_mx:boolean check_srv fail_defer_domains:domainList ipv4_only ipv4_prefer mx_domains:domainList
    mx_fail_domains:domainList qualify_single:on rewrite_headers:on same_domain_copy_routing:boolean search_parents:boolean
    srv_fail_domains:domainList widen_domains:stringList`,
  manualroute: `host_all_ignored:string=defer host_find_failed:string=freeze hosts_randomize:boolean route_data route_list:string
    same_domain_copy_routing:boolean`,
  queryprogram: "command command_user:user command_group:group current_directory timeout:time=3600000",
  redirect: `allow_defer:boolean allow_fail:boolean allow_filter:boolean allow_freeze:boolean check_ancestor:boolean check_group:boolean
    check_owner:boolean data directory_transport file file_transport filter_prepend_home:on forbid_blackhole:boolean
    forbid_exim_filter:boolean forbid_file:boolean forbid_filter_dlfunc:boolean forbid_filter_existstest:boolean
    forbid_filter_logwrite:boolean forbid_filter_lookup:boolean forbid_filter_perl:boolean forbid_filter_readfile:boolean
    forbid_filter_readsocket:boolean forbid_filter_reply:boolean forbid_filter_run:boolean forbid_include:boolean forbid_pipe:boolean
    forbid_sieve_filter:boolean forbid_smtp_code:boolean hide_child_in_errmsg:boolean ignore_eacces:boolean ignore_enotdir:boolean
    include_directory modemask:octal=18 one_time:boolean owners:stringList owngroups:stringList pipe_transport qualify_domain
    qualify_preserve_domain:boolean repeat_use:on reply_transport rewrite:on sieve_enotify_mailto_owner sieve_inbox sieve_subaddress
    sieve_useraddress sieve_vacation_directory skip_syntax_errors:boolean syntax_errors_text syntax_errors_to`,
};

const TRANSPORTS: Readonly<Record<string, readonly ["remote" | "local", string]>> = {
  smtp: [
    "remote",
    `address_retry_include_sender:on allow_localhost:boolean arc_sign authenticated_sender authenticated_sender_force:boolean
    command_timeout:time=300000 connect_timeout:time=300000 connection_max_messages:integer=500 dane_require_tls_ciphers
    data_timeout:time=300000 delay_after_cutoff:on dkim_canon dkim_domain dkim_hash=sha256 dkim_identity dkim_private_key dkim_selector
    dkim_sign_headers dkim_strict dkim_timestamps dns_qualify_single:on dns_search_parents:boolean dnssec_request_domains:domainList=*
    dnssec_require_domains:domainList dscp fallback_hosts:stringList final_timeout:time=600000 gethostbyname:boolean
    helo_data=$primary_hostname host_name_extract hosts hosts_avoid_esmtp:hostList hosts_avoid_pipelining:hostList
    hosts_avoid_tls:hostList hosts_max_try:integer=5 hosts_max_try_hardlimit:integer=50 hosts_nopass_tls:hostList
    hosts_noproxy_tls:hostList hosts_override:boolean hosts_pipe_connect:hostList hosts_randomize:boolean hosts_request_ocsp:hostList=*
    hosts_require_alpn:hostList hosts_require_auth:hostList hosts_require_dane:hostList hosts_require_ocsp:hostList
    hosts_require_tls:hostList hosts_try_auth:hostList hosts_try_chunking:hostList=* hosts_try_dane:hostList=*
    hosts_try_fastopen:hostList=* hosts_try_prdr:hostList=* hosts_verify_avoid_tls:hostList interface keepalive:on
    lmtp_ignore_quota:boolean max_rcpt=100 message_linelength_limit:integer=998 multi_domain:expandedBoolean=true port=smtp
    protocol:string=smtp retry_include_ip_address:expandedBoolean=true serialize_hosts:hostList size_addition:integer=1024 socks_proxy
    tls_alpn tls_certificate tls_crl tls_dh_min_bits:integer=1024 tls_privatekey tls_require_ciphers tls_resumption_hosts:hostList
    tls_sni tls_tempfail_tryclear:on tls_try_verify_hosts:hostList=* tls_verify_cert_hostnames:hostList=*
    tls_verify_certificates=system tls_verify_hosts:hostList utf8_downconvert:string=-1`,
  ],
  appendfile: [
    "local",
    `allow_fifo:boolean allow_symlink:boolean batch_id batch_max:integer=1 check_group:boolean check_owner:on check_string
    create_directory:on create_file:string=anywhere directory directory_file directory_mode:octal=448 escape_string file file_format
    file_must_exist:boolean lock_fcntl_timeout:time=0 lock_flock_timeout:time=0 lock_interval:time=3000 lock_retries:integer=10
    lockfile_mode:octal=384 lockfile_timeout:time=1800000 mailbox_filecount mailbox_size maildir_format:boolean
    maildir_quota_directory_regex:string maildir_retries:integer=10 maildir_tag maildir_use_size_file:expandedBoolean
    maildirfolder_create_regex:string mailstore_format:boolean mailstore_prefix mailstore_suffix mbx_format:boolean message_prefix
    message_suffix mode:octal=384 mode_fail_narrower:on notify_comsat:boolean quota quota_directory quota_filecount
    quota_is_inclusive:on quota_size_regex:string quota_warn_message quota_warn_threshold use_bsmtp:boolean use_crlf:boolean
    use_fcntl_lock:on use_flock_lock:boolean use_lockfile:on use_mbx_lock:boolean`,
  ],
  pipe: [
    "local",
    `allow_commands batch_id batch_max:integer=1 check_string command environment escape_string force_command:boolean
    freeze_exec_fail:boolean freeze_signal:boolean ignore_status:boolean log_defer_output:boolean log_fail_output:boolean
    log_output:boolean max_output:integer=20480 message_prefix message_suffix path=/bin:/usr/bin permit_coredump:boolean
    pipe_as_creator:boolean restrict_to_path:boolean return_fail_output:boolean return_output:boolean temp_errors:stringList
    timeout:time=3600000 timeout_defer:boolean umask:octal=18 use_bsmtp:boolean use_classresources:boolean use_crlf:boolean
    use_shell:boolean`,
  ],
  lmtp: ["local", "batch_id batch_max:integer=1 command ignore_quota:boolean socket timeout:time=300000"],
  autoreply: [
    "local",
    `bcc cc file file_expand:boolean file_optional:boolean from headers log mode:octal=384 never_mail:addressList once
    once_file_size:integer=0 once_repeat reply_to return_message:boolean subject text to`,
  ],
};

const AUTHENTICATORS: Readonly<Record<string, string>> = {
  plaintext: "client_ignore_invalid_base64:boolean client_send server_prompts",
  cram_md5: "client_name client_secret server_secret",
  dovecot: "server_socket:string server_tls:boolean",
  external: "client_send server_param2 server_param3",
  spa: "client_domain client_password client_username server_password",
  tls: "server_param1 server_param2 server_param3",
};

function router([name, rows]: readonly [string, string]): [string, RouterDriver<OptionTable>] {
  return [
    name,
    defineRouter({ name, options: rows === "" ? {} : table(rows), needs: [], route: () => ({ kind: "decline", reason: "fake" }) }),
  ];
}

function transport([name, [where, rows]]: readonly [string, readonly ["remote" | "local", string]]): [
  string,
  TransportDriver<OptionTable>,
] {
  const base = { name, options: table(rows), needs: [] } as const;
  const report = { facts: [] };
  if (where === "remote") return [name, defineTransport({ ...base, where, deliver: () => Promise.resolve(report) })];
  return [name, { ...base, kind: "transport", where, prepare: () => ({ kind: "report", report }), perform: () => Promise.resolve(report) }];
}

export const fakeCatalogue: DriverCatalogue = {
  routers: new Map(Object.entries(ROUTERS).map(router)),
  transports: new Map(Object.entries(TRANSPORTS).map(transport)),
  authenticators: new Map(
    Object.entries(AUTHENTICATORS).map(([name, rows]) => [name, defineAuthenticator({ name, options: table(rows) })]),
  ),
  lookups: new Set("lsearch wildlsearch nwildlsearch iplsearch cdb dbm dnsdb dsearch mysql passwd pgsql sqlite json redis".split(" ")),
  genericRouter,
  genericTransport,
  genericAuthenticator,
};
