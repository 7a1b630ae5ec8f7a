/** The lives of messages, gathered: log lines of the files, where they are in the queue, why they wait. */
import { parseLog } from "@mailkit/logs";
import type { Engine, QueueAccess } from "@mailkit/runtime";
import type { QueueItem } from "@mailkit/spool";
import type { Life } from "./life.ts";
import { linesWith } from "./log-lines.ts";
import { logHistory } from "./log-places.ts";
import type { LogReading } from "./log-places.ts";
import { waitsOf } from "./waits.ts";

export interface GatherFrom {
  readonly engine: Engine;
  readonly access: QueueAccess;
  readonly reading: LogReading;
  readonly queue: readonly QueueItem[];
}

/** Lives of the ids that anything is known of, in the order asked for. `since`: no line of theirs is older. */
export async function gatherLives(
  from: GatherFrom,
  wanted: { readonly ids: readonly string[]; readonly since: number },
): Promise<readonly Life[]> {
  const { engine, access, reading, queue } = from;
  const files = reading.pattern === undefined ? [] : logHistory(reading.pattern, "main", wanted.since);
  const records = [...parseLog(await linesWith(files, wanted.ids), reading.parse)];
  const lives: Life[] = [];
  for (const id of wanted.ids) {
    const item = queue.find((one) => one.id === id);
    const inLog = records.filter((record) => record.id === id);
    /** The message's own log, where no file of the mainlog has it (syslog only, or rotated away). */
    const own =
      inLog.length > 0 || item === undefined
        ? inLog
        : [...parseLog(await access.log(id), reading.parse)].map((record) => ({ ...record, id }));
    if (own.length === 0 && item === undefined) continue;
    lives.push({
      id,
      records: own,
      caused: records.filter((record) => record.kind === "arrival" && record.id !== id && record.fields.get("R") === id),
      item,
      waits: item === undefined ? [] : await waitsOf(engine, item),
      running: item !== undefined && (await access.isServed(id)),
    });
  }
  return lives;
}
