/**
 * Hop 6: which messages are worked on, and when. Slots bound how many at once; a message is in one pair of hands only;
 * queue runs pass over what is not due. Manual §"Starting a queue runner".
 */
import type { Random } from "@mailkit/sdk";
import type { DeliveryEnd } from "./deliver-message.ts";
import type { AttemptOptions } from "./types.ts";

export interface QueueDeps {
  readonly deliver: (id: string, options: AttemptOptions) => Promise<DeliveryEnd>;
  /** Waiting messages, oldest first. */
  readonly list: () => readonly QueuedMessage[];
  /** Of these, at least those that the timer would try at that time; looked for every few seconds, however long the queue. */
  readonly due?: (at: number) => readonly QueuedMessage[];
  readonly random: Random;
  /** `queue_run_in_order`. */
  readonly inOrder: boolean;
  /** Messages worked on at the same time after arrival. */
  readonly slots: number;
  /** An attempt threw: a bug or a broken disk. The message stays. */
  readonly onError: (id: string, error: Error) => void;
  readonly now: () => number;
  /** Runs the work after what waits already (replies to clients); default: at once. */
  readonly later?: (work: () => void) => void;
}

export interface QueuedMessage {
  readonly id: string;
  readonly sender: string;
  readonly recipients: readonly string[];
  readonly done: ReadonlySet<string>;
  readonly frozen: boolean;
  readonly queueName: string;
  /** No attempt was made yet. */
  readonly first: boolean;
  /** It waits for a queue run (`queue_only`, `control = queue_only`, `-odq`). */
  readonly queueOnly: boolean;
  /** Milliseconds since 1970: before it nothing is due; undefined = not known. */
  readonly nextTry: number | undefined;
}

export interface QueueRun {
  readonly force: boolean;
  readonly thaw: boolean;
  /** `-qi`: only messages that were never tried. */
  readonly firstOnly?: boolean;
  readonly localOnly?: boolean;
  /** `-qq`: first everything is routed, then delivered. */
  readonly twoPasses?: boolean;
  readonly queueName?: string;
  readonly matches?: (message: QueuedMessage) => boolean;
  /** The first message that is tried ignores its retry times. */
  readonly forceFirst?: boolean;
  /** Only what has become due: the daemon's own timer. */
  readonly dueOnly?: boolean;
}

export interface Queue {
  /** A message that has just been accepted; `routeOnly`: for its remote recipients the next queue run does. */
  arrived(id: string, how?: { readonly routeOnly: boolean }): void;
  /** `-M`: now, whatever the retry times say. Undefined = somebody else has it. */
  deliverNow(id: string, options: AttemptOptions): Promise<DeliveryEnd | undefined>;
  run(request: QueueRun): Promise<number>;
  /** Something else is done to the message; undefined = it is in other hands. */
  holding<T>(id: string, work: () => Promise<T>): Promise<T | undefined>;
  isBusy(id: string): boolean;
  readonly active: number;
  readonly pending: number;
  /** Resolves when nothing is worked on any more; nothing new is begun after `stop`. */
  idle(): Promise<void>;
  stop(): Promise<void>;
}

/** Deliveries that begin in one turn of the event loop. */
const AT_ONCE = 8;

const ARRIVAL: AttemptOptions = { cause: "arrival", force: false, thaw: false };

