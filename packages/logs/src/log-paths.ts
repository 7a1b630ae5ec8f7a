/** `log_file_path`: where the three logs go. Manual §"Where the logs are written", §"Datestamped log files". */
import { trimSpace } from "@mailkit/sdk";
export type LogStream = "main" | "reject" | "panic";

export interface LogPlaces {
  /** With `%s`, `%D`, `%M` still in it; undefined = no files. */
  readonly file: string | undefined;
  readonly syslog: boolean;
  readonly faults: readonly string[];
}

/** `setting` is expanded already; `spoolDirectory` gives the default. */
export function parseLogFilePath(setting: string, spoolDirectory: string): LogPlaces {
  const fallback = `${spoolDirectory}/log/%slog`;
  if (trimSpace(setting) === "") return { file: fallback, syslog: false, faults: [] };
  let file: string | undefined;
  let syslog = false;
  const faults: string[] = [];
  const items = setting.split(":").map((item) => trimSpace(item));
  let files = 0;
  for (const item of items) {
    if (item === "syslog") {
      syslog = true;
      continue;
    }
    files++;
    if (files > 1) continue;
    if (item === "") file = fallback;
    else if (!item.startsWith("/")) faults.push(`log_file_path "${item}" is not an absolute path`);
    else if (!item.includes("%s")) faults.push(`log_file_path "${item}" does not contain "%s"`);
    else file = item;
  }
  if (files > 1) faults.push(`log_file_path has more than one path; the first is used`);
  return { file: file ?? (syslog && faults.length === 0 ? undefined : fallback), syslog, faults };
}

/** `day` is `yyyymmdd`. The panic log has no date, and neither the character that ties the date to its name. */
export function logFileName(pattern: string, stream: LogStream, day: string): string {
  const dated = stream === "panic" ? withoutDate(pattern) : pattern.replace("%D", day).replace("%M", day.slice(0, 6));
  return dated.replace("%s", stream);
}

function withoutDate(pattern: string): string {
  const at = pattern.search(/%[DM]/);
  if (at < 0) return pattern;
  const before = pattern.slice(0, at);
  const after = pattern.slice(at + 2);
  if (before.endsWith("/")) return before + after.replace(/^[^A-Za-z0-9]/, "");
  return before.replace(/[^A-Za-z0-9]$/, "") + after;
}
