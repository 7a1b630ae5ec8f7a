export { logFileName, type LogPlaces, type LogStream, parseLogFilePath } from "./log-paths.ts";
export { type LogWriter, type LogWriterOptions, openLogWriter, type RejectedEnvelope, safeText } from "./log-writer.ts";
export { parseHost, parseLog, parseLogLine, type ParseOptions } from "./parse-line.ts";
export { type LogHost, type LogKind, type LogRecord, recordToJson } from "./records.ts";
export {
  defaultSelector,
  LOG_SELECTORS,
  type LogSelectorName,
  parseLogSelector,
  type SelectorFault,
  type SelectorResult,
} from "./selector.ts";
export { localOffsets, makeStamper, type Stamper, type StampOptions } from "./stamps.ts";
export { openSyslog, splitForSyslog, type Syslog, type SyslogOptions, type SyslogPriority } from "./syslog.ts";
