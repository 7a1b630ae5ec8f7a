/** Main options: what is done to messages as they come in, and the system filter. Manual chapter "Message processing". */
import { option } from "@mailkit/sdk";

const { addressList, boolean, domainList, expanded, integer, string, stringList, user, group } = option;

const UUCP_PATTERN =
  "^From\\s+(\\S+)\\s+(?:[a-zA-Z]{3},?\\s+)?(?:[a-zA-Z]{3}\\s+\\d?\\d|\\d?\\d\\s+[a-zA-Z]{3}\\s+\\d\\d(?:\\d\\d)?)\\s+\\d\\d?:\\d\\d?";

const RECEIVED =
  "Received: ${if def:sender_rcvhost {from $sender_rcvhost\\n\\t}{${if def:sender_ident {from ${quote_local_part:$sender_ident} }}" +
  "${if def:sender_helo_name {(helo=$sender_helo_name)\\n\\t}}}}by $primary_hostname ${if def:received_protocol {with $received_protocol }}" +
  "${if def:tls_in_ver        { ($tls_in_ver)}}${if def:tls_in_cipher_std { tls $tls_in_cipher_std\\n\\t}}(Exim $version_number)\\n\\t" +
  "${if def:sender_address {(envelope-from <$sender_address>)\\n\\t}}id $message_exim_id${if def:received_for {\\n\\tfor $received_for}}";

export const messageOptions = {
  allow_domain_literals: boolean({ doc: "Addresses such as user@[192.0.2.1] are good syntax." }),
  allow_utf8_domains: boolean({ doc: "Octets above 127 in domains are good syntax." }),
  check_rfc2047_length: boolean({ default: true, doc: "Leave encoded words alone that are longer than RFC 2047 allows." }),
  delivery_date_remove: boolean({ default: true, doc: "Take Delivery-date: lines out of incoming mail." }),
  envelope_to_remove: boolean({ default: true, doc: "Take Envelope-to: lines out of incoming mail." }),
  return_path_remove: boolean({ default: true, doc: "Take Return-path: lines out of incoming mail." }),
  drop_cr: boolean({
    doc: "Has no effect; kept so that old configurations load.",
  }),
  extract_addresses_remove_arguments: boolean({
    default: true,
    doc: "With -t, addresses on the command line are left out instead of added.",
  }),
  headers_charset: string({
    default: "ISO-8859-1",
    doc: "Character set into which headers are decoded. UTF-8 for files of Debian's Exim and for mailkit.conf.",
  }),
  message_body_visible: integer({ default: 500, doc: "How much of the body $message_body shows." }),
  message_body_newlines: boolean({ doc: "Keep newlines in $message_body." }),
  message_id_header_domain: expanded({ doc: "Right side of a new Message-ID:; primary_hostname when unset." }),
  message_id_header_text: expanded({ doc: "Text that is put into a new Message-ID:." }),
  received_header_text: expanded({ default: RECEIVED, doc: "The Received: line of this host, without its date." }),
  strip_excess_angle_brackets: boolean({ doc: "Take <<a@b>> for <a@b>." }),
  strip_trailing_dot: boolean({ doc: "Drop a dot at the end of a domain." }),
  percent_hack_domains: domainList({
    doc: "Domains for which user%other in the local part is routed to other.",
    missing: { how: "warn", why: "the percent hack is not done; such addresses are taken as they are" },
  }),
  system_filter: expanded({ doc: "Filter file that is run for each message before it is delivered." }),
  system_filter_user: user({ doc: "User under whom the system filter runs." }),
  system_filter_group: group({ shown: ({ groupOf }) => groupOf("system_filter_user"), doc: "Group under which the system filter runs." }),
  system_filter_directory_transport: expanded({ doc: "Transport for a save of the system filter into a directory." }),
  system_filter_file_transport: expanded({ doc: "Transport for a save of the system filter into a file." }),
  system_filter_pipe_transport: expanded({ doc: "Transport for a pipe of the system filter." }),
  system_filter_reply_transport: expanded({ doc: "Transport for a mail of the system filter." }),
  untrusted_set_sender: addressList({ doc: "Senders that any local user may set with -f." }),
  local_from_check: boolean({ default: true, doc: "Add a Sender: line when From: is not the local user." }),
  local_from_prefix: string({ doc: "What may stand before the login in From: for that check." }),
  local_from_suffix: string({ doc: "What may stand after it." }),
  local_sender_retain: boolean({ doc: "Keep the Sender: line of local users." }),
  gecos_name: expanded({ doc: "Name of a user, made from the groups of gecos_pattern." }),
  gecos_pattern: string({ doc: "Regular expression for the gecos field of the user database." }),
  unknown_login: expanded({ doc: "Login to use when the caller has none." }),
  unknown_username: string({ doc: "Name to use with unknown_login." }),
  max_username_length: integer({
    doc: "Logins are compared up to this length; 0 = whole.",
    missing: { how: "warn", why: "login names of any length are looked up" },
  }),
  finduser_retries: integer({
    doc: "How often a user who is not found is looked for again.",
    missing: { how: "warn", why: "users are looked up once" },
  }),
  uucp_from_pattern: string({ default: UUCP_PATTERN, doc: "What counts as a From_ line of UUCP." }),
  uucp_from_sender: expanded({
    default: "$1",
    doc: "The sender, made from the groups of uucp_from_pattern.",
    missing: { how: "warn", why: "the sender of a From line is its first word after From" },
  }),
  trusted_users: stringList({ doc: "Users who may set sender, host and the like on the command line." }),
  trusted_groups: stringList({ doc: "Groups whose members are trusted." }),
  admin_groups: stringList({ doc: "Groups whose members may see and change the queue." }),
  never_users: stringList({ doc: "Users under whom no delivery is ever run." }),
  commandline_checks_require_admin: boolean({
    doc: "Only admin users may use -be, -bt and their like.",
    missing: { how: "warn", why: "anybody who may run the program may test addresses" },
  }),
  prod_requires_admin: boolean({ default: true, doc: "Only admin users may start deliveries with -M, -R and -q." }),
};
