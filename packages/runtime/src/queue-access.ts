/**
 * The whole queue for commands: every partition, beside a running daemon or without one. Reading opens nothing; changing
 * asks the process that holds the partition over its control socket, or opens the partition for as long as it takes.
 */
import type { StoredMessage } from "@mailkit/sdk";
import { isHeld, itemsOf, listPartitions, readPartition, readQueue } from "@mailkit/spool";
import type { PartitionView, QueueItem } from "@mailkit/spool";
import { basename } from "node:path";
import { adopt, OF_COMMAND } from "./adoption.ts";
import { askControl } from "./control.ts";
import type { ControlRequest } from "./control-requests.ts";
import type { Engine } from "./engine.ts";
import type { Mailroom, MailroomOptions } from "./mailroom.ts";
import { notOpened, openMailroom } from "./mailroom.ts";
import { actOn } from "./queue-actions.ts";
import type { ActionResult, QueueAction } from "./queue-actions.ts";
import { openLogs } from "./logs.ts";
import { loggedRun, runQueue } from "./queue-runs.ts";
import type { QueueRunWish } from "./queue-runs.ts";

export interface QueueAccess {
  /** All messages, oldest first. */
  list(): Promise<readonly QueueItem[]>;
  count(): Promise<number>;
  get(id: string): Promise<StoredMessage | undefined>;
  /** Lines of the message's own log. */
  log(id: string): Promise<readonly string[]>;
  /** Does a process hold the part of the spool that the message is in? */
  isServed(id: string): Promise<boolean>;
  act(id: string, action: QueueAction, by: string): Promise<ActionResult>;
  /** Runs the queue in every partition; resolves when all are done. */
  run(wish: QueueRunWish): Promise<number>;
}

export function queueAccess(engine: Engine, options: Omit<MailroomOptions, "partition"> = {}): QueueAccess {
  const spool = engine.settings.text("spool_directory") as string;
  const viewOf = (id: string): PartitionView | undefined => {
    for (const { directory } of listPartitions(spool)) {
      const read = readPartition(directory);
      if (read.kind === "read" && read.view.has(id)) return read.view;
    }
    return undefined;
  };

  return {
    list: async () => [...itemsOf(readQueue(spool))],
    count: async () => readQueue(spool).reduce((sum, scan) => sum + scan.count, 0),
    get: async (id) => viewOf(id)?.get(id),
    log: async (id) => viewOf(id)?.log(id) ?? [],
    isServed: async (id) => {
      const directory = viewOf(id)?.directory;
      return directory !== undefined && isHeld(directory);
    },
    act: async (id, action, by) => {
      const directory = viewOf(id)?.directory;
      if (directory === undefined) return { kind: "gone", message: `message ${id} is not in the queue` };
      const asked = await inPartition(directory, { op: "act", id, action, by }, (room) => actOn(room, id, action, by));
      return asked as ActionResult;
    },
    run: async (wish) => {
      const logs = openLogs(engine);
      const tried = await loggedRun(logs, wish, async () => {
        let sum = 0;
        const done = new Set<string>();
        for (const { name, directory, held } of listPartitions(spool)) {
          if (done.has(directory)) continue;
          sum += (await inPartition(directory, { op: "run", wish }, async (room) => {
            if (!held && name.startsWith(OF_COMMAND)) await gather(room, done);
            return runQueue(room, wish);
          })) as number;
        }
        return sum;
      });
      await logs.close();
      return tried;
    },
  };

  /** What commands left behind is one queue: in order, and with two passes over all of it. */
  async function gather(room: Mailroom, done: Set<string>): Promise<void> {
    for (const { name, directory, held } of listPartitions(spool)) {
      if (held || directory === room.partition.directory || !name.startsWith(OF_COMMAND)) continue;
      done.add(directory);
      await adopt(room, directory, { deliver: false });
    }
  }

  /** A server with another configuration gives its messages away: they are worked on with that of the command. */
  async function askFor(directory: string, request: ControlRequest): Promise<string | undefined> {
    const ids = request.op === "act" ? [request.id] : undefined;
    return ((await askControl(directory, { op: "giveTo", identity: engine.identity, ids })) ?? undefined) as string | undefined;
  }

  async function inPartition(directory: string, request: ControlRequest, work: (room: Mailroom) => Promise<unknown>): Promise<unknown> {
    const free = isHeld(directory) ? await askFor(directory, request) : directory;
    if (free === undefined) return askControl(directory, request);
    const opened = await openMailroom(engine, { brief: true, ...options, partition: basename(free) });
    if (opened.kind === "held") return askControl(directory, request);
    if (opened.kind !== "open") throw notOpened(opened);
    try {
      return await work(opened.mailroom);
    } finally {
      await opened.mailroom.close();
    }
  }
}
