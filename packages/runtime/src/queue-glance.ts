/**
 * The queue for those who only look: whoever holds a partition is asked over its control socket, a partition that nobody
 * holds, or whose holder does not answer, is read from its segments. No engine is needed.
 */
import { partitionDirectories, scanPartition } from "@mailkit/spool";
import { askControl, askForParts } from "./control.ts";
import { listing, type ListedMessage, type ListingWish } from "./queue-text.ts";
import type { ActionResult, QueueAction } from "./queue-actions.ts";

export async function countMessages(spool: string): Promise<number> {
  let sum = 0;
  for (const directory of partitionDirectories(spool)) {
    const status = await answerOf(askControl(directory, { op: "status" }));
    sum += (status as { messages: number } | undefined)?.messages ?? scanPartition(directory)?.count ?? 0;
  }
  return sum;
}

/** Texts of messages, oldest first. */
export async function listMessages(spool: string, wish: ListingWish): Promise<readonly string[]> {
  const all: ListedMessage[][] = [];
  for (const directory of partitionDirectories(spool)) all.push(await listedIn(directory, wish));
  const [only = []] = all;
  const sorted = all.length <= 1 ? only : all.flat().sort(([a], [b]) => (a < b ? -1 : 1));
  return sorted.map(([, text]) => text);
}

async function listedIn(directory: string, wish: ListingWish): Promise<ListedMessage[]> {
  const listed: ListedMessage[] = [];
  const take = (piece: readonly ListedMessage[]): void => {
    for (const message of piece) listed.push(message);
  };
  const answered = await answerOf(askForParts(directory, { op: "listing", wish }, (part) => take(part as ListedMessage[])));
  if (answered !== undefined) return listed;
  listed.length = 0;
  for (const piece of listing(scanPartition(directory)?.items() ?? [], wish)) take(piece);
  return listed;
}

/** Undefined: not every partition has a holder that answers, so that this takes somebody who opens partitions. */
export async function actAmongHolders(
  spool: string,
): Promise<((id: string, action: QueueAction, by: string) => Promise<ActionResult>) | undefined> {
  const directories = partitionDirectories(spool);
  for (const directory of directories) if ((await answerOf(askControl(directory, { op: "status" }))) === undefined) return undefined;
  return async (id, action, by) => {
    for (const directory of directories) {
      const result = (await askControl(directory, { op: "act", id, action, by })) as ActionResult;
      if (result.kind !== "gone") return result;
    }
    return { kind: "gone", message: `message ${id} is not in the queue` };
  };
}

/** Undefined when nobody is there, or it is not for us to ask. */
function answerOf(asked: Promise<unknown>): Promise<unknown> {
  return asked.then(
    (value) => value ?? {},
    () => undefined,
  );
}
