/** `-bd`, `-bdf`, `-q30m`: a daemon in this process (manual §"Starting the daemon"). */
import { showTime } from "@mailkit/config";
import { startWorker } from "@mailkit/runtime";
import type { MailLogs } from "@mailkit/runtime";
import type { ListenAddress } from "@mailkit/smtpd";
import { spawn } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { deliveryHelpers } from "../helpers.ts";
import { listenAddresses } from "../listen-addresses.ts";
import { selfCommand } from "../self.ts";
import { untilSignal } from "../signals.ts";
import { reopenConfigured } from "./face.ts";
import type { Face } from "./face.ts";
import { listeningText } from "./listening-text.ts";
import { runWish } from "./queue.ts";

export async function runDaemon(face: Face, foreground: boolean): Promise<number> {
  if (!foreground) return detach(face);
  const { engine, args, context } = face;
  const listening = args.mode.kind === "daemon" && (args.queueRun === undefined || isListening(face));
  const worker = await startWorker(engine, {
    index: 0,
    smtp: listening ? listenAddresses(engine, args.ports === undefined ? undefined : [args.ports], args.tlsOnConnect) : [],
    pop3: [],
    reusePort: false,
    queueInterval: args.queueRun?.every,
    ...(args.queueRun === undefined ? {} : { queueWish: runWish(args.queueRun) }),
    retryByTimer: false,
    ready: (room, smtp) => logStart(face, room.logs, smtp),
    ...optionalHelpers(face),
  }).catch((error: Error) => {
    context.stderr.write(`exim: ${error.message}\n`);
    return undefined;
  });
  if (worker === undefined) return 1;
  const pidFile =
    args.pidFile ?? engine.settings.text("pid_file_path") ?? join(engine.settings.text("spool_directory") as string, "exim-daemon.pid");
  writePid(pidFile, context.stderr.write.bind(context.stderr));
  await untilSignal({ reload: () => void worker.reload(() => reopenConfigured(face)) });
  rmSync(pidFile, { force: true });
  await worker.stop();
  return 0;
}

/** `-q30m` alone runs the queue and does not listen; `-bd -q30m` does both. */
function isListening({ context }: Face): boolean {
  return process.argv.some((word) => word === "-bd" || word === "-bdf") || context.env.MAILKIT_LISTEN === "1";
}

function optionalHelpers({ engine }: Face): { helpers?: NonNullable<ReturnType<typeof deliveryHelpers>> } {
  const helpers = deliveryHelpers(engine);
  return helpers === undefined ? {} : { helpers };
}

function logStart({ args, engine }: Face, logs: MailLogs, addresses: readonly ListenAddress[]): void {
  const parts = [
    `exim ${engine.config.main.text("exim_version")} daemon started: pid=${process.pid}`,
    args.queueRun?.every === undefined ? "no queue runs" : `-q${showTime(args.queueRun.every)}`,
    listeningText(addresses),
  ];
  logs.main(parts.join(", "));
}

function writePid(file: string, complain: (text: string) => void): void {
  try {
    writeFileSync(file, `${process.pid}\n`, { mode: 0o644 });
  } catch (error) {
    complain(`exim: pid file ${file}: ${(error as Error).message}\n`);
  }
}

/** A daemon in the background is the foreground one, started again without a terminal. */
function detach({ context }: Face): number {
  const [program, ...words] = selfCommand();
  const rest = process.argv.slice(2).map((word) => (word === "-bd" ? "-bdf" : word));
  const own = rest[0] === "exim" ? rest : ["exim", ...rest];
  const child = spawn(program as string, [...words, ...own, ...(own.includes("-bdf") ? [] : ["-bdf"])], {
    detached: true,
    stdio: "ignore",
    cwd: context.cwd,
    env: context.env,
  });
  child.unref();
  return 0;
}
