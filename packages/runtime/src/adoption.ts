/** Partitions whose process is gone: their messages go on in the hands of another. */
import { isHeld, listPartitions, openPartition } from "@mailkit/spool";
import type { Partition } from "@mailkit/spool";
import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Mailroom } from "./mailroom.ts";

/**
 * Partitions that nobody holds go on here: those of commands, and of workers that there are no longer. One that cannot be
 * read is told of once (`troubled`) and holds up no other.
 */
export async function adoptOrphans(room: Mailroom, options: { readonly workers?: number }, troubled = new Set<string>()): Promise<number> {
  const spool = room.engine.settings.text("spool_directory") as string;
  let adopted = 0;
  for (const { name, directory, held } of listPartitions(spool)) {
    if (
      held ||
      isOfWorker(name, options.workers ?? 1) ||
      directory === room.partition.directory ||
      given.has(directory) ||
      isHeld(directory)
    )
      continue;
    try {
      adopted += await adopt(room, directory, { deliver: true });
      troubled.delete(name);
    } catch (error) {
      if (!troubled.has(name)) room.logs.panic(`${directory} cannot be taken over: ${(error as Error).message}`);
      troubled.add(name);
    }
  }
  return adopted;
}

/** Its worker holds it, or will in a moment. */
function isOfWorker(name: string, workers: number): boolean {
  const index = /^worker-(\d{1,6})$/.exec(name)?.[1];
  return index !== undefined && Number(index) < workers;
}

/**
 * A command with another configuration works on waiting messages itself: those that nothing is being done to go to a
 * partition for it. Returns its folder.
 */
export async function handOver(room: Mailroom, ids: readonly string[] | undefined): Promise<string> {
  const { clock, random } = room.engine.services;
  const directory = join(dirname(room.partition.directory), `${OF_COMMAND}${clock.now().toString(36)}-${process.pid}-given`);
  mkdirSync(directory, { mode: 0o750 });
  const opened = await openPartition({ directory, clock, random, preallocate: 0, trouble: (trouble) => room.logs.panic(trouble.message) });
  if (opened.kind !== "open") throw new Error(opened.message);
  given.add(directory);
  setTimeout(() => given.delete(directory), GIVEN).unref();
  for (const item of room.partition.list()) {
    if (ids !== undefined && !ids.includes(item.id)) continue;
    await room.queue.holding(item.id, () => move(item, room.partition, opened.partition));
  }
  await opened.partition.close();
  return directory;
}

/** Partitions that commands make begin so. */
export const OF_COMMAND = "local-";

/** Handed over a moment ago; who asked for them may not have come yet. */
const given = new Set<string>();
const GIVEN = 10_000;

type Item = ReturnType<Partition["list"]>[number];

/** The message is in its new place, durable, before it leaves the old one. */
async function move(item: Item, from: Partition, to: Partition): Promise<boolean> {
  const message = await from.get(item.id);
  if (message === undefined) return false;
  const { envelope, headers } = message;
  // A process that died in between has copied it already.
  if (!to.has(item.id))
    await to.accept({ envelope, headers, body: await message.body.read(), progress: progressOf(item.state, from.log(item.id)) });
  await from.record(item.id, [], { last: true });
  return true;
}

/** All that a partition without a holder has; then it is gone. */
export async function adopt(room: Mailroom, directory: string, how: { readonly deliver: boolean }): Promise<number> {
  const { clock, random } = room.engine.services;
  const opened = await openPartition({ directory, clock, random, preallocate: 0, trouble: (trouble) => room.logs.panic(trouble.message) });
  if (opened.kind !== "open") return 0;
  const orphan = opened.partition;
  let adopted = 0;
  for (const item of orphan.list()) {
    if (!(await move(item, orphan, room.partition))) continue;
    adopted++;
    const { state, envelope } = item;
    if (how.deliver && state.first && state.frozen === undefined && envelope.queueOnly !== true) room.queue.arrived(item.id);
  }
  await orphan.close({ removeWhenEmpty: true });
  return adopted;
}

function progressOf(state: Item["state"], log: readonly string[]): NonNullable<Parameters<Mailroom["partition"]["accept"]>[0]["progress"]> {
  return [
    ...log.map((line) => ({ kind: "log" as const, line })),
    ...(state.done.size > 0 ? [{ kind: "done" as const, addresses: [...state.done] }] : []),
    ...(state.lastAttempt === undefined
      ? []
      : [{ kind: "attempted" as const, at: state.lastAttempt, waiting: [...state.waiting], warnings: state.warnings }]),
    ...(state.frozen === undefined ? [] : [{ kind: "freeze" as const, at: state.frozen.since, why: state.frozen.why }]),
  ];
}
