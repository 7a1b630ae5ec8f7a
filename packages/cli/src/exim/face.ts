/**
 * Exim's own command line: `mailkit exim ARGS`, or the program under the names exim, sendmail, mailq and so on. What the
 * arguments ask for is worked out by `arguments.ts`; each group of modes has a file of its own. Errors and exit codes are
 * Exim's, because scripts read them.
 */
import { eximReport, isFatal } from "@mailkit/config";
import { callerOf, locateConfig, openEngine, openLogs, prepareEmbedded } from "@mailkit/runtime";
import type { Caller, Engine } from "@mailkit/runtime";
import type { Diagnostic, Position, Tracer } from "@mailkit/sdk";

import type { CommandContext } from "../command.ts";
import { textTracer } from "../trace-text.ts";
import { parseEximArguments } from "./arguments.ts";
import { rawArguments } from "./raw-arguments.ts";
import type { EximArguments } from "./argument-types.ts";
import { runDaemon } from "./daemon.ts";
import { rebuildAliases } from "./aliases.ts";
import { testFilters } from "./filter-test.ts";
import { checkHostMode, testAddresses, testExpansions, testRetry, testRewriting, verifyAddresses } from "./testing.ts";
import { listQueue, messageAction, runQueueOnce } from "./queue.ts";
import { printOptions, printVersion, showInfo, writeLogLine } from "./print.ts";
import { receiveBatch, receiveMessage, receiveSmtp } from "./receive.ts";

export interface Face {
  readonly context: CommandContext;
  readonly args: EximArguments;
  readonly engine: Engine;
  readonly caller: Caller;
}

export async function eximMain(context: CommandContext, program: string, argv: readonly string[]): Promise<number> {
  const parsed = parseEximArguments(program, rawArguments(argv));
  if (!parsed.ok) {
    context.stderr.write(`${parsed.message}\n`);
    return 1;
  }
  const args = parsed.arguments;
  if (args.mode.kind === "info") return showInfo(context, args.mode.what);
  const engine = await openConfigured(context, args);
  if (engine === undefined) return 1;
  try {
    return await dispatch({ context, args, engine, caller: await callerOf(engine, context.env) });
  } finally {
    await engine.close();
  }
}

async function openConfigured(context: CommandContext, args: EximArguments): Promise<Engine | undefined> {
  const engine = await reopenConfigured({ context, args });
  const fatal = engine.diagnostics.filter((d) => isFatal(d, "exim"));
  if (fatal.length === 0) return engine;
  const report = eximReport(engine.diagnostics) ?? `Exim configuration error: ${fatal[0]?.message}`;
  context.stderr.write(`${report}\n`);
  if (logsKnownBefore(engine, fatal[0])) await tellPaniclog(engine, report);
  await engine.close();
  return undefined;
}

/** As in Exim, a fault is logged where the configuration said before it; one that stands earlier is told the caller alone. */
function logsKnownBefore({ config }: Engine, fault: Diagnostic | undefined): boolean {
  const named = config.main.position("log_file_path");
  const place = fault?.at;
  if (named === undefined || place === undefined) return named !== undefined;
  if (place.file === config.file && place.line === 1) return false;
  // Lines in the order in which they were read: files are included in each other.
  const lines = (config.details?.trail ?? []).flatMap((step) => (step.kind === "line" ? [step.at] : []));
  const order = (at: Position): number => lines.findIndex(({ file, line }) => file === at.file && line >= at.line);
  const faulty = order(place);
  return faulty < 0 || order(named) < faulty;
}

/** A fault of the configuration goes to the paniclog that the configuration names, when the caller may write there. */
async function tellPaniclog(engine: Engine, report: string): Promise<void> {
  try {
    const logs = openLogs(engine, () => {});
    logs.fault(report);
    await logs.close();
  } catch {
    // the folder of the logs is not there, and not the caller's to make
  }
}

/** The configuration of the command line, read now; for SIGHUP, too. */
export function reopenConfigured({ context, args }: Pick<Face, "context" | "args">): Promise<Engine> {
  const found = locateConfig(args.config, context.env, context.cwd, { system: true });
  return openEngine({
    source: found.kind === "file" ? found : prepareEmbedded(found.state, context.env),
    env: context.env,
    cwd: context.cwd,
    defines: args.defines,
    ...tracerFor(context, args),
  });
}

/** `-d` and, for host checking, always: decisions go to standard error. */
function tracerFor(context: CommandContext, args: EximArguments): { trace: Tracer } | undefined {
  if (args.debug === undefined && args.mode.kind !== "hostCheck") return undefined;
  return { trace: textTracer((line) => context.stderr.write(`${line}\n`)) };
}

function dispatch(face: Face): Promise<number> | number {
  const { mode } = face.args;
  switch (mode.kind) {
    case "receive":
      return receiveMessage(face);
    case "smtp":
      return receiveSmtp(face);
    case "batchSmtp":
      return receiveBatch(face);
    case "daemon":
      return runDaemon(face, mode.foreground);
    case "testAddress":
      return testAddresses(face);
    case "verify":
      return verifyAddresses(face, mode.sender);
    case "expand":
      return testExpansions(face, mode.message);
    case "hostCheck":
      return checkHostMode(face, mode);
    case "rewriteTest":
      return testRewriting(face);
    case "retryTest":
      return testRetry(face);
    case "logLine":
      return writeLogLine(face, mode.text);
    case "queueList":
      return listQueue(face, mode);
    case "queueCount":
      return listQueue(face, "count");
    case "queueRun":
      return runQueueOnce(face);
    case "message":
      return messageAction(face, mode.action);
    case "printOptions":
      return printOptions(face);
    case "version":
      return printVersion(face);
    case "info":
      return showInfo(face.context, mode.what);
    case "newAliases":
      return rebuildAliases(face);
    case "filter":
      return testFilters(face, mode);
    case "malware":
      face.context.stderr.write("exim: -bmalware is not built in: mailkit has no test of av_scanner; use the scanner's own command\n");
      return 1;
  }
}
