import test from "ava";
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { logFileName, parseLogFilePath } from "./log-paths.ts";
import { type LogWriterOptions, openLogWriter, safeText } from "./log-writer.ts";
import { defaultSelector, LOG_SELECTORS, parseLogSelector } from "./selector.ts";
import { makeStamper } from "./stamps.ts";
import { splitForSyslog } from "./syslog.ts";

const AT = Date.UTC(1999, 2, 2, 9, 44, 33, 7);

function scratch(t: { teardown(work: () => void): void }): string {
  const directory = mkdtempSync(join(tmpdir(), "logs-"));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

function optionsFor(directory: string, change: Partial<LogWriterOptions> = {}): LogWriterOptions {
  return {
    places: parseLogFilePath("", directory),
    selector: defaultSelector(),
    clock: { now: () => AT },
    pid: 4711,
    timezone: "UTC",
    failed: (message) => {
      throw new Error(message);
    },
    ...change,
  };
}

test("lines of the three logs", async (t) => {
  const directory = scratch(t);
  const log = openLogWriter(optionsFor(directory));
  const headers = [
    { type: "P", text: "Received: from x\n\tby y\n" },
    { type: "F", text: "From: @\n" },
    { type: " ", text: "Date: z\n" },
  ];
  log.main("10HmaX-0005vi-00 Completed");
  log.main("one\n");
  log.reject("10HmaX-0005vi-00 U=CALLER F=<x@y> rejected after DATA: no", headers, { sender: "x@y", recipients: ["a@b", "c@d"] });
  log.panic("it burns");
  t.false(existsSync(join(directory, "log")), "one write a turn");
  log.flush();
  const read = (name: string): string => readFileSync(join(directory, "log", name), "latin1");
  t.is(read("mainlog"), "1999-03-02 09:44:33 10HmaX-0005vi-00 Completed\n1999-03-02 09:44:33 one\n1999-03-02 09:44:33 it burns\n");
  t.is(
    read("rejectlog"),
    "1999-03-02 09:44:33 10HmaX-0005vi-00 U=CALLER F=<x@y> rejected after DATA: no\nEnvelope-from: <x@y>\n" +
      "Envelope-to: <a@b>\n    <c@d>\nP Received: from x\n\tby y\nF From: @\n  Date: z\n",
  );
  t.is(read("paniclog"), "1999-03-02 09:44:33 it burns\n");
  t.is(statSync(join(directory, "log", "mainlog")).mode & 0o777, 0o640);
  await log.close();
});

test("what comes from outside cannot make a line", (t) => {
  t.is(safeText("F=<a\n1999-03-02 09:44:33 fake>"), "F=<a\\n1999-03-02 09:44:33 fake>");
  t.is(safeText("a\rb\0c\x1b[1m"), "a\\rb\\000c\\033[1m");
  t.is(safeText("error in line 1:\n  text\tx"), "error in line 1:\n  text\tx");
});

test("log_timezone, millisec, pid; rejected_header and write_rejectlog off", async (t) => {
  const directory = scratch(t);
  const { selector } = parseLogSelector("+millisec +pid -rejected_header");
  const log = openLogWriter(optionsFor(directory, { selector, logTimezone: true, timezone: "Europe/Paris" }));
  log.main("x");
  log.reject("y", [{ type: " ", text: "X: y\n" }]);
  t.is(log.stamp(), "1999-03-02 10:44:33.007 +0100 [4711]");
  await log.close();
  t.is(readFileSync(join(directory, "log", "mainlog"), "latin1"), "1999-03-02 10:44:33.007 +0100 [4711] x\n");
  t.is(readFileSync(join(directory, "log", "rejectlog"), "latin1"), "1999-03-02 10:44:33.007 +0100 [4711] y\n");
  const other = scratch(t);
  const silent = openLogWriter(optionsFor(other, { writeRejectlog: false }));
  silent.reject("y");
  await silent.close();
  t.false(existsSync(join(other, "log", "rejectlog")));
});

test("a file that was moved away is opened anew; a file that is there is appended to", async (t) => {
  const directory = scratch(t);
  const path = join(directory, "log", "mainlog");
  const log = openLogWriter(optionsFor(directory));
  log.main("one");
  log.flush();
  renameSync(path, `${path}.1`);
  log.main("two");
  log.flush();
  log.reopen();
  log.main("three");
  await log.close();
  t.is(readFileSync(`${path}.1`, "latin1"), "1999-03-02 09:44:33 one\n");
  t.is(readFileSync(path, "latin1"), "1999-03-02 09:44:33 two\n1999-03-02 09:44:33 three\n");
});

test("dated names change at midnight of the zone", async (t) => {
  const directory = scratch(t);
  let now = Date.UTC(1999, 11, 31, 22, 59, 59);
  const places = parseLogFilePath(`${directory}/%s-%D.log`, "/x");
  const log = openLogWriter(optionsFor(directory, { places, clock: { now: () => now }, timezone: "Europe/Paris" }));
  log.main("old");
  log.flush();
  now += 1000;
  log.main("new");
  await log.close();
  t.is(readFileSync(`${directory}/main-19991231.log`, "latin1"), "1999-12-31 23:59:59 old\n");
  t.is(readFileSync(`${directory}/main-20000101.log`, "latin1"), "2000-01-01 00:00:00 new\n");
});

test("a log that cannot be written is said once, and its lines come when it can", async (t) => {
  const directory = scratch(t);
  writeFileSync(join(directory, "log"), "a file where the folder should be");
  const said: string[] = [];
  const log = openLogWriter(optionsFor(directory, { failed: (message) => said.push(message) }));
  log.main("one");
  log.flush();
  t.is(said.length, 1);
  t.regex(said[0] as string, /^cannot write .*mainlog: /);
  rmSync(join(directory, "log"));
  log.main("two");
  await log.close();
  t.is(readFileSync(join(directory, "log", "mainlog"), "latin1"), "1999-03-02 09:44:33 one\n1999-03-02 09:44:33 two\n");
});

test("syslog: priorities, without time stamps, without duplicates", async (t) => {
  const sent: string[] = [];
  const port = { send: (priority: string, line: string) => void sent.push(`${priority} ${line}`), close: () => {} };
  const places = parseLogFilePath("syslog", "/x");
  const log = openLogWriter(optionsFor("/x", { places, syslog: { port, timestamp: false, duplication: false } }));
  log.main("plain");
  log.main("rejected");
  log.reject("rejected", [{ type: " ", text: "X: y\n" }]);
  log.panic("fire");
  await log.close();
  t.deepEqual(sent, ["info plain", "notice rejected\n  X: y", "alert fire"]);
});

test("long entries in pieces, as the manual shows", (t) => {
  t.deepEqual(splitForSyslog("short"), ["short"]);
  t.deepEqual(splitForSyslog("1234567890abc\nx\n", 5), ["[1/4] 12345", "[2/4] 67890", "[3\\4] abc", "[4/4] x"]);
  t.deepEqual(splitForSyslog("1234567890", 5), ["[1/2] 12345", "[2/2] 67890"]);
});

test("log_file_path", (t) => {
  const cases: readonly (readonly [string, string | undefined, boolean, number])[] = [
    ["", "/s/log/%slog", false, 0],
    ["syslog", undefined, true, 0],
    [":syslog", "/s/log/%slog", true, 0],
    ["syslog : /l/exim_%s", "/l/exim_%s", true, 0],
    ["/l/exim_%s", "/l/exim_%s", false, 0],
    ["/l/a_%s:/l/b_%s", "/l/a_%s", false, 1],
    ["relative_%s", "/s/log/%slog", false, 1],
    ["/no/percent", "/s/log/%slog", false, 1],
  ];
  for (const [setting, file, syslog, faults] of cases) {
    const places = parseLogFilePath(setting, "/s");
    t.deepEqual([places.file, places.syslog, places.faults.length], [file, syslog, faults], setting);
  }
});

test("names with dates, and the panic log without", (t) => {
  const cases: readonly (readonly [string, string, string])[] = [
    ["/l/%slog-%D", "/l/mainlog-20021225", "/l/paniclog"],
    ["/l/exim-%s-%D.log", "/l/exim-main-20021225.log", "/l/exim-panic.log"],
    ["/l/%D-%slog", "/l/20021225-mainlog", "/l/paniclog"],
    ["/l/%s.%M", "/l/main.200212", "/l/panic"],
    ["/l/%slog", "/l/mainlog", "/l/paniclog"],
  ];
  for (const [pattern, main, panic] of cases) {
    t.is(logFileName(pattern, "main", "20021225"), main);
    t.is(logFileName(pattern, "panic", "20021225"), panic);
  }
});

test("log_selector", (t) => {
  t.is(defaultSelector().size, 18);
  t.is(LOG_SELECTORS.length, 62);
  t.true(parseLogSelector("+pid -retry_defer").selector.has("pid"));
  t.false(parseLogSelector("+pid -retry_defer").selector.has("retry_defer"));
  t.is(parseLogSelector("+all").selector.size, 62);
  t.deepEqual([...parseLogSelector("-all +subject").selector], ["subject"]);
  t.true(parseLogSelector("+ 8bitmime\n +tls_sni").selector.has("8bitmime"));
  t.deepEqual(
    parseLogSelector("+nothing").faults.map((f) => f.message),
    ["unknown log_selector setting: +nothing"],
  );
  t.is(parseLogSelector("pid").faults[0]?.message, 'malformed log_selector setting: + or - expected but found "pid"');
});

test("stamps of a clock that goes back, and of an unknown zone", (t) => {
  const stamper = makeStamper({ timezone: "No/Where", zone: true, millisec: false });
  t.is(stamper.stamp(AT), "1999-03-02 09:44:33 +0000");
  t.is(stamper.stamp(AT - 1000), "1999-03-02 09:44:32 +0000");
});
