/** Every option of Exim's pipe transport (manual §"Private options for pipe"). */
import { option } from "@mailkit/sdk";
import type { ShownFrom } from "@mailkit/sdk";

const either =
  (plain: string, inBatches: string) =>
  ({ on }: ShownFrom): string =>
    on("use_bsmtp") ? inBatches : plain;
const FROM_LINE = "From ${if def:return_path{$return_path}{MAILER-DAEMON}} ${tod_bsdinbox}\\n";

export const options = {
  allow_commands: option.expanded({ doc: "Commands that may be run; a colon list." }),
  batch_id: option.expanded({ doc: "Only addresses for which this gives the same text share a run." }),
  batch_max: option.integer({ default: 1, doc: "How many addresses may share a run." }),
  check_string: option.string({ shown: either("", "."), doc: "Text that is replaced by escape_string at the start of a line." }),
  command: option.expanded({ doc: "The command; cut into words before it is expanded." }),
  environment: option.expanded({ doc: "More variables, name=value in a colon list." }),
  escape_string: option.string({ shown: either("", ".."), doc: "What replaces check_string." }),
  force_command: option.boolean({ doc: "Use `command` for pipes of redirections too; $address_pipe stands for theirs." }),
  freeze_exec_fail: option.boolean({ doc: "Freeze the message when the command cannot be run." }),
  freeze_signal: option.boolean({ doc: "Freeze the message when a signal ends the command." }),
  ignore_status: option.boolean({ doc: "Any exit status is success." }),
  log_defer_output: option.boolean({ doc: "Log the first line of output when the delivery is deferred." }),
  log_fail_output: option.boolean({ doc: "Log the first line of output when the delivery fails." }),
  log_output: option.boolean({ doc: "Log the first line of output." }),
  max_output: option.integer({ default: 20 * 1024, doc: "The command is killed when it writes more." }),
  message_prefix: option.expanded({ shown: either(FROM_LINE, ""), doc: "Text before the message; a From_ line by default." }),
  message_suffix: option.expanded({ shown: either("\\n", ""), doc: "Text after the message; an empty line by default." }),
  path: option.expanded({ default: "/bin:/usr/bin", doc: "PATH of the command, and where it is looked for." }),
  permit_coredump: option.boolean({
    doc: "Allow core dumps.",
    missing: { how: "warn", why: "limits on core dumps are as the system sets them" },
  }),
  pipe_as_creator: option.boolean({ doc: "Run as the user who sent the message." }),
  restrict_to_path: option.boolean({ doc: "Only commands without a slash, found in `path`." }),
  return_fail_output: option.boolean({ doc: "Output of a failed command goes into the bounce." }),
  return_output: option.boolean({ doc: "Any output is a failure, and goes into the bounce." }),
  temp_errors: option.stringList({ default: ["75", "73"], doc: "Exit codes that mean later; * is all of them." }),
  timeout: option.time({ default: 3_600_000, doc: "The command is killed after this time; 0 = never." }),
  timeout_defer: option.boolean({ doc: "A timeout means later, not failure." }),
  umask: option.octal({ default: 0o22, doc: "umask of the command." }),
  use_bsmtp: option.boolean({ doc: "Write batched SMTP." }),
  use_classresources: option.boolean({
    doc: "Login class limits (BSD).",
    missing: { how: "warn", why: "there are no login classes on this system" },
  }),
  use_crlf: option.boolean({ doc: "End lines with CRLF." }),
  use_shell: option.boolean({ doc: "Hand the whole command to /bin/sh." }),
} as const;
