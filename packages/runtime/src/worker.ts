/**
 * A worker: listeners, its own partition, its own deliveries, its control socket, its timers. `serve` runs one in its own
 * process or several under the supervisor; the exim daemon (`-bd`) is one, too.
 */
import { makeDropDirectory } from "@mailkit/spool";
import { isFatal } from "@mailkit/config";
import { listen } from "@mailkit/smtpd";
import type { ListenAddress, SmtpListener } from "@mailkit/smtpd";
import { startPop3 } from "@mailkit/pop3d";
import type { Pop3Listener, Pop3Server } from "@mailkit/pop3d";
import type { HelperPool } from "@mailkit/transports";
import { mkdirSync } from "node:fs";
import type { Server } from "node:net";
import { join } from "node:path";
import { adoptOrphans, handOver } from "./adoption.ts";
import { Parts, startControl } from "./control.ts";
import type { ControlRequest } from "./control-requests.ts";
import { connectionRoom, ownDescriptors } from "./descriptors.ts";
import { collectDropped } from "./dropped.ts";
import type { Engine } from "./engine.ts";
import { collectWhenIdle } from "./idle-memory.ts";
import { notOpened, openMailroom } from "./mailroom.ts";
import type { Mailroom } from "./mailroom.ts";
import { pop3Deps } from "./pop3.ts";
import { actOn } from "./queue-actions.ts";
import { loggedRun, runQueue } from "./queue-runs.ts";
import { listing } from "./queue-text.ts";
import type { QueueRunWish } from "./queue-runs.ts";
import { makeSecureContext } from "./tls.ts";

export interface WorkerOptions {
  readonly index: number;
  /** How many there are: partitions of workers beyond are taken over. Default 1. */
  readonly workers?: number;
  readonly smtp: readonly ListenAddress[];
  readonly pop3: readonly Pop3Listener[];
  /** Several workers share the ports. */
  readonly reusePort: boolean;
  /** Milliseconds between queue runs; undefined = only what becomes due is tried. */
  readonly queueInterval: number | undefined;
  /** What an interval's run is like (`-qff5m`). */
  readonly queueWish?: QueueRunWish;
  /** Retries start by themselves when their time has come. */
  readonly retryByTimer: boolean;
  readonly helpers?: HelperPool;
  /** Around the opening of ports: root is needed for it and for nothing before or after. */
  readonly beforeListen?: () => void;
  readonly afterListen?: () => void;
  /** Told when all is open, before anything is worked on. */
  readonly ready?: (room: Mailroom, smtp: readonly ListenAddress[]) => void;
}

export interface Worker {
  readonly room: Mailroom;
  readonly addresses: readonly string[];
  /** SIGHUP: another configuration takes over, unless it has faults; ports stay as they are. */
  reload(open: () => Promise<Engine>): Promise<void>;
  readonly smtp: readonly ListenAddress[];
  /** Stops listening, lets sessions and deliveries end. */
  stop(): Promise<void>;
}

/** How often what has become due is looked for. */
const TICK = 5_000;
const GRACE = 5_000;
/** How long an engine that was replaced stays usable. */
const RETIRE = 600_000;

export async function startWorker(engine: Engine, options: WorkerOptions): Promise<Worker> {
  const spool = engine.settings.text("spool_directory") as string;
  mkdirSync(join(spool, "input"), { recursive: true, mode: 0o750 });
  const opened = await openMailroom(engine, {
    partition: `worker-${options.index}`,
    repliesFirst: true,
    ...(options.helpers === undefined ? {} : { helpers: options.helpers }),
  });
  if (opened.kind !== "open") throw notOpened(opened);
  const room = opened.mailroom;
  const descriptors = ownDescriptors();
  const space = descriptors === undefined ? undefined : connectionRoom(descriptors, options.pop3.length > 0);
  options.beforeListen?.();
  const smtp = await listen(room.smtpd, { addresses: options.smtp, reusePort: options.reusePort, room: space?.smtp });
  const pop3 = options.pop3.length === 0 ? undefined : await openPop3(engine, room, { ...options, maxSessions: space?.pop3 ?? 1000 });
  options.afterListen?.();
  const control = await startControl(room.partition.directory, (request) => answer(room, options, request));
  options.ready?.(room, smtp.addresses);
  const timers = startTimers(engine, room, smtp, options);
  const unwatch = watchRejections(room);
  for (const item of room.partition.list())
    if (item.state.first && item.state.frozen === undefined && item.envelope.queueOnly !== true) room.queue.arrived(item.id);
  return {
    room,
    smtp: smtp.addresses,
    addresses: [
      ...smtp.addresses.map((a) => `SMTP ${a.host}:${a.port}`),
      ...(pop3?.addresses ?? []).map((a) => `POP3 ${a.host}:${a.port}`),
    ],
    reload: (open) => reload(room, open),
    stop: async () => {
      await stop({ room, smtp, pop3, control, timers });
      unwatch();
    },
  };
}

