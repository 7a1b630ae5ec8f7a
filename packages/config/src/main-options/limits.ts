/** Main options: sizes, counts, load and space. */
import { option } from "@mailkit/sdk";

const { boolean, expanded, fixed, hostList, integer, time } = option;

export const limitOptions = {
  message_size_limit: expanded({ default: "50M", doc: "Largest message; 0 = no limit." }),
  header_maxsize: integer({ default: 1_048_576, doc: "Largest header section." }),
  header_line_maxsize: integer({ doc: "Longest header line, continuations included; 0 = no limit." }),
  received_headers_max: integer({ default: 30, doc: "More Received: lines than this mean a loop." }),
  recipients_max: integer({ default: 50_000, doc: "Most recipients of a message; 0 = no limit." }),
  recipients_max_reject: boolean({ doc: "Refuse a message with too many recipients as a whole (552) instead of the surplus (452)." }),
  smtp_accept_max: integer({ default: 20, doc: "Most incoming connections at a time; 0 = no limit." }),
  smtp_accept_max_per_host: expanded({ doc: "Most connections of one host at a time." }),
  smtp_accept_max_per_connection: expanded({ default: "1000", doc: "Most messages in one connection." }),
  smtp_accept_max_nonmail: integer({ default: 10, doc: "Most commands in a session that have nothing to do with a message." }),
  smtp_accept_max_nonmail_hosts: hostList({ default: "*", doc: "Hosts for which smtp_accept_max_nonmail counts." }),
  smtp_accept_queue: integer({ doc: "With more connections than this messages are only queued; 0 = no limit." }),
  smtp_accept_queue_per_connection: integer({ default: 10, doc: "Messages of one connection beyond this are only queued." }),
  smtp_accept_reserve: integer({ doc: "Connections kept for smtp_reserve_hosts." }),
  smtp_reserve_hosts: hostList({ doc: "Hosts that may use the reserved connections and come in at high load." }),
  smtp_load_reserve: fixed({ doc: "Above this load only smtp_reserve_hosts may connect." }),
  smtp_max_synprot_errors: integer({ default: 3, doc: "Syntax and protocol errors before the session is ended." }),
  smtp_max_unknown_commands: integer({ default: 3, doc: "Unknown commands before the session is ended." }),
  smtp_receive_timeout: expanded({ default: "5m", doc: "How long a command or a line of data may take." }),
  receive_timeout: time({
    doc: "How long a message on standard input may take; 0s = no limit.",
    missing: { how: "warn", why: "a local caller may take any time" },
  }),
  check_spool_space: integer({ default: 10_485_760, doc: "Free space that the spool must have before a message is taken." }),
  check_spool_inodes: integer({ default: 100, doc: "Free inodes that the spool must have." }),
  check_log_space: integer({ default: 10_485_760, doc: "Free space that the log's file system must have." }),
  check_log_inodes: integer({ default: 100, doc: "Free inodes that the log's file system must have." }),
  smtp_check_spool_space: boolean({ default: true, doc: "Compare the SIZE of MAIL with the free space." }),
  queue_only_load: fixed({ doc: "Above this load new messages are only queued." }),
  queue_only_load_latch: boolean({
    default: true,
    doc: "Once queued for load, all further messages of the connection are queued.",
  }),
  deliver_queue_load_max: fixed({
    doc: "Above this load queue runs deliver nothing.",
    missing: { how: "warn", why: "the number of deliveries at once is bounded instead" },
  }),
  smtp_ratelimit_hosts: hostList({ doc: "Hosts that are slowed down by the next two options." }),
  smtp_ratelimit_mail: option.string({ doc: "Delays of MAIL: threshold,initial delay,factor,limit." }),
  smtp_ratelimit_rcpt: option.string({ doc: "Delays of RCPT, in the same form." }),
};
