/** Where the logs of a configuration are, for reading: the live files, and the older ones that rotation has left. */
import { localOffsets, logFileName, makeStamper, parseLogFilePath } from "@mailkit/logs";
import type { LogStream, ParseOptions } from "@mailkit/logs";
import type { Engine } from "@mailkit/runtime";
import { readdirSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";

export interface LogReading {
  /** `log_file_path` with `%s`, `%D`, `%M` in it; undefined = the configuration writes to syslog only. */
  readonly pattern: string | undefined;
  /** Name of a log at a time: it changes at midnight when the pattern has a date. */
  readonly nameAt: (stream: LogStream, now: number) => string | undefined;
  readonly parse: ParseOptions;
}

export function logReading(engine: Engine): LogReading {
  const { main } = engine.config;
  const spool = engine.settings.text("spool_directory") as string;
  const pattern = parseLogFilePath(engine.settings.text("log_file_path") ?? "", spool).file;
  const timezone = main.isSet("timezone") ? main.text("timezone") : undefined;
  const stamper = makeStamper({ ...(timezone === undefined ? {} : { timezone }), zone: false, millisec: false });
  return {
    pattern,
    nameAt: (stream, now) => (pattern === undefined ? undefined : logFileName(pattern, stream, stamper.day(now))),
    parse: { offsetAt: localOffsets(timezone) },
  };
}

/** Files of a log that were written to at or after `since`, oldest first: `mainlog.2.gz`, `mainlog.1`, `mainlog`. */
export function logHistory(pattern: string, stream: LogStream, since: number): readonly string[] {
  const folder = dirname(pattern);
  const isOne = historyName(basename(pattern), stream);
  return entriesOf(folder)
    .filter((name) => isOne.test(name))
    .flatMap((name) => {
      const facts = statSync(join(folder, name), { throwIfNoEntry: false });
      return facts?.isFile() === true && facts.mtimeMs >= since ? [{ path: join(folder, name), time: facts.mtimeMs }] : [];
    })
    .sort((a, b) => a.time - b.time)
    .map(({ path }) => path);
}

/** `mainlog`, with any date in it, and the endings of exicyclog and logrotate. */
export function historyName(pattern: string, stream: LogStream): RegExp {
  const quoted = logFileName(pattern, stream, "\0").replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^${quoted.replace("\0", "\\d{6,8}")}(?:[.-]\\d{1,14})?(?:\\.gz)?$`);
}

function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
