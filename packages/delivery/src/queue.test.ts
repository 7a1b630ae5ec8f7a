import test from "ava";
import { makeQueue } from "./queue.ts";
import type { Queue, QueueDeps, QueuedMessage, QueueRun } from "./queue.ts";

function message(id: string, given: Partial<QueuedMessage> = {}): QueuedMessage {
  return {
    id,
    sender: "a@x",
    recipients: ["b@y"],
    done: new Set(),
    frozen: false,
    queueName: "",
    first: false,
    queueOnly: false,
    nextTry: undefined,
    ...given,
  };
}

function queueOf(given: Partial<QueueDeps> & Pick<QueueDeps, "deliver">): Queue {
  return makeQueue({
    list: () => [],
    random: { below: () => 0, octets: (count: number) => Buffer.alloc(count) } as never,
    inOrder: true,
    slots: 64,
    onError: (_, error) => {
      throw error;
    },
    now: () => 1000,
    ...given,
  });
}

async function tried(messages: readonly QueuedMessage[], run: Partial<QueueRun>): Promise<string[]> {
  const ids: string[] = [];
  const queue = queueOf({
    deliver: async (id) => {
      ids.push(id);
      return "waits";
    },
    list: () => messages,
    slots: 2,
  });
  await queue.run({ force: false, thaw: false, ...run });
  return ids;
}

const QUEUE = [
  message("due", { nextTry: 1000 }),
  message("later", { nextTry: 1001 }),
  message("unknown"),
  message("frozen", { frozen: true }),
  message("new", { first: true }),
  message("queue-only", { first: true, queueOnly: true }),
  message("queue-only-tried", { queueOnly: true, nextTry: 900 }),
  message("named", { queueName: "slow" }),
];

for (const [title, run, expected] of [
  ["the daemon's timer: what is due; queue_only waits for a queue run", { dueOnly: true }, ["due", "unknown", "new", "queue-only-tried"]],
  [
    "a queue run: everything, retry times are minded further down",
    {},
    ["due", "later", "unknown", "frozen", "new", "queue-only", "queue-only-tried"],
  ],
  ["-qi: what was never tried", { firstOnly: true }, ["new", "queue-only"]],
  ["a named queue", { queueName: "slow" }, ["named"]],
] as const) {
  test(title, async (t) => {
    t.deepEqual(await tried(QUEUE, run), [...expected]);
  });
}

test("what has arrived begins after the replies, eight a turn; a stop begins what fits and ends it", async (t) => {
  const begun: string[] = [];
  const turns: (() => void)[] = [];
  const queue = queueOf({
    deliver: async (id) => {
      begun.push(id);
      return "completed";
    },
    later: (work) => void turns.push(work),
  });
  const ids = Array.from({ length: 20 }, (_, n) => `m${n}`);
  for (const id of ids) queue.arrived(id);
  t.deepEqual(begun, []);
  t.is(queue.pending, 20);
  turns.shift()?.();
  t.deepEqual(begun, ids.slice(0, 8));
  turns.shift()?.();
  t.is(begun.length, 16);
  await queue.stop();
  t.deepEqual(begun, ids);
  t.is(queue.active, 0);
});