export function makeQueue(deps: QueueDeps): Queue {
  const busy = new Set<string>();
  const waiting: string[] = [];
  const routeOnly = new Set<string>();
  let head = 0;
  let running = 0;
  let stopped = false;
  let whenIdle: (() => void)[] = [];

  async function attempt(id: string, options: AttemptOptions): Promise<DeliveryEnd> {
    busy.add(id);
    try {
      return await deps.deliver(id, options);
    } catch (error) {
      deps.onError(id, error as Error);
      return "waits";
    } finally {
      busy.delete(id);
    }
  }

  const later = deps.later ?? ((work) => work());
  let awaited = false;

  /** What has arrived begins when its replies are out, a few at a time: a client must not wait for deliveries of others. */
  function fillSoon(): void {
    if (awaited || stopped || running >= deps.slots || head >= waiting.length) return;
    awaited = true;
    later(() => {
      awaited = false;
      fill(AT_ONCE);
      fillSoon();
    });
  }

  function fill(most: number): void {
    let begun = 0;
    while (!stopped && running < deps.slots && head < waiting.length && begun++ < most) {
      const id = waiting[head++] as string;
      if (head > 1024 && head * 2 > waiting.length) {
        waiting.splice(0, head);
        head = 0;
      }
      if (busy.has(id)) continue;
      running++;
      void attempt(id, routeOnly.delete(id) ? { ...ARRIVAL, routeOnly: "told" } : ARRIVAL).then(() => {
        running--;
        fillSoon();
        settle();
      });
    }
  }

  function settle(): void {
    if (busy.size > 0 || (!stopped && head < waiting.length)) return;
    const told = whenIdle;
    whenIdle = [];
    for (const tell of told) tell();
  }

  /** Messages that waited for a host, or that a first pass sorted by hosts, go down one connection if they can. */
  async function pass(messages: readonly QueuedMessage[], options: AttemptOptions, sorted = false): Promise<number> {
    let next = 0;
    let tried = 0;
    const worker = async (): Promise<void> => {
      while (!stopped && next < messages.length) {
        const { id, first } = messages[next++] as QueuedMessage;
        if (busy.has(id)) continue;
        tried++;
        await attempt(id, sorted || !first ? { ...options, moreFollow: true } : options);
        settle();
      }
    };
    await Promise.all(Array.from({ length: Math.min(deps.inOrder ? 1 : deps.slots, messages.length) }, worker));
    return tried;
  }

  return {
    arrived(id, how) {
      if (how?.routeOnly === true) routeOnly.add(id);
      waiting.push(id);
      fillSoon();
    },
    async deliverNow(id, options) {
      if (busy.has(id) || stopped) return undefined;
      const end = await attempt(id, options);
      settle();
      return end;
    },
    async run(request) {
      const chosen = choose(deps, request);
      const options: AttemptOptions = {
        cause: "queueRun",
        force: request.force,
        thaw: request.thaw,
        ...(request.localOnly === true ? { localOnly: true } : {}),
      };
      const first = request.forceFirst === true ? chosen.slice(0, 1) : [];
      const passAll = async (how: AttemptOptions): Promise<number> =>
        (await pass(first, { ...how, force: true }, request.twoPasses)) + (await pass(chosen.slice(first.length), how, request.twoPasses));
      if (request.twoPasses === true) await passAll({ ...options, routeOnly: "firstPass" });
      return passAll(options);
    },
    async holding(id, work) {
      if (busy.has(id) || stopped) return undefined;
      busy.add(id);
      try {
        return await work();
      } finally {
        busy.delete(id);
        settle();
      }
    },
    isBusy: (id) => busy.has(id),
    get active() {
      return busy.size;
    },
    get pending() {
      return waiting.length - head;
    },
    idle: () =>
      new Promise((resolve) => {
        whenIdle.push(resolve);
        settle();
      }),
    async stop() {
      fill(deps.slots);
      stopped = true;
      await new Promise<void>((resolve) => {
        whenIdle.push(resolve);
        settle();
      });
    },
  };
}

/** By chance, unless `queue_run_in_order`: so that one that always fails does not hold up the others. */
function choose(deps: QueueDeps, request: QueueRun): QueuedMessage[] {
  const now = deps.now();
  const messages = request.dueOnly === true && deps.due !== undefined ? deps.due(now) : deps.list();
  const chosen = messages.filter(
    (message) =>
      message.queueName === (request.queueName ?? "") &&
      (request.firstOnly !== true || message.first) &&
      (request.matches?.(message) ?? true) &&
      (request.dueOnly !== true ||
        (!message.frozen &&
          !(message.first && message.queueOnly) &&
          (deps.due !== undefined || message.nextTry === undefined || message.nextTry <= now))),
  );
  if (deps.inOrder) return chosen;
  for (let i = chosen.length - 1; i > 0; i--) {
    const j = deps.random.below(i + 1);
    [chosen[i], chosen[j]] = [chosen[j] as QueuedMessage, chosen[i] as QueuedMessage];
  }
  return chosen;
}
