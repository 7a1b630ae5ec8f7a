/**
 * The whole queue for commands: every partition, beside a running daemon or without one. Reading opens nothing; changing
 * asks the process that holds the partition over its control socket, or opens the partition for as long as it takes.
 */
import type { QueueRun } from "@mailkit/delivery";
import type { StoredMessage } from "@mailkit/sdk";
import { isHeld, listPartitions, readPartition } from "@mailkit/spool";
import type { PartitionReader, QueueItem } from "@mailkit/spool";
import { join } from "node:path";
import { askControl } from "./control.ts";
import type { Engine } from "./engine.ts";
import type { MailroomOptions } from "./mailroom.ts";
import { openMailroom } from "./mailroom.ts";
import { actOn } from "./queue-actions.ts";
import type { ActionResult, QueueAction } from "./queue-actions.ts";
import { runQueue } from "./queue-runs.ts";
import type { QueueRunWish } from "./queue-runs.ts";

export interface QueueAccess {
  /** All messages, oldest first. */
  list(): Promise<readonly QueueItem[]>;
  count(): Promise<number>;
  get(id: string): Promise<StoredMessage | undefined>;
  /** Lines of the message's own log. */
  log(id: string): Promise<readonly string[]>;
  act(id: string, action: QueueAction, by: string): Promise<ActionResult>;
  /** Runs the queue in every partition; resolves when all are done. */
  run(wish: QueueRunWish): Promise<number>;
}

export function queueAccess(engine: Engine, options: Omit<MailroomOptions, "partition"> = {}): QueueAccess {
  const spool = engine.settings.text("spool_directory") as string;
  const directoryOf = (name: string): string => join(spool, "input", name);
  const readers = (): PartitionReader[] => listPartitions(spool).map((name) => readPartition(directoryOf(name)));

  return {
    list: async () =>
      readers()
        .flatMap((reader) => reader.list())
        .sort((a, b) => (a.id < b.id ? -1 : 1)),
    count: async () => readers().reduce((sum, reader) => sum + reader.count, 0),
    get: async (id) =>
      readers()
        .find((reader) => reader.has(id))
        ?.get(id),
    log: async (id) =>
      readers()
        .find((reader) => reader.has(id))
        ?.log(id) ?? [],
    act: async (id, action, by) => {
      const name = listPartitions(spool).find((partition) => readPartition(directoryOf(partition)).has(id));
      if (name === undefined) return { kind: "gone", message: `message ${id} is not in the queue` };
      const asked = await inPartition(engine, { ...options, partition: name }, { op: "act", id, action, by }, (room) =>
        actOn(room, id, action, by),
      );
      return asked as ActionResult;
    },
    run: async (wish) => {
      let tried = 0;
      for (const name of listPartitions(spool)) {
        tried += (await inPartition(engine, { ...options, partition: name }, { op: "run", wish }, (room) =>
          runQueue(room, wish),
        )) as number;
      }
      return tried;
    },
  };

  type Room = Parameters<typeof actOn>[0];

  async function inPartition(
    own: Engine,
    how: MailroomOptions,
    request: { op: string; [field: string]: unknown },
    work: (room: Room) => Promise<unknown>,
  ): Promise<unknown> {
    const directory = directoryOf(how.partition);
    if (isHeld(directory)) return askControl(directory, request);
    const opened = await openMailroom(own, { brief: true, ...how });
    if (opened.kind === "held") return askControl(directory, request);
    if (opened.kind === "refused") throw new Error(opened.message);
    try {
      return await work(opened.mailroom);
    } finally {
      await opened.mailroom.close();
    }
  }
}

export type { QueueRun };
