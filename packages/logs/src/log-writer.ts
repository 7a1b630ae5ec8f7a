import type { Clock, HeaderLine } from "@mailkit/sdk";
import { printable } from "@mailkit/sdk";
import { type LogFile, openLogFile } from "./log-file.ts";
import { logFileName, type LogPlaces, type LogStream } from "./log-paths.ts";
import { makeStamper } from "./stamps.ts";
import { openSyslog, type Syslog, type SyslogPriority } from "./syslog.ts";

/**
 * The three logs of one process. A line goes out at the end of its turn of the event loop; under load, lines are gathered
 * for some milliseconds and go out with one write. A control character never reaches a log: what comes from outside
 * cannot make a line of its own.
 */
export interface LogWriter {
  main(line: string): void;
  /** To the rejectlog alone; the header of the message follows the line when `rejected_header` is on. */
  reject(line: string, headers?: readonly HeaderLine[], envelope?: RejectedEnvelope): void;
  /** To the paniclog and the mainlog. */
  panic(line: string): void;
  /** To the paniclog alone, for ACLs that ask for it. */
  panicOnly(line: string): void;
  /** To the paniclog alone, in as many lines as it has: faults of the configuration. */
  fault(text: string): void;
  readonly selector: ReadonlySet<string>;
  /** Date and time as the lines have them. */
  stamp(): string;
  /** Writes what waits, now. */
  flush(): void;
  /** Opens the files anew at the next line. */
  reopen(): void;
  close(): Promise<void>;
}

export interface RejectedEnvelope {
  readonly sender: string;
  readonly recipients: readonly string[];
}

export interface LogWriterOptions {
  readonly places: LogPlaces;
  readonly selector: ReadonlySet<string>;
  readonly clock: Pick<Clock, "now">;
  readonly pid: number;
  /** `timezone`, `log_timezone`. */
  readonly timezone?: string;
  readonly logTimezone?: boolean;
  /** `log_mode`, default 0640. */
  readonly mode?: number;
  /** `write_rejectlog`, default true. */
  readonly writeRejectlog?: boolean;
  readonly syslog?: {
    readonly facility?: string;
    readonly processName?: string;
    /** `syslog_pid`, `syslog_timestamp`, `syslog_duplication`: default true. */
    readonly pid?: boolean;
    readonly timestamp?: boolean;
    readonly duplication?: boolean;
    readonly port?: Syslog;
  };
  /** The last resort, when a log cannot be written: stderr. */
  readonly failed: (message: string) => void;
}

interface Entry {
  readonly stream: LogStream;
  readonly at: number;
  /** Without stamp and final newline. */
  readonly text: string;
}

const PRIORITIES: Readonly<Record<LogStream, SyslogPriority>> = { main: "info", reject: "notice", panic: "alert" };
const STREAMS: readonly LogStream[] = ["main", "reject", "panic"];
/** Octets that wait for a disk to come back; then lines are given up. */
const PATIENCE = 1_000_000;
/** Writes are this far apart, in milliseconds, unless there is much to write. */
const GATHER = 20;
const MUCH = 64 * 1024;

