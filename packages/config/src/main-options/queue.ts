/** Main options: the life of a message on the queue, and bounces. Manual chapters "Main configuration", "Customizing bounce and warning messages". */
import { option } from "@mailkit/sdk";

const { boolean, domainList, expanded, integer, string, stringList, time } = option;

const WARNING_CONDITION =
  "${if or {{ !eq{$h_list-id:$h_list-post:$h_list-subscribe:}{} }{ match{$h_precedence:}{(?i)bulk|list|junk} }" +
  "{ match{$h_auto-submitted:}{(?i)auto-generated|auto-replied} }} {no}{yes}}";

export const queueOptions = {
  queue_only: boolean({ doc: "Never deliver when a message arrives." }),
  queue_only_file: string({ doc: "Only queue while this file exists." }),
  queue_only_override: boolean({ default: true, doc: "Options -od of the command line beat queue_only." }),
  queue_domains: domainList({ doc: "Domains that wait for a queue run." }),
  queue_smtp_domains: domainList({ doc: "Domains whose SMTP deliveries wait for a queue run." }),
  hold_domains: domainList({ doc: "Domains that are not delivered at all for now." }),
  queue_run_max: expanded({
    default: "5",
    doc: "Most queue runners at a time.",
    missing: { how: "warn", why: "there is one queue run at a time, and it shares the slots of all deliveries" },
  }),
  queue_run_in_order: boolean({ doc: "Queue runs take messages by age." }),
  queue_fast_ramp: boolean({
    doc: "Two-stage queue runs deliver while they still route.",
    missing: { how: "warn", why: "queue runs always begin to deliver at once" },
  }),
  queue_list_requires_admin: boolean({ default: true, doc: "Only admin users see the whole queue." }),
  remote_max_parallel: integer({ default: 2, doc: "Remote deliveries of one message at a time." }),
  remote_sort_domains: domainList({
    doc: "Order of a message's remote deliveries.",
    missing: { how: "warn", why: "remote deliveries begin in the order of routing" },
  }),
  deliver_drop_privilege: boolean({
    doc: "Give up root before all deliveries.",
    missing: { how: "warn", why: "workers have none; deliveries under other uids are done by helpers" },
  }),
  retry_data_expire: time({ default: 604_800_000, doc: "Age at which retry data are forgotten." }),
  retry_interval_max: time({ default: 86_400_000, doc: "Longest wait between tries, whatever the rules say." }),
  auto_thaw: time({ doc: "Try frozen messages again after this time; 0s = never." }),
  timeout_frozen_after: time({ doc: "Give up frozen messages after this time; 0s = never." }),
  ignore_bounce_errors_after: time({ default: 6_048_000_000, doc: "Drop bounces that could not be delivered for this long." }),
  freeze_tell: string({ doc: "Addresses, with commas, that are told of frozen messages." }),
  keep_malformed: time({
    default: 345_600_000,
    doc: "How long damaged spool files are kept.",
    missing: { how: "warn", why: "damaged records are kept in corrupt/ until somebody takes them away" },
  }),
  move_frozen_messages: boolean({
    doc: "Put frozen messages into directories of their own.",
    missing: { how: "warn", why: "frozen messages stay in the spool, see mailkit queue list --frozen" },
  }),
  message_logs: boolean({
    default: true,
    doc: "Keep a log of each message while it is on the queue.",
  }),
  preserve_message_logs: boolean({
    doc: "Keep it when the message is gone.",
    missing: { how: "warn", why: "no message logs are written; mailkit explain ID shows the life of a message" },
  }),
  delay_warning: stringList({ default: ["24h"], doc: "Ages at which the sender is warned of a delay." }),
  delay_warning_condition: expanded({ default: WARNING_CONDITION, doc: "Whether a warning is sent." }),
  bounce_message_file: expanded({ doc: "File with the texts of bounces." }),
  bounce_message_text: string({ doc: "Text that is added to bounces." }),
  bounce_return_body: boolean({ default: true, doc: "Return the body too." }),
  bounce_return_linesize_limit: integer({ default: 998, doc: "With longer lines only the header is returned." }),
  bounce_return_message: boolean({ default: true, doc: "Return the message in the bounce." }),
  bounce_return_size_limit: integer({ default: 102_400, doc: "How much of the message is returned." }),
  return_size_limit: integer({ default: 102_400, doc: "Older name of bounce_return_size_limit.", alias: "bounce_return_size_limit" }),
  bounce_sender_authentication: string({ doc: "Authenticated sender of bounces." }),
  dsn_from: expanded({ default: "Mail Delivery System <Mailer-Daemon@$qualify_domain>", doc: "From: of bounces and warnings." }),
  errors_copy: expanded({ doc: "Who gets copies of bounces: pairs of pattern and addresses." }),
  errors_reply_to: string({ doc: "Reply-To: of bounces and warnings." }),
  warn_message_file: expanded({ doc: "File with the texts of delay warnings." }),
};