/**
 * A promise that somebody left behind, a stranger's driver maybe: sessions and deliveries have borders of their own for
 * what fails in them, so nothing depends on it, and mail is not stopped for it.
 */
function watchRejections({ logs }: Mailroom): () => void {
  const tell = (error: unknown): void =>
    logs.panic(`a failure that nobody took care of: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  process.on("unhandledRejection", tell);
  return () => void process.off("unhandledRejection", tell);
}

async function reload(room: Mailroom, open: () => Promise<Engine>): Promise<void> {
  const next = await open();
  const faults = next.diagnostics.filter((fault) => isFatal(fault, "exim"));
  if (faults.length > 0) {
    room.logs.panic(`configuration not reloaded, ${faults.length} faults: ${faults.map((fault) => fault.message).join("; ")}`);
    await next.close();
    return;
  }
  const before = room.engine;
  room.reload(next);
  room.logs.main(`configuration reloaded from ${next.config.file}`);
  // What began under the old one may still ask its resolver and its hints.
  setTimeout(() => void before.close(), RETIRE).unref();
}

async function openPop3(engine: Engine, room: Mailroom, options: WorkerOptions & { readonly maxSessions: number }): Promise<Pop3Server> {
  const tls = makeSecureContext(engine)?.();
  return startPop3(options.pop3, pop3Deps(engine, room.logs, options.helpers), {
    maxSessions: options.maxSessions,
    reusePort: options.reusePort,
    ...(tls === undefined ? {} : { tls }),
  });
}

async function answer(room: Mailroom, options: WorkerOptions, request: ControlRequest): Promise<unknown> {
  switch (request.op) {
    case "act":
      return actOn(room, request.id, request.action, request.by);
    case "run":
      return runQueue(room, request.wish);
    case "status":
      return { pid: process.pid, messages: room.partition.count, active: room.queue.active, pending: room.queue.pending };
    case "listing":
      return new Parts(listing(room.partition.list(), request.wish));
    case "giveTo": {
      const { identity, ids } = request;
      if (identity === room.engine.identity) return undefined;
      return handOver(room, ids);
    }
    case "adopt":
      return adoptOrphans(room, options);
  }
}

interface Timers {
  stop(): void;
}

/** Memory, runs of the queue, what becomes due, submissions in `drop/`, partitions whose process is gone. */
function startTimers(engine: Engine, room: Mailroom, smtp: SmtpListener, options: WorkerOptions): Timers {
  const drop = join(engine.settings.text("spool_directory") as string, "drop");
  if (options.index === 0) makeDropDirectory(drop);
  let busy = false;
  const troubled = new Set<string>();
  const tick = async (): Promise<void> => {
    if (busy) return;
    busy = true;
    try {
      if (options.retryByTimer) await room.queue.run({ force: false, thaw: false, dueOnly: true });
      if (options.index === 0) {
        await collectDropped(room, drop);
        await adoptOrphans(room, options, troubled);
      }
    } catch (error) {
      room.logs.panic(`timer: ${(error as Error).message}`);
    } finally {
      busy = false;
    }
  };
  const ticking = setInterval(() => void tick(), TICK);
  const wish = options.queueWish ?? { force: false, thaw: false };
  // What commands left behind is part of the queue.
  const sweep = async (): Promise<number> => {
    if (options.index === 0) await adoptOrphans(room, options, troubled).catch(() => 0);
    return runQueue(room, wish);
  };
  const memory = collectWhenIdle(() => smtp.connections.count);
  const running =
    options.queueInterval === undefined ? undefined : setInterval(() => void loggedRun(room.logs, wish, sweep), options.queueInterval);
  if (options.queueInterval !== undefined) void loggedRun(room.logs, wish, sweep);
  return {
    stop: () => {
      clearInterval(ticking);
      clearInterval(running);
      memory.stop();
    },
  };
}

interface Running {
  readonly room: Mailroom;
  readonly smtp: SmtpListener;
  readonly pop3: Pop3Server | undefined;
  readonly control: Server | undefined;
  readonly timers: Timers;
}

async function stop({ room, smtp, pop3, control, timers }: Running): Promise<void> {
  timers.stop();
  await Promise.all([smtp.close(GRACE), pop3?.close()]);
  await new Promise<void>((resolve) => (control === undefined ? resolve() : control.close(() => resolve())));
  await room.close();
}
