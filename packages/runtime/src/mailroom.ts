/**
 * The engine with a part of the spool in its hands: takes messages in (`smtpd`), works on them (`delivery`), writes the
 * logs. One process may have several at different times, but each partition has one holder.
 */
import { deliverMessage, makeQueue } from "@mailkit/delivery";
import type { AttemptOptions, DeliveryDeps, DeliveryEnd, Queue, QueuedMessage } from "@mailkit/delivery";
import { messageIds } from "@mailkit/message";
import type { DomainList } from "@mailkit/sdk";
import { openPartition } from "@mailkit/spool";
import type { Partition, QueueItem } from "@mailkit/spool";
import type { HelperPool } from "@mailkit/transports";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { SmtpdDeps } from "@mailkit/smtpd";
import type { Engine } from "./engine.ts";
import { deliverySettings } from "./delivery-settings.ts";
import { makeAttempt } from "./attempts.ts";
import type { MailLogs } from "./logs.ts";
import { heldNow } from "./holding.ts";
import { openLogs } from "./logs.ts";
import { giveToServer } from "./owners.ts";
import { loggedRun, runQueue } from "./queue-runs.ts";
import type { QueueRunWish } from "./queue-runs.ts";
import { smtpdDeps } from "./smtpd-deps.ts";
import { makeSystemFilter } from "./system-filter.ts";
import { submitLocally } from "./submit.ts";
import { transportPorts } from "./transport-ports.ts";

export interface MailroomOptions {
  /** Folder name under `<spool>/input`. */
  readonly partition: string;
  readonly helpers?: HelperPool;
  /** Messages worked on at once after arrival. */
  readonly slots?: number;
  /** False: what is accepted waits for a queue run (`-odq`). */
  readonly deliverOnArrival?: boolean;
  /** A process that stores a message or two does not reserve room ahead. */
  readonly brief?: boolean;
  /** Deliveries begin when the replies of their turn are out: for who listens to clients. */
  readonly repliesFirst?: boolean;
  /** Told of each message that was accepted. */
  readonly onArrival?: (id: string) => void;
  /** `-N`: what is taken in is not really delivered. */
  readonly dontDeliver?: boolean;
  /** The command line said how to deliver: `queue_only` and its like do not count unless they say so. */
  readonly deliveryChosen?: boolean;
  /** Remote deliveries are routed and left (`-odqs`). */
  readonly routeOnly?: boolean;
}

export interface Mailroom {
  /** The one in force: `reload` puts another in its place. */
  engine: Engine;
  readonly partition: Partition;
  readonly queue: Queue;
  readonly logs: MailLogs;
  readonly smtpd: SmtpdDeps;
  readonly newId: () => string;
  deliver(id: string, options: AttemptOptions): Promise<DeliveryEnd | undefined>;
  /**
   * Goes on with another configuration: commands, ACLs, routing and deliveries from here on follow it, sessions and
   * messages that are under way included. Spool and logs stay where they are.
   */
  reload(engine: Engine): void;
  /** Waits for what is under way, then gives the partition back. */
  close(): Promise<void>;
}

export type MailroomOpened =
  | { readonly kind: "open"; readonly mailroom: Mailroom }
  | { readonly kind: "held" | "refused"; readonly message: string };

/** For those who cannot go on without it; `code` tells it from a fault of ours. */
export function notOpened({ kind, message }: Exclude<MailroomOpened, { kind: "open" }>): Error {
  return Object.assign(new Error(message), { code: kind === "held" ? "EHELD" : "EVERSION" });
}

const SLOTS = 64;

