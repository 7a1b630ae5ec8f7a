/** Main options: who this host is, who runs it, where its files are. Manual chapter "Main configuration". */
import { option } from "@mailkit/sdk";

const { boolean, expanded, integer, string, stringList, user, group } = option;

export const identityOptions = {
  primary_hostname: string({ doc: "Name of this host in greetings, Received: lines and message ids; the system's name when unset." }),
  qualify_domain: string({ doc: "Domain that is added to addresses without one; primary_hostname when unset." }),
  qualify_recipient: string({ doc: "The same for recipients; qualify_domain when unset." }),
  smtp_active_hostname: expanded({ doc: "Name this host uses on one SMTP connection, in place of primary_hostname." }),
  localhost_number: expanded({ doc: "Number of this host among several with one spool or name, kept in message ids (0 to 16)." }),
  exim_user: user({ doc: "User under which the work is done that needs no root." }),
  exim_group: group({ shown: ({ groupOf }) => groupOf("exim_user"), doc: "Group of exim_user's processes." }),
  exim_path: string({ doc: "Path of the program itself, for when it starts itself again." }),
  exim_version: string({ doc: "Version that is shown in banners and Received: lines." }),
  spool_directory: expanded({ doc: "Directory of queue, hints and message logs." }),
  pid_file_path: expanded({ doc: "File with the daemon's process id." }),
  process_log_path: string({
    doc: "File to which a process writes what it does when it gets SIGUSR1.",
    missing: { how: "warn", why: "processes do not report on SIGUSR1; mailkit queue list and mailkit log say what goes on" },
  }),
  notifier_socket: expanded({
    default: "$spool_directory/exim_daemon_notify",
    doc: "Socket over which processes tell the daemon of new work.",
    missing: { how: "warn", why: "processes find each other by sockets in the spool" },
  }),
  keep_environment: stringList({ doc: "Environment variables that are kept; the others are removed at start." }),
  add_environment: stringList({ doc: "Environment variables that are set at start, NAME=value." }),
  timezone: string({ doc: "Time zone for logs and headers; UTC, or a name of the system's." }),
  split_spool_directory: boolean({ doc: "Spread the queue over 62 subdirectories." }),
  spool_wireformat: boolean({ doc: "Keep bodies with CRLF when they came so.", missing: { how: "warn", why: "the spool has one format" } }),
  disable_fsync: boolean({
    doc: "Do not wait for the disk before a message is accepted.",
    missing: { how: "refuse", why: "mail that was accepted would be lost with a loss of power" },
  }),
  debug_store: boolean({
    doc: "Extra checks of memory handling.",
    missing: { how: "warn", why: "there is no such memory handling here; it does nothing" },
  }),
  panic_coredump: boolean({
    doc: "Leave a core file after a panic.",
    missing: { how: "warn", why: "node writes its own report; it does nothing" },
  }),
  bi_command: string({ doc: "Command that newaliases (-bi) runs." }),
  mua_wrapper: boolean({
    doc: 'Deliver at once and without a queue, as a client program does (manual §"Using Exim as a non-queueing client").',
    missing: { how: "warn", why: "the program always has a queue" },
  }),
  print_topbitchars: boolean({ doc: "Octets above 127 are printable in logs and messages." }),
  lookup_open_max: integer({
    default: 25,
    doc: "How many lookup files are kept open.",
    missing: { how: "warn", why: "open files of lookups are not counted" },
  }),
};