export function openLogWriter(options: LogWriterOptions): LogWriter {
  const { places, selector, clock } = options;
  const stamper = makeStamper({
    ...(options.timezone === undefined ? {} : { timezone: options.timezone }),
    zone: options.logTimezone === true,
    millisec: selector.has("millisec"),
    ...(selector.has("pid") ? { pid: options.pid } : {}),
  });
  const files: Record<LogStream, LogFile> = { main: newFile(), reject: newFile(), panic: newFile() };
  const held: Record<LogStream, string> = { main: "", reject: "", panic: "" };
  const syslog = places.syslog ? (options.syslog?.port ?? startSyslog(options)) : undefined;
  let waiting: Entry[] = [];
  let waitingSize = 0;
  let soon = false;
  let later: NodeJS.Timeout | undefined;
  let flushedAt = -GATHER;

  function newFile(): LogFile {
    return openLogFile({ mode: options.mode ?? 0o640 });
  }

  function put(stream: LogStream, text: string): void {
    waiting.push({ stream, at: clock.now(), text });
    waitingSize += text.length;
    if (soon) return;
    if (stream === "panic" || waitingSize > MUCH || (later === undefined && performance.now() - flushedAt >= GATHER)) {
      soon = true;
      setImmediate(flush);
    } else later ??= setTimeout(flush, GATHER);
  }

  function flush(): void {
    clearTimeout(later);
    later = undefined;
    soon = false;
    if (waiting.length === 0) return;
    const entries = waiting;
    waiting = [];
    waitingSize = 0;
    if (places.file !== undefined) for (const stream of STREAMS) writeStream(stream, entries);
    if (syslog !== undefined) sendAll(syslog, entries);
    flushedAt = performance.now();
  }

  function writeStream(stream: LogStream, entries: readonly Entry[]): void {
    let text = held[stream];
    for (const entry of entries) if (entry.stream === stream) text += `${stamper.stamp(entry.at)} ${entry.text}\n`;
    if (text === "") return;
    const path = logFileName(places.file as string, stream, stamper.day(clock.now()));
    const { written, fault } = files[stream].append(path, Buffer.from(text, "latin1"));
    held[stream] = text.slice(written);
    if (fault === undefined) return;
    files[stream].close();
    options.failed(`cannot write ${path}: ${fault.message}`);
    if (held[stream].length >= PATIENCE) held[stream] = "";
  }

  /** With `syslog_duplication` off, a line that is in the reject or panic log too is sent as that one only. */
  function sendAll(port: Syslog, entries: readonly Entry[]): void {
    const single = options.syslog?.duplication === false;
    const elsewhere = new Set(single ? entries.filter((e) => e.stream !== "main").map((e) => firstLine(e.text)) : []);
    for (const { stream, at, text } of entries) {
      if (stream === "main" && elsewhere.has(text)) continue;
      port.send(PRIORITIES[stream], options.syslog?.timestamp === false ? text : `${stamper.stamp(at)} ${text}`);
    }
  }

  return {
    selector,
    main: (line) => put("main", safeText(line)),
    reject(line, headers, envelope) {
      if (options.writeRejectlog === false) return;
      const shown = headers !== undefined && selector.has("rejected_header") ? rejectedHeader(headers, envelope) : "";
      put("reject", safeText(line) + shown);
    },
    fault: (text) => put("panic", text.split("\n").map(safeText).join("\n")),
    panic(line) {
      put("panic", safeText(line));
      put("main", safeText(line));
    },
    panicOnly: (line) => put("panic", safeText(line)),
    stamp: () => stamper.stamp(clock.now()),
    flush,
    reopen() {
      flush();
      for (const stream of STREAMS) files[stream].close();
    },
    close() {
      flush();
      for (const stream of STREAMS) files[stream].close();
      syslog?.close();
      return Promise.resolve();
    },
  };
}

function startSyslog(options: LogWriterOptions): Syslog {
  const { facility = "mail", processName = "exim", pid = true } = options.syslog ?? {};
  return openSyslog({ facility, processName, pid: pid ? options.pid : undefined, failed: options.failed });
}

/** A newline stays where white space follows it: that is a continuation, made by us. */
export function safeText(line: string): string {
  const text = line.endsWith("\n") ? line.slice(0, -1) : line;
  if (!/[\x00-\x1f\x7f]/.test(text)) return text;
  return text.replace(/[\x00-\x08\x0b-\x1f\x7f]|\t|\n(?![ \t])/g, (c) => (c === "\t" ? c : printable(c)));
}

/** As Exim writes it: envelope, then each line with its type letter. */
function rejectedHeader(headers: readonly HeaderLine[], envelope: RejectedEnvelope | undefined): string {
  let text = "";
  if (envelope !== undefined) {
    text += `\nEnvelope-from: <${printable(envelope.sender)}>`;
    if (envelope.recipients.length > 0) text += `\nEnvelope-to: ${envelope.recipients.map((r) => `<${printable(r)}>`).join("\n    ")}`;
  }
  for (const header of headers)
    text += `\n${header.type} ${header.text
      .replace(/\n$/, "")
      .replace(/\n(?![ \t])/g, "\n ")
      .replace(/[\x00-\x08\x0b-\x1f\x7f]/g, printable)}`;
  return text;
}

function firstLine(text: string): string {
  const newline = text.indexOf("\n");
  return newline < 0 ? text : text.slice(0, newline);
}