export async function openMailroom(engine: Engine, options: MailroomOptions): Promise<MailroomOpened> {
  const spool = engine.settings.text("spool_directory") as string;
  const directory = join(spool, "input", options.partition);
  mkdirSync(directory, { recursive: true, mode: 0o750 });
  const logs = openLogs(engine);
  engine.hints.tell(logs.panic);
  const opened = await openPartition({
    directory,
    corruptDirectory: join(spool, "corrupt"),
    clock: engine.services.clock,
    random: engine.services.random,
    trouble: (trouble) => logs.panic(trouble.message),
    ...(options.brief === true ? { preallocate: 0 } : {}),
  });
  if (opened.kind !== "open") {
    await logs.close();
    return opened;
  }
  try {
    // What could not be noted would be delivered again: it is asked first.
    if (options.brief === true) await opened.partition.warmUp();
  } catch (error) {
    await opened.partition.close();
    await logs.close();
    throw error;
  }
  giveToServer(engine, directory);
  return { kind: "open", mailroom: assemble(engine, options, { partition: opened.partition, logs }) };
}

interface Parts {
  readonly partition: Partition;
  readonly logs: MailLogs;
}

function assemble(engine: Engine, options: MailroomOptions, { partition, logs }: Parts): Mailroom {
  const newId = messageIds({ now: engine.services.clock.now, process: process.pid });
  const late: { room?: Mailroom } = {};
  const parts = { partition, logs, room: () => late.room as Mailroom };
  const deps = deliveryDeps(engine, options, parts);
  const arrived = (id: string, how?: { readonly routeOnly: boolean }): void => {
    options.onArrival?.(id);
    if (options.deliverOnArrival !== false) queue.arrived(id, how);
  };
  const asked = (wish: QueueRunWish): Promise<number> => loggedRun(logs, wish, () => runQueue(parts.room(), wish));
  const chosen = options.deliveryChosen === true;
  const held = (): boolean => heldNow(parts.room().engine, chosen) === "all";
  const reception = { held, partition, logs, newId, deliver: arrived, runQueue: asked, dontDeliver: options.dontDeliver === true };
  const smtpd = smtpdDeps({ engine, ...reception });
  const inOrder = engine.config.main.flag("queue_run_in_order");
  const queue = makeQueue({
    deliver: (id, attempt) => {
      const later = options.routeOnly === true || (attempt.cause === "arrival" && heldNow(parts.room().engine, chosen) === "remote");
      const end = deliverMessage(id, later ? { ...attempt, routeOnly: "told" } : attempt, deps);
      const last = attempt.moreFollow !== true && (options.brief === true || attempt.cause === "queueRun");
      return last ? end.finally(() => releaseHosts(parts.room().engine, id)) : end;
    },
    list: () => {
      const list = partition.list().map(queued);
      // What was taken over from other partitions stands where it arrived.
      return inOrder ? list.sort((a, b) => (a.id < b.id ? -1 : 1)) : list;
    },
    due: (at) => partition.due(at).map(queued),
    random: engine.services.random,
    inOrder,
    slots: options.slots ?? SLOTS,
    onError: (id, error) => logs.panic(`${id} delivery failed: ${error.stack ?? error.message}`),
    now: engine.services.clock.now,
    // Replies go out at the end of a turn: in the next one they are gone.
    ...(options.repliesFirst === true ? { later: (work) => void setImmediate(() => setImmediate(work)) } : {}),
  });
  const room: Mailroom = {
    engine,
    partition,
    queue,
    logs,
    newId,
    smtpd,
    deliver: (id, attempt) => queue.deliverNow(id, attempt),
    reload: (next) => {
      room.engine = next;
      next.hints.tell(logs.panic);
      Object.assign(smtpd, smtpdDeps({ engine: next, ...reception }));
      Object.assign(deps, deliveryDeps(next, options, parts));
      logs.reopen();
    },
    close: async () => {
      await queue.stop();
      await releaseHosts(room.engine);
      await partition.close({ removeWhenEmpty: options.brief === true });
      await logs.close();
      giveToServer(room.engine, partition.directory);
    },
  };
  late.room = room;
  return room;
}

