/** Every option of Exim's appendfile (manual §"Private options for appendfile"). Defaults that depend on others are in `plan.ts`. */
import { option } from "@mailkit/sdk";
import type { ShownFrom } from "@mailkit/sdk";

/** Files in the traditional format, and batched SMTP, have defaults of their own (manual §"check_string"). */
const isFile = ({ text, on }: ShownFrom): boolean => text("directory") === undefined && !on("maildir_format") && !on("mailstore_format");
const escaped =
  (inFiles: string, inBatches: string) =>
  (from: ShownFrom): string =>
    from.on("use_bsmtp") ? inBatches : isFile(from) ? inFiles : "";
const FROM_LINE = "From ${if def:return_path{$return_path}{MAILER-DAEMON}} ${tod_bsdinbox}\\n";

const mbx = { how: "refuse", why: "MBX mailboxes are not written; use a maildir or a plain mailbox" } as const;

export const options = {
  allow_fifo: option.boolean({ doc: "Deliver into named pipes too; deferred when nobody reads the pipe." }),
  allow_symlink: option.boolean({ doc: "Follow a mailbox that is a symbolic link, if its owner is the right one." }),
  batch_id: option.expanded({ doc: "Only addresses for which this gives the same text share a delivery." }),
  batch_max: option.integer({ default: 1, doc: "How many addresses may share one delivery." }),
  check_group: option.boolean({ doc: "An existing mailbox must belong to the group of the delivery." }),
  check_owner: option.boolean({ default: true, doc: "An existing mailbox must belong to the user of the delivery." }),
  check_string: option.string({
    shown: escaped("From ", "."),
    doc: "Text that is replaced by escape_string at the start of a line; `From ` for mailbox files.",
  }),
  create_directory: option.boolean({ default: true, doc: "Make missing directories on the way to the file." }),
  create_file: option.string({ default: "anywhere", doc: "anywhere, inhome, belowhome or a directory: where files may be created." }),
  directory: option.expanded({ doc: "Directory in which each message gets a file of its own." }),
  directory_file: option.expanded({
    default: "q${base62:$tod_epoch}-$inode",
    doc: "Name of the file in `directory` when neither maildir nor mailstore is used. $inode may stand in it, but not inside another item.",
  }),
  directory_mode: option.octal({ default: 0o700, doc: "Mode of directories that are made." }),
  escape_string: option.string({ shown: escaped(">From ", ".."), doc: "What replaces check_string; `>From ` for mailbox files." }),
  file: option.expanded({ doc: "Mailbox file to which the message is appended." }),
  file_format: option.string({ doc: "Pairs `text : transport`: a mailbox that begins with the text belongs to that transport." }),
  file_must_exist: option.boolean({ doc: "Defer when the mailbox does not exist." }),
  lock_fcntl_timeout: option.time({ default: 0, doc: "Wait so long for an fcntl lock; 0 = try again every lock_interval." }),
  lock_flock_timeout: option.time({ default: 0, doc: "The same for flock." }),
  lock_interval: option.time({ default: 3000, doc: "With lock_retries, how long to go on trying to lock." }),
  lock_retries: option.integer({ default: 10, doc: "See lock_interval." }),
  lockfile_mode: option.octal({ default: 0o600, doc: "Mode of the lock file." }),
  lockfile_timeout: option.time({ default: 1_800_000, doc: "A lock file older than this is taken for left behind, and removed." }),
  mailbox_filecount: option.expanded({ doc: "Number of files in the mailbox, from elsewhere." }),
  mailbox_size: option.expanded({ doc: "Size of the mailbox, from elsewhere." }),
  maildir_format: option.boolean({ doc: "`directory` is a maildir." }),
  maildir_quota_directory_regex: option.string({
    default: "^(?:cur|new|\\..*)$",
    doc: "Which folders of a maildir count, when maildir_use_size_file is on.",
  }),
  maildir_retries: option.integer({ default: 10, doc: "How often a new name is tried when a maildir name is taken." }),
  maildir_tag: option.expanded({ doc: "Text after the name of a maildir file. $message_size is the size as written." }),
  maildir_use_size_file: option.expandedBoolean({ doc: "Keep maildir++ sizes in `maildirsize`." }),
  maildirfolder_create_regex: option.string({ doc: "Make a `maildirfolder` file in maildirs that this matches." }),
  mailstore_format: option.boolean({ doc: "`directory` holds two files for each message, .env and .msg." }),
  mailstore_prefix: option.expanded({ doc: "Text at the start of the .env file." }),
  mailstore_suffix: option.expanded({ doc: "Text at the end of the .env file." }),
  mbx_format: option.boolean({ doc: "Mailbox in MBX format.", missing: mbx }),
  message_prefix: option.expanded({ shown: escaped(FROM_LINE, ""), doc: "Text before the message; the `From ` line for mailbox files." }),
  message_suffix: option.expanded({ shown: escaped("\\n", ""), doc: "Text after the message; an empty line for mailbox files." }),
  mode: option.octal({ default: 0o600, doc: "Mode of the file." }),
  mode_fail_narrower: option.boolean({ default: true, doc: "Defer when the mailbox has a narrower mode than `mode`." }),
  notify_comsat: option.boolean({
    doc: "Tell the comsat daemon of new mail.",
    missing: { how: "warn", why: "comsat is not notified; mail is delivered all the same" },
  }),
  quota: option.expanded({ doc: "Largest size of the mailbox; K, M, G and /no_check may follow." }),
  quota_directory: option.expanded({ doc: "Directory whose files count for the quota." }),
  quota_filecount: option.expanded({ doc: "Largest number of files in the mailbox." }),
  quota_is_inclusive: option.boolean({ default: true, doc: "The message itself counts when the quota is tested." }),
  quota_size_regex: option.string({ doc: "Finds the size of a file in its name." }),
  quota_warn_message: option.expanded({
    shown: ({ text }) => (text("quota_warn_threshold") === undefined ? "" : undefined),
    default:
      "To: $local_part@$domain\nSubject: Your mailbox\n\nThis message is automatically created by mail delivery software.\n\n" +
      "The size of your mailbox has exceeded a warning threshold that is\nset by the system administrator.\n",
    doc: "The warning: header lines, an empty line, text.",
  }),
  quota_warn_threshold: option.expanded({ doc: "Send a warning when the mailbox grows past this size or percentage of the quota." }),
  use_bsmtp: option.boolean({ doc: "Write batched SMTP." }),
  use_crlf: option.boolean({ doc: "End lines with CRLF." }),
  use_fcntl_lock: option.boolean({ default: true, doc: "Lock the open mailbox with fcntl (through a perl helper)." }),
  use_flock_lock: option.boolean({ doc: "Lock the open mailbox with flock (through a perl helper)." }),
  use_lockfile: option.boolean({ default: true, doc: "Lock with MAILBOX.lock." }),
  use_mbx_lock: option.boolean({ doc: "MBX locking rules.", missing: mbx }),
} as const;
