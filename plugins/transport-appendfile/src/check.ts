/** Faults that show when options are seen together. */
import { splitList, type Diagnostic, type OptionValues, type Position } from "@mailkit/sdk";
import type { options } from "./options.ts";

interface Instance {
  readonly name: string;
  readonly at: Position;
  readonly isSet: (option: string) => boolean;
}

export function checkOptions(values: OptionValues<typeof options>, instance: Instance): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  const error = (code: string, message: string, hint: string): void => {
    found.push({ code, severity: "error", message, at: instance.at, hint });
  };
  if (values.file !== undefined && values.directory !== undefined) {
    error("MK0861", `only one of "file" or "directory" can be specified for the ${instance.name} transport`, "remove one of them");
  }
  if (values.maildir_format && values.mailstore_format) {
    error("MK0862", `only one of maildir and mailstore may be specified for the ${instance.name} transport`, "remove one of them");
  }
  if ((values.maildir_format || values.mailstore_format) && values.file !== undefined) {
    error("MK0863", `maildir and mailstore need "directory", not "file", in the ${instance.name} transport`, "write directory = ...");
  }
  if (values.file !== undefined && !values.use_lockfile && !values.use_fcntl_lock && !values.use_flock_lock) {
    error("MK0864", `no locking configured for ${instance.name} transport`, "leave use_lockfile or use_fcntl_lock on");
  }
  const where = values.create_file ?? "anywhere";
  if (!["anywhere", "inhome", "belowhome"].includes(where) && !where.startsWith("/")) {
    error(
      "MK0865",
      `invalid value given for "create_file" for the ${instance.name} transport: "${where}"`,
      "write anywhere, inhome, belowhome or an absolute path",
    );
  }
  if (values.file_format !== undefined && splitList(values.file_format).items.length % 2 !== 0) {
    error("MK0866", `file_format of the ${instance.name} transport has a text without a transport`, "write pairs, text : transport");
  }
  if (values.quota_filecount !== undefined && values.quota === undefined) {
    error("MK0867", `quota_filecount is set without quota in the ${instance.name} transport`, "set quota too, 0 for no limit of size");
  }
  for (const name of ["quota_size_regex", "maildir_quota_directory_regex", "maildirfolder_create_regex"] as const) {
    const fault = regexFault(values[name]);
    if (fault !== undefined)
      error("MK0868", `${name} of the ${instance.name} transport is not a regular expression: ${fault}`, "quote special characters");
  }
  return found;
}

function regexFault(source: string | undefined): string | undefined {
  if (source === undefined) return undefined;
  try {
    return new RegExp(source) instanceof RegExp ? undefined : source;
  } catch (error) {
    return (error as Error).message;
  }
}