/** Connections that transports keep are ended: their servers hear QUIT. */
async function releaseHosts({ config }: Engine, message?: string): Promise<void> {
  const drivers = new Set([...config.transports.values()].map(({ driver }) => driver));
  await Promise.all([...drivers].map((driver) => (driver.where === "remote" ? driver.release?.(message) : undefined)));
}

function deliveryDeps(
  engine: Engine,
  options: MailroomOptions,
  { partition, logs, room }: Parts & { readonly room: () => Mailroom },
): DeliveryDeps {
  const { config, services, scopes, transports } = engine;
  const primaryHostname = config.main.text("primary_hostname") ?? engine.machine.hostname;
  const settings = deliverySettings({ main: config.main, services, primaryHostname });
  const submit: DeliveryDeps["submit"] = (message, causedBy) => submitLocally(room(), message, causedBy);
  return {
    spool: {
      get: async (id) => partition.get(id),
      record: (id, progress) => partition.record(id, progress),
      complete: (id) => partition.record(id, [], { last: true }),
    },
    log: {
      main: (id, line) => logs.main(`${id} ${line}`),
      panic: (id, line) => logs.panic(`${id} ${line}`),
      message: (id, line) => {
        // One that is leaving takes no lines any more.
        if (partition.has(id)) partition.record(id, [{ kind: "log", line: `${logs.stamp()} ${line}` }], { sync: false }).catch(() => {});
      },
      format: {
        on: (selector) => logs.selector.has(selector),
        isLocal: (name) => transports.where(name) === "local",
        includesAffixes: (name) => config.transports.get(name)?.generic["rcpt_include_affixes"] === true,
      },
    },
    hints: engine.hints,
    random: services.random,
    now: services.clock.now,
    trace: services.trace,
    settings,
    retryRules: config.retry,
    scopeFor: (message, attempt, filterNumbers) =>
      scopes.forMessage(message, { queueRunning: attempt.cause === "queueRun", ...(filterNumbers === undefined ? {} : { filterNumbers }) }),
    ...(config.main.isSet("system_filter") ? { systemFilter: makeSystemFilter(engine, () => logs.flush()) } : {}),
    addressScope: (facts, base) => scopes.forAddress(facts, base),
    route: (requests, how) => engine.routers.routeForDelivery(requests, how),
    transportFacts: transports.facts,
    retryOptions: transports.retry,
    attempt: makeAttempt({
      transports: config.transports,
      ports: transportPorts(engine, options.helpers, submit),
      scopeForAddress: (address, base) => scopes.forAddress(address.facts, base),
      hints: engine.hints,
      retryRules: config.retry,
      retryDataExpire: settings.retryDataExpire,
    }),
    ...heldDomains(engine),
    submit,
  };
}

/** The lists of domains that wait for a queue run, as far as they are set. */
function heldDomains({ config: { main }, scopes }: Engine): Pick<DeliveryDeps, "waits"> {
  if (!["hold_domains", "queue_domains", "queue_smtp_domains"].some((option) => main.isSet(option))) return {};
  return {
    waits: async (option, facts, base) => {
      const list = main.isSet(option) ? (main.list(option) as DomainList | undefined) : undefined;
      return list !== undefined && (await list.match(facts.domain, scopes.forAddress(facts, base))).kind === "yes";
    },
  };
}

/** What queue runs look at. */
export function queued(item: QueueItem): QueuedMessage {
  const { envelope, state } = item;
  const times = [...state.waiting.values()].map((reason) => reason.nextTry);
  const known = times.filter((time): time is number => time !== undefined);
  return {
    id: item.id,
    sender: envelope.sender,
    recipients: envelope.recipients.map((recipient) => recipient.address),
    done: state.done,
    frozen: state.frozen !== undefined,
    queueName: envelope.queueName,
    first: state.first,
    queueOnly: envelope.queueOnly === true,
    nextTry: known.length > 0 && known.length === times.length ? Math.min(...known) : undefined,
  };
}
