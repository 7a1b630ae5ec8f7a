/** Options of the redirect router (manual §"Private options for the redirect router"). */
import { option } from "@mailkit/sdk";
import type { OptionSpec, OptionValues, ShownFrom } from "@mailkit/sdk";

/** A boolean whose default depends on other options: undefined = not written. */
function unsetBoolean(doc: string, shown: (from: ShownFrom) => boolean): OptionSpec<boolean | undefined> {
  return { ...option.boolean({ doc, shown }), default: undefined };
}

const groupWritable = (modemask: string | undefined): boolean => modemask !== undefined && (Number.parseInt(modemask, 8) & 0o020) === 0;

export const options = {
  allow_defer: option.boolean({ doc: "`:defer:` and the filter command defer may be used." }),
  allow_fail: option.boolean({ doc: "`:fail:` and the filter command fail may be used." }),
  allow_filter: option.boolean({ doc: "Data may be an Exim or Sieve filter." }),
  allow_freeze: option.boolean({ doc: "The filter command freeze may be used." }),
  check_ancestor: option.boolean({ doc: "An address that is an ancestor is replaced by the current address." }),
  check_group: unsetBoolean(
    "The group of the file is checked; by default with `owngroups`, or for a local user's group-writable file.",
    ({ text, on }) => text("owngroups") !== undefined || (on("check_local_user") && groupWritable(text("modemask"))),
  ),
  check_owner: unsetBoolean(
    "The owner of the file is checked; by default with `owners` or `check_local_user`.",
    ({ text, on }) => text("owners") !== undefined || on("check_local_user"),
  ),
  data: option.expanded({ doc: "Redirection data; empty or a forced failure: declines." }),
  directory_transport: option.expanded({ doc: "Transport for paths that end with a slash." }),
  file: option.expanded({ doc: "File that holds the redirection data." }),
  file_transport: option.expanded({ doc: "Transport for paths." }),
  filter_prepend_home: option.boolean({ default: true, doc: "Relative paths in filters are under $home." }),
  forbid_blackhole: option.boolean({ doc: "`:blackhole:` may not be used." }),
  forbid_exim_filter: option.boolean({ doc: "Exim filters may not be used." }),
  forbid_file: option.boolean({ doc: "No deliveries to files." }),
  forbid_filter_dlfunc: option.boolean({ doc: "Filters may not use ${dlfunc." }),
  forbid_filter_existstest: option.boolean({ doc: "Filters may not test for files." }),
  forbid_filter_logwrite: option.boolean({ doc: "Filters may not write logs." }),
  forbid_filter_lookup: option.boolean({ doc: "Filters may not use ${lookup." }),
  forbid_filter_perl: option.boolean({ doc: "Filters may not use ${perl." }),
  forbid_filter_readfile: option.boolean({ doc: "Filters may not use ${readfile." }),
  forbid_filter_readsocket: option.boolean({ doc: "Filters may not use ${readsocket." }),
  forbid_filter_reply: option.boolean({ doc: "Filters may not send replies." }),
  forbid_filter_run: option.boolean({ doc: "Filters may not use ${run." }),
  forbid_include: option.boolean({ doc: "`:include:` may not be used." }),
  forbid_pipe: option.boolean({ doc: "No deliveries to pipes." }),
  forbid_sieve_filter: option.boolean({ doc: "Sieve filters may not be used." }),
  forbid_smtp_code: option.boolean({ doc: "Codes at the start of `:fail:` and `:defer:` texts are dropped." }),
  hide_child_in_errmsg: option.boolean({ doc: "Bounces do not name the generated addresses." }),
  ignore_eacces: option.boolean({ doc: "A file that may not be read counts as missing." }),
  ignore_enotdir: option.boolean({ doc: "A path through something that is no directory counts as missing." }),
  include_directory: option.string({ doc: "Included files must be under this directory." }),
  modemask: option.octal({ default: 0o022, doc: "Mode bits that the file may not have." }),
  one_time: option.boolean({ doc: "Addresses that are not delivered at once become recipients of their own." }),
  owners: option.stringList({ doc: "Owners that the file may have." }),
  owngroups: option.stringList({ doc: "Groups that the file may have." }),
  pipe_transport: option.expanded({ doc: "Transport for pipes." }),
  qualify_domain: option.expanded({ doc: "Domain for generated addresses without one." }),
  qualify_preserve_domain: option.boolean({ doc: "Generated addresses without a domain get that of the incoming one." }),
  repeat_use: option.boolean({ default: true, doc: "False: skipped for addresses that came from it." }),
  reply_transport: option.expanded({ doc: "Transport for replies of filters." }),
  rewrite: option.boolean({ default: true, doc: "Generated addresses are rewritten." }),
  sieve_enotify_mailto_owner: option.expanded({ doc: "Owner of Sieve notifications." }),
  sieve_inbox: option.string({ default: "inbox", doc: "File of Sieve's keep." }),
  sieve_subaddress: option.expanded({ doc: ":subaddress for Sieve." }),
  sieve_useraddress: option.expanded({ doc: ":user for Sieve." }),
  sieve_vacation_directory: option.expanded({ doc: "Where Sieve's vacation keeps what it sent." }),
  skip_syntax_errors: option.boolean({ doc: "Addresses that cannot be read are left out and logged." }),
  syntax_errors_text: option.expanded({ doc: "Text before the report to `syntax_errors_to`." }),
  syntax_errors_to: option.string({ doc: "Who is told of addresses that were left out." }),
} as const;

export type Options = OptionValues<typeof options>;
