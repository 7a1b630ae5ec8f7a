import { type ChildProcess, spawn } from "node:child_process";

/**
 * Syslog. The pieces are Exim's: cut at newlines and at 870 characters, numbered `[n/m]` or `[n\m]`
 * (manual §"Logging to syslog"). They go out through `logger`, one process for each priority, since Node has no
 * datagram sockets of the file system.
 */
export interface Syslog {
  send(priority: SyslogPriority, line: string): void;
  close(): void;
}

export type SyslogPriority = "info" | "notice" | "alert";

export interface SyslogOptions {
  /** `syslog_facility`, default mail. */
  readonly facility: string;
  /** `syslog_processname`. */
  readonly processName: string;
  /** `syslog_pid`. */
  readonly pid: number | undefined;
  readonly failed: (message: string) => void;
}

const LONGEST = 870;

export function splitForSyslog(entry: string, longest = LONGEST): string[] {
  const lines = entry.replace(/\n$/, "").split("\n");
  const pieces: { text: string; mark: "/" | "\\" }[] = [];
  for (const [at, line] of lines.entries()) {
    for (let from = 0; from === 0 || from < line.length; from += longest) {
      const ends = from + longest >= line.length;
      pieces.push({ text: line.slice(from, from + longest), mark: ends && at < lines.length - 1 ? "\\" : "/" });
    }
  }
  if (pieces.length === 1) return [pieces[0]?.text ?? ""];
  return pieces.map(({ text, mark }, n) => `[${n + 1}${mark}${pieces.length}] ${text}`);
}

export function openSyslog(options: SyslogOptions): Syslog {
  const loggers = new Map<SyslogPriority, ChildProcess>();
  function loggerFor(priority: SyslogPriority): ChildProcess {
    const known = loggers.get(priority);
    if (known !== undefined && known.exitCode === null && !known.killed) return known;
    const args = [
      "-t",
      options.processName,
      "-p",
      `${options.facility}.${priority}`,
      ...(options.pid === undefined ? [] : [`--id=${options.pid}`]),
    ];
    const child = spawn("logger", args, { stdio: ["pipe", "ignore", "ignore"] });
    child.on("error", (error) => options.failed(`cannot write to syslog: ${error.message}`));
    child.stdin.on("error", () => loggers.delete(priority));
    child.on("exit", () => loggers.delete(priority));
    loggers.set(priority, child);
    return child;
  }
  return {
    send(priority, line) {
      loggerFor(priority).stdin?.write(`${splitForSyslog(line).join("\n")}\n`, "latin1");
    },
    close() {
      for (const child of loggers.values()) child.stdin?.end();
      loggers.clear();
    },
  };
}
