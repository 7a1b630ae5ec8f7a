/** `mailkit serve`: the daemon in the foreground. */
import { makeSandbox, startSupervisor, startWorker } from "@mailkit/runtime";
import type { ConfigText, Engine, WorkerOptions } from "@mailkit/runtime";
import { startHelperAsChild } from "@mailkit/transports";
import { availableParallelism } from "node:os";
import type { CommandContext, CommandInput, CommandSpec, Flags } from "../command.ts";
import { CommandFailure, UsageError } from "../command.ts";
import { parseTime } from "@mailkit/config";
import { greetingText } from "../greeting.ts";
import type { Greeting } from "../greeting.ts";
import { helperCommand, pluginsToWire } from "../helpers.ts";
import { listenAddresses } from "../listen-addresses.ts";
import { logReading } from "../logs/log-places.ts";
import { configSource, openForCommand } from "../open.ts";
import { selfScript } from "../self.ts";
import { untilSignal } from "../signals.ts";
import { checkStart } from "../start-faults.ts";
import type { WantedPort } from "../start-faults.ts";
import type { WorkerSettings } from "../worker-main.ts";

export const serve: CommandSpec = {
  name: "serve",
  summary: "run the mail server in the foreground",
  description:
    "Without a configuration to find: a mail sandbox on loopback (mailkit init writes its text). SIGHUP reloads, SIGTERM drains and ends.",
  flags: {
    workers: { type: "integer", placeholder: "N", doc: "worker processes (default: one for the sandbox, else one a processor)" },
    port: { type: "string", multiple: true, placeholder: "PORT", doc: "listen here instead of daemon_smtp_ports; a list as for exim -oX" },
    pop3: { type: "string", multiple: true, placeholder: "[HOST:]PORT", doc: "serve POP3 there" },
    pop3s: { type: "string", multiple: true, placeholder: "[HOST:]PORT", doc: "serve POP3 over TLS there" },
    "queue-run": { type: "string", placeholder: "TIME", doc: "run the whole queue that often (30m); retries come by themselves" },
    sandbox: { type: "boolean", doc: "the embedded default, whatever configuration there is" },
    relay: { type: "boolean", doc: "sandbox: mail for other domains leaves this machine" },
    "allow-plugin": { type: "string", multiple: true, placeholder: "PACKAGE", doc: "let this driver package run" },
  },
  examples: ["mailkit serve", "mailkit serve -C /etc/exim4/exim4.conf --pop3 0.0.0.0:110", "mailkit serve --relay"],
  exim: "-bd",
  run,
};

async function run(context: CommandContext, { flags }: CommandInput): Promise<number> {
  const source = configSource(context, flags);
  const users = source.kind === "embedded" ? await makeSandbox(source.paths.state) : [];
  const engine = await openForCommand(context, withRelay(flags), { warnings: true });
  const workers = workerCount(flags, source);
  const options = { ...workerOptions(engine, flags, source), workers };
  await checkStart(engine, wantedPorts(options, flags));
  const supervised = workers > 1 || (engine.machine.isRoot && source.kind === "file");
  if (supervised) await engine.close();
  const reopen = (): Promise<Engine> => openForCommand(context, withRelay(flags), { tolerant: true });
  const late: { running?: Running } = {};
  const ended = untilSignal({ reload: () => late.running?.reload() });
  const running = supervised
    ? await superviseWorkers(context, { engine, flags, options, workers })
    : await runHere(engine, options, reopen);
  if (!flags.flag("quiet"))
    context.stdout.write(greetingText({ ...placesOf(context, engine, flags), source, addresses: running.addresses, users }));
  late.running = running;
  await ended;
  await stopVisibly(context, running);
  if (!supervised) await engine.close();
  return 0;
}

interface Running {
  readonly addresses: readonly string[];
  readonly reload: () => void;
  readonly stop: () => Promise<void>;
}

async function runHere(engine: Engine, options: Omit<WorkerOptions, "index">, reopen: () => Promise<Engine>): Promise<Running> {
  const worker = await startWorker(engine, { ...options, index: 0 });
  return { addresses: worker.addresses, reload: () => void worker.reload(reopen), stop: () => worker.stop() };
}

