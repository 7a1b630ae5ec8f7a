/**
 * `serve` with several workers, or as root: starts workers, starts them again when they die, passes signals on, and (as
 * root) starts delivery helpers for the uids that workers ask for. It reads no mail and opens no port of its own.
 */
import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import type { HelperStart } from "@mailkit/transports";

export interface SupervisorOptions {
  /** Program and arguments of a worker; the supervisor adds nothing. */
  readonly workerCommand: { readonly script: string; readonly args: readonly string[] };
  /** Starts a delivery helper; only called when this process is root. */
  readonly startHelper: (request: HelperStart) => void | Promise<void>;
  readonly workers: number;
  /** Given to each worker as its first message. */
  readonly settings: unknown;
  readonly log: (line: string) => void;
  /** Milliseconds that a worker may take to drain before it is killed. */
  readonly drainTime: number;
}

/** From a worker to the supervisor. */
export type WorkerMessage =
  | { readonly kind: "ready"; readonly addresses: readonly string[] }
  /** `code` and `path` of an error of the system. */
  | { readonly kind: "failed"; readonly message: string; readonly code?: string; readonly path?: string }
  | { readonly kind: "startHelper"; readonly request: HelperStart };

/** From the supervisor to a worker. */
export type SupervisorMessage =
  | { readonly kind: "start"; readonly index: number; readonly settings: unknown }
  | { readonly kind: "reload" }
  | { readonly kind: "drain" }
  /** The helper that was to bring this token is gone. */
  | { readonly kind: "helperEnded"; readonly token: string };

export interface Supervisor {
  /** Resolves with the addresses of the first worker when all are up; rejects when one cannot start. */
  readonly ready: Promise<readonly string[]>;
  reload(): void;
  /** Resolves when every worker has ended. */
  stop(): Promise<void>;
}

/** A worker that ended within this time counts as one that cannot run. */
const TOO_SOON = 2000;
const MAX_EARLY_DEATHS = 5;

export function startSupervisor(options: SupervisorOptions): Supervisor {
  const workers = new Map<number, ChildProcess>();
  let stopping = false;
  let earlyDeaths = 0;

  const start = (index: number): Promise<readonly string[]> => {
    const began = performance.now();
    const child = fork(options.workerCommand.script, [...options.workerCommand.args], {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
      env: { UV_THREADPOOL_SIZE: "16", ...process.env },
    });
    workers.set(index, child);
    say(child, { kind: "start", index, settings: options.settings });
    return new Promise((resolve, reject) => {
      child.on("message", (message: WorkerMessage) => {
        if (message.kind === "ready") resolve(message.addresses);
        else if (message.kind === "failed") reject(startError(message));
        else startHelper(child, message.request);
      });
      child.on("exit", (code, signal) => {
        workers.delete(index);
        reject(new Error(`worker ${index} ended at its start`));
        if (stopping) return;
        options.log(`worker ${index} (pid ${child.pid}) ended: ${signal ?? `exit code ${code}`}`);
        // Who was killed can run, and is started again however often that happens.
        earlyDeaths = signal === null && performance.now() - began < TOO_SOON ? earlyDeaths + 1 : 0;
        if (earlyDeaths >= MAX_EARLY_DEATHS)
          return options.log(`worker ${index} ended ${MAX_EARLY_DEATHS} times at its start; it is not started again`);
        setTimeout(() => stopping || start(index).catch(() => {}), earlyDeaths * 500);
      });
    });
  };

  const startHelper = (worker: ChildProcess, request: HelperStart): void => {
    Promise.resolve(options.startHelper(request)).catch(() => say(worker, { kind: "helperEnded", token: request.token }));
  };

  const tell = (message: SupervisorMessage): void => {
    for (const child of workers.values()) say(child, message);
  };

  return {
    ready: Promise.all(Array.from({ length: options.workers }, (_, index) => start(index))).then((all) => all[0] ?? []),
    reload: () => tell({ kind: "reload" }),
    stop: async () => {
      stopping = true;
      tell({ kind: "drain" });
      await Promise.all([...workers.values()].map((child) => ended(child, options.drainTime)));
    },
  };
}

/** A worker that was killed just now still counts as connected. It does not hear this, and its `exit` says the rest. */
function say(child: ChildProcess, message: SupervisorMessage): void {
  if (child.connected) child.send(message, () => {});
}

function startError({ message, code, path }: Extract<WorkerMessage, { kind: "failed" }>): Error {
  return Object.assign(new Error(message), { ...(code === undefined ? {} : { code }), ...(path === undefined ? {} : { path }) });
}

function ended(child: ChildProcess, limit: number): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(() => child.kill("SIGKILL"), limit);
    child.once("exit", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
