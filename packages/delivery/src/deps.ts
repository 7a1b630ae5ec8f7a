/** What deliveries need from the root: ports as small as the use of them. */
import type { RetryRule } from "@mailkit/config";
import type {
  AddressFacts,
  HintsStore,
  NewLocalMessage,
  Progress,
  Random,
  RetryHint,
  Scope,
  StoredMessage,
  Tracer,
  TransportReport,
} from "@mailkit/sdk";
import type { DeliveryRouting, Routed, RouteRequest } from "@mailkit/routers";
import type { LineFormat } from "./log-lines.ts";
import type { TransportFacts } from "./plan.ts";
import { isStale } from "./retry.ts";
import type { TransportRetryOptions } from "./failure-policy.ts";
import type { ReportSettings } from "./reports.ts";
import type { AttemptOptions, DeliveryContext, Job, SystemFiltered } from "./types.ts";

export interface DeliveryDeps {
  readonly spool: DeliverySpool;
  readonly log: DeliveryLog;
  readonly hints: HintsStore;
  readonly random: Random;
  readonly now: () => number;
  readonly trace: Tracer;
  readonly settings: DeliverySettings;
  readonly retryRules: readonly RetryRule[];
  /** `$variables` of a message at delivery. */
  readonly scopeFor: (message: StoredMessage, attempt: AttemptOptions, filterNumbers?: readonly number[]) => Scope;
  /** Runs `system_filter`; undefined = there is none. */
  readonly systemFilter?: (message: StoredMessage, attempt: AttemptOptions) => Promise<SystemFiltered | undefined>;
  /** The same with those of an address over them. */
  readonly addressScope: (facts: AddressFacts, base: Scope) => Scope;
  /** Is the domain in the list? Undefined = none of them is set. */
  readonly waits?: (option: "hold_domains" | "queue_domains" | "queue_smtp_domains", facts: AddressFacts, base: Scope) => Promise<boolean>;
  readonly route: (requests: readonly RouteRequest[], options: DeliveryRouting) => Promise<readonly Routed[]>;
  readonly transportFacts: (name: string) => TransportFacts;
  readonly retryOptions: (transport: string) => TransportRetryOptions;
  /** Runs one job; never rejects for what the network or a disk does. */
  readonly attempt: (job: Job, context: DeliveryContext, scope: Scope) => Promise<TransportReport>;
  /** Takes a bounce or warning into the spool, with the message that caused it; resolves when it is durable. */
  readonly submit: (message: NewLocalMessage, causedBy: string) => Promise<string>;
}

export interface DeliverySpool {
  get(id: string): Promise<StoredMessage | undefined>;
  /** Durable when it resolves. */
  record(id: string, progress: readonly Progress[]): Promise<void>;
  /** The message leaves the spool; durable when it resolves. */
  complete(id: string): Promise<void>;
}

export interface DeliveryLog {
  main(id: string, line: string): void;
  panic(id: string, line: string): void;
  /** The message's own log (`-Mvl`). */
  message(id: string, line: string): void;
  readonly format: LineFormat;
}

/** Times in milliseconds. */
export interface DeliverySettings {
  readonly remoteMaxParallel: number;
  readonly retryIntervalMax: number;
  readonly retryDataExpire: number;
  readonly receivedHeadersMax: number;
  readonly ignoreBounceErrorsAfter: number;
  readonly timeoutFrozenAfter: number;
  readonly autoThaw: number;
  readonly delayWarning: readonly number[];
  readonly delayWarningCondition: (scope: Scope) => Promise<boolean>;
  readonly freezeTell: string | undefined;
  readonly reports: ReportSettings;
}

/** A hint that still counts. */
export function liveHint(deps: Pick<DeliveryDeps, "hints" | "settings" | "now">, key: string): RetryHint | undefined {
  const record = deps.hints.get<RetryHint>("retry", key);
  return record === undefined || isStale(record, deps.now(), deps.settings.retryDataExpire) ? undefined : record.value;
}