async function superviseWorkers(
  context: CommandContext,
  given: { engine: Engine; flags: Flags; options: Omit<WorkerOptions, "index">; workers: number },
): Promise<Running> {
  const settings: WorkerSettings = {
    config: given.flags.text("config"),
    defines: given.flags.texts("define"),
    relay: given.flags.flag("relay"),
    plugins: pluginsToWire(given.engine.plugins),
    cwd: context.cwd,
    options: { ...given.options, reusePort: true },
  };
  const supervisor = startSupervisor({
    workerCommand: { script: selfScript(), args: ["__worker"] },
    startHelper: startHelperAsChild(helperCommand(given.engine)) as never,
    workers: given.workers,
    settings,
    log: (line) => context.stderr.write(`mailkit: ${line}\n`),
    drainTime: 30_000,
  });
  const addresses = await supervisor.ready.catch(async (error: NodeJS.ErrnoException) => {
    await supervisor.stop();
    throw error.code === undefined ? new CommandFailure(error.message) : error;
  });
  return { addresses, reload: () => supervisor.reload(), stop: () => supervisor.stop() };
}

/** A drain that takes its time says so. */
async function stopVisibly(context: CommandContext, running: Running): Promise<void> {
  const slow = setTimeout(
    () => context.stderr.write("mailkit: waiting for sessions and deliveries to end; Ctrl-C again ends it at once\n"),
    1000,
  );
  await running.stop();
  clearTimeout(slow);
}

function wantedPorts({ smtp, pop3 }: Pick<WorkerOptions, "smtp" | "pop3">, flags: Flags): WantedPort[] {
  const words = (name: string): { words?: string } =>
    flags.texts(name).length === 0 ? {} : { words: `--${name} ${flags.texts(name).join(" ")}` };
  return [
    ...smtp.map(({ host, port }) => ({ host, port, option: "daemon_smtp_ports", ...words("port") })),
    ...pop3.map(({ host, port, implicitTls }) => ({ host, port, option: "", ...words(implicitTls ? "pop3s" : "pop3") })),
  ];
}

function placesOf(
  context: CommandContext,
  engine: Engine,
  flags: Flags,
): Pick<Greeting, "spool" | "log" | "pid" | "program" | "config" | "relay"> {
  return {
    spool: engine.settings.text("spool_directory") as string,
    log: logReading(engine).nameAt("main", engine.services.clock.now()) ?? "syslog",
    pid: process.pid,
    program: context.env.npm_lifecycle_event === undefined ? "mailkit" : "npx mailkit",
    config: flags.text("config"),
    relay: flags.flag("relay"),
  };
}

function workerOptions(engine: Engine, flags: Flags, source: ConfigText): Omit<WorkerOptions, "index"> {
  const every = flags.text("queue-run");
  const interval = every === undefined ? undefined : parseTime(every);
  if (every !== undefined && interval === undefined) throw new UsageError(`--queue-run takes a time such as 30m, not "${every}"`);
  const pop3 = flags.texts("pop3").length === 0 && source.kind === "embedded" ? ["127.0.0.1:2110"] : flags.texts("pop3");
  return {
    smtp: listenAddresses(engine, flags.texts("port").length > 0 ? flags.texts("port") : undefined),
    pop3: [...pop3.map((text) => pop3Address(text, false)), ...flags.texts("pop3s").map((text) => pop3Address(text, true))],
    reusePort: false,
    queueInterval: interval,
    retryByTimer: true,
  };
}

function pop3Address(text: string, implicitTls: boolean): WorkerOptions["pop3"][number] {
  const match = /^(?:\[?([0-9a-zA-Z:.]+?)\]?:)?(\d+)$/.exec(text);
  if (match === null) throw new UsageError(`"${text}" is not PORT or HOST:PORT`);
  return { host: match[1] ?? "127.0.0.1", port: Number(match[2]), implicitTls };
}

function workerCount(flags: Flags, source: ConfigText): number {
  return flags.number("workers") ?? (source.kind === "embedded" ? 1 : availableParallelism());
}

export function withRelay(flags: Flags): Flags {
  if (!flags.flag("relay")) return flags;
  return { ...flags, texts: (name) => (name === "define" ? [...flags.texts(name), "RELAY=yes"] : flags.texts(name)) };
}
