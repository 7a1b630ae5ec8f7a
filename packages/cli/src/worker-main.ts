/** A worker process (`__worker`) and a delivery helper process (`__helper`): internal arguments, no command of people. */
import { addPlugins, mailboxCalls, openEngine, prepareEmbedded, locateConfig, startWorker, firstPartyDrivers } from "@mailkit/runtime";
import type { Engine, SupervisorMessage, Worker, WorkerMessage, WorkerOptions } from "@mailkit/runtime";
import { newHelperPool, runHelper } from "@mailkit/transports";
import type { HelperPool, LocalDriver } from "@mailkit/transports";
import { parseLogFilePath } from "@mailkit/logs";
import { chownSync, existsSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { pluginsFromWire } from "./helpers.ts";
import type { WirePlugins } from "./helpers.ts";

/** What the supervisor tells its workers; crosses as JSON. */
export interface WorkerSettings {
  readonly config: string | undefined;
  readonly defines: readonly string[];
  readonly relay: boolean;
  readonly plugins: WirePlugins | undefined;
  readonly cwd: string;
  readonly options: Omit<WorkerOptions, "index">;
}

export async function workerMain(): Promise<void> {
  const start = await firstMessage();
  const settings = start.settings as WorkerSettings;
  const running: { worker?: Worker; engine?: Engine } = {};
  const lost: LostHelpers = new Map();
  try {
    running.engine = await openWorkerEngine(settings);
    running.worker = await begin(running.engine, settings, { index: start.index, lost });
    tell({ kind: "ready", addresses: running.worker.addresses });
  } catch (error) {
    const { message, code, path } = error as NodeJS.ErrnoException;
    tell({ kind: "failed", message, ...(code === undefined ? {} : { code }), ...(path === undefined ? {} : { path }) });
    process.exit(1);
  }
  process.on("message", (message: SupervisorMessage) => {
    if (message.kind === "reload") void running.worker?.reload(() => openWorkerEngine(settings));
    if (message.kind === "drain") void end(running);
    if (message.kind === "helperEnded") lost.get(message.token)?.(new Error("the helper ended at its start"));
  });
  process.on("disconnect", () => {
    for (const refuse of lost.values()) refuse(new Error(NO_SUPERVISOR));
    void end(running);
  });
  process.on("SIGTERM", () => {});
  process.on("SIGINT", () => {});
  process.on("SIGHUP", () => {});
}

async function end(running: { worker?: Worker; engine?: Engine }): Promise<void> {
  await running.worker?.stop();
  await running.engine?.close();
  process.exit(0);
}

function openWorkerEngine(settings: WorkerSettings): Promise<Engine> {
  const found = locateConfig(settings.config, process.env, settings.cwd, { system: false });
  const source = found.kind === "file" ? found : prepareEmbedded(found.state, process.env);
  const defines = [...settings.defines, ...(settings.relay ? ["RELAY=yes"] : [])].map((text): readonly [string, string] => {
    const equals = text.indexOf("=");
    return equals < 0 ? [text, ""] : [text.slice(0, equals), text.slice(equals + 1)];
  });
  return openEngine({
    source,
    env: process.env,
    cwd: settings.cwd,
    defines,
    ...(settings.plugins === undefined ? {} : { plugins: pluginsFromWire(settings.plugins) }),
  });
}

/** As root: folders for the server's user; everything but the ports is opened as that user; then root is given away for good. */
async function begin(
  engine: Engine,
  settings: WorkerSettings,
  { index, lost }: { readonly index: number; readonly lost: LostHelpers },
): Promise<Worker> {
  if (!engine.machine.isRoot) return startWorker(engine, { ...settings.options, index });
  prepareFolders(engine);
  const { eximUid, eximGid, eximUser } = engine.machine;
  initgroups(eximUser, eximGid);
  process.setegid?.(eximGid);
  process.seteuid?.(eximUid);
  return startWorker(engine, {
    ...settings.options,
    index,
    helpers: askSupervisor(engine, index, lost),
    beforeListen: () => process.seteuid?.(0),
    afterListen: () => dropRoot(engine),
  });
}

function prepareFolders(engine: Engine): void {
  const spool = engine.settings.text("spool_directory") as string;
  const { eximUid, eximGid } = engine.machine;
  const logs = parseLogFilePath(engine.settings.text("log_file_path") ?? "", spool).file;
  const folders = ["", "input", "db", "log", "corrupt", "helpers"].map((name) => join(spool, name));
  if (logs !== undefined && !existsSync(dirname(logs))) folders.push(dirname(logs));
  for (const path of folders) {
    mkdirSync(path, { recursive: true, mode: 0o750 });
    chownSync(path, eximUid, eximGid);
  }
}

function dropRoot(engine: Engine): void {
  const { eximUid, eximGid, eximUser } = engine.machine;
  if (eximUid === 0) return;
  initgroups(eximUser, eximGid);
  process.setgid?.(eximGid);
  process.setuid?.(eximUid);
}

function initgroups(user: string, group: number): void {
  (process as unknown as { initgroups: (user: string, group: number) => void }).initgroups(user, group);
}

/** The worker is no root any more when the first local delivery comes: the supervisor starts its helpers. */
function askSupervisor(engine: Engine, index: number, lost: LostHelpers): HelperPool {
  return newHelperPool({
    directory: join(engine.settings.text("spool_directory") as string, "helpers", `worker-${index}`),
    start: (request) =>
      new Promise((_, reject) => {
        if (!process.connected) return reject(new Error(NO_SUPERVISOR));
        // The token is asked for once; nothing of it is kept after the helper's end.
        lost.set(request.token, (why) => (lost.delete(request.token), reject(why)));
        tell({ kind: "startHelper", request });
      }),
  });
}

const NO_SUPERVISOR = "the supervisor, which starts delivery helpers, is gone";

/** By token: what to do when no helper comes. */
type LostHelpers = Map<string, (why: Error) => void>;

function tell(message: WorkerMessage): void {
  // A supervisor that was killed just now does not hear it; `disconnect` says the rest.
  process.send?.(message, undefined, undefined, () => {});
}

function firstMessage(): Promise<Extract<SupervisorMessage, { kind: "start" }>> {
  return new Promise((resolve) => process.once("message", (message) => resolve(message as Extract<SupervisorMessage, { kind: "start" }>)));
}

/** `UID GID LOGIN SOCKET` stand at the end of the arguments, the plugins before them. */
export async function helperMain(): Promise<void> {
  const drivers = firstPartyDrivers();
  const wire = JSON.parse(process.argv.at(-5) ?? "null") as WirePlugins | null;
  if (wire !== null) await addPlugins(drivers, pluginsFromWire(wire));
  const locals = [...drivers.transports.values()].filter((driver) => driver.where === "local");
  await runHelper(locals as unknown as LocalDriver[], process.argv.slice(-4), mailboxCalls());
  process.exit(0);
}
