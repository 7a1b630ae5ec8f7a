/** The three logs of the configuration, opened for one process. */
import { openLogWriter, parseLogFilePath, parseLogSelector } from "@mailkit/logs";
import type { LogWriter } from "@mailkit/logs";
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import type { Engine } from "./engine.ts";

export type MailLogs = LogWriter;

/** `failed` hears of a log that cannot be written. */
export function openLogs(engine: Engine, failed: (message: string) => void = toStderr): MailLogs {
  const { main } = engine.config;
  const spool = engine.settings.text("spool_directory") as string;
  const places = parseLogFilePath(engine.settings.text("log_file_path") ?? "", spool);
  if (places.file !== undefined) mkdirSync(dirname(places.file), { recursive: true, mode: 0o750 });
  return openLogWriter({
    places,
    selector: logSelectorOf(engine),
    clock: engine.services.clock,
    pid: process.pid,
    ...(main.isSet("timezone") ? { timezone: main.text("timezone") as string } : {}),
    logTimezone: main.flag("log_timezone"),
    writeRejectlog: main.flag("write_rejectlog"),
    syslog: {
      ...(main.isSet("syslog_facility") ? { facility: main.text("syslog_facility") as string } : {}),
      ...(main.isSet("syslog_processname") ? { processName: main.text("syslog_processname") as string } : {}),
      pid: main.flag("syslog_pid"),
      timestamp: main.flag("syslog_timestamp"),
      duplication: main.flag("syslog_duplication"),
    },
    failed,
  });
}

function toStderr(message: string): void {
  process.stderr.write(`mailkit: ${message}\n`);
}

export function logSelectorOf(engine: Engine): ReadonlySet<string> {
  return parseLogSelector(engine.config.main.text("log_selector") ?? "").selector;
}
