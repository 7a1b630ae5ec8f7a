/** What flows between the hops of one delivery: routed addresses, the plan, what came of it. */
import type {
  AddressFacts,
  Envelope,
  Generated,
  HeaderLine,
  HostTarget,
  Identity,
  RecipientDsn,
  RecipientFact,
  StoredMessage,
  SyntaxReport,
  TransportReport,
} from "@mailkit/sdk";
import type { RouteRedirected } from "@mailkit/routers";

/** One address in the tree that routing grew from a recipient of the envelope. */
export interface AddressNode {
  /** As bounces show it: `user@dom`, `|/command`, `/file`. */
  readonly display: string;
  /** As the routers saw it, for the log; absent = like `display`. */
  readonly seen?: string;
  /** What the spool's done set holds, and what duplicates are found by. */
  readonly key: string;
  /** The address it came from; undefined for one of the envelope. */
  readonly parent: AddressNode | undefined;
  /** Instance that handled it last; "" when none did. */
  readonly router: string;
  /** Where its bounces go; undefined = the sender of the message. */
  readonly errorsTo: string | undefined;
  readonly dsn?: RecipientDsn;
  /** Taken out of the log by `disable_logging`. */
  readonly quiet?: boolean;
  /** A pipe, file or reply that a redirection asked for. */
  readonly special?: Generated["kind"];
  /** Its delivery is logged by the local part (`log_as_local`). */
  readonly logAsLocal?: boolean;
  /** Nobody is told when it fails (`noerror` of a filter). */
  readonly noError?: boolean;
  /** A `one_time` redirection made it. */
  readonly oneTime?: boolean;
  /** What it came from in an earlier attempt (`one_time`). */
  readonly oneTimeParent?: string | undefined;
}

/** An address that a transport shall have. */
export interface RoutedAddress extends AddressNode {
  readonly transport: string;
  /** Other recipients of the envelope whose delivery this is too. */
  readonly alsoFor?: readonly string[];
  /** In order; empty for local transports. */
  readonly hosts: readonly HostTarget[];
  readonly fallbackHosts: readonly string[];
  readonly identity: Identity | undefined;
  readonly home: string | undefined;
  readonly cwd: string | undefined;
  readonly headersAdd: readonly string[];
  readonly headersRemove: readonly string[];
  readonly generated: Generated | undefined;
  readonly facts: AddressFacts;
  /** Address as it goes into RCPT, affixes on. */
  readonly address: string;
  /** Key of its routing hint without "R:": the domain, or the whole address (`retry_use_local_part`). */
  readonly retryKey: string;
  readonly dsnLastHop?: boolean;
}

export type RoutingEnd =
  | {
      readonly kind: "failed";
      readonly node: AddressNode;
      readonly message: string;
      readonly userMessage: string | undefined;
      readonly hidden?: boolean;
    }
  | {
      readonly kind: "deferred";
      readonly node: AddressNode;
      readonly message: string;
      readonly userMessage: string | undefined;
      readonly freeze: boolean;
      readonly hidden?: boolean;
      readonly errno: number | undefined;
      /** Without "R:"; undefined = a retry time that was not reached, nothing to learn. */
      readonly retryKey: string | undefined;
      /** The router never ran: "routing defer". */
      readonly early?: boolean;
      /** A fault of the configuration: the paniclog hears of it, too. */
      readonly panic?: boolean;
      /** When its retry time comes, where that is why. */
      readonly nextTry?: number | undefined;
      /** It had a transport already, which was left alone. */
      readonly transport?: string;
    }
  | { readonly kind: "discarded"; readonly node: AddressNode; readonly shown: string }
  /** Met before in this message, or delivered in an earlier attempt: its fate is that of the other one. */
  | { readonly kind: "same"; readonly node: AddressNode; readonly done: boolean };

export interface RoutedMessage {
  readonly deliveries: readonly RoutedAddress[];
  readonly ends: readonly RoutingEnd[];
  /** Hints of routing that succeeded again. */
  readonly routed: readonly string[];
  readonly reports: readonly SyntaxReport[];
}

/** Recipients that go together in one attempt of one transport. */
export interface Job {
  readonly transport: string;
  readonly remote: boolean;
  readonly addresses: readonly RoutedAddress[];
  readonly hosts: readonly HostTarget[];
}

export interface Plan {
  /** Run one after the other, before the remote ones. */
  readonly local: readonly Job[];
  /** Run side by side, up to `remote_max_parallel`. */
  readonly remote: readonly Job[];
  /** Not tried now: their retry time has not come. */
  readonly waiting: readonly RoutedAddress[];
}

export interface JobResult {
  readonly job: Job;
  readonly report: TransportReport;
}

/** How one address ended in this attempt. */
export type Verdict =
  | {
      readonly kind: "delivered";
      readonly address: RoutedAddress;
      readonly fact: Extract<RecipientFact, { kind: "delivered" }>;
      readonly first: boolean;
    }
  | {
      readonly kind: "failed";
      readonly address: AddressNode;
      readonly transport: string;
      readonly fact: Extract<RecipientFact, { kind: "failed" }>;
      readonly userMessage?: string;
      readonly timedOut?: boolean;
      readonly hidden?: boolean;
    }
  | {
      readonly kind: "deferred";
      readonly address: AddressNode;
      readonly transport: string;
      readonly fact: Extract<RecipientFact, { kind: "deferred" }>;
      readonly userMessage?: string;
      readonly nextTry: number | undefined;
      readonly early?: boolean;
      readonly hidden?: boolean;
      readonly panic?: boolean;
    }
  | { readonly kind: "discarded"; readonly address: AddressNode; readonly shown: string }
  | { readonly kind: "same"; readonly address: AddressNode; readonly done: boolean };

/** The name of the parent of what a system filter delivers. */
export const SYSTEM_FILTER = "system-filter";

/** What a system filter says (manual chapter "System-wide message filtering"). */
export interface SystemFiltered {
  readonly end:
    | { readonly kind: "done" }
    | { readonly kind: "fail"; readonly log: string; readonly user: string }
    | { readonly kind: "freeze" | "defer"; readonly text: string }
    | { readonly kind: "error"; readonly message: string };
  /** There is a significant delivery: the recipients of the message are left out. */
  readonly delivered: boolean;
  readonly recipients: RouteRedirected | undefined;
  /** The header after `headers add` and `remove`; undefined = as before. */
  readonly headers: readonly HeaderLine[] | undefined;
  /** `$n0` to `$n9`: `$sn0` to `$sn9` from here on. */
  readonly numbers: readonly number[];
}

/** How an attempt came about; decides what retry times hold back (manual §"Retry configuration", §"The -M options"). */
export interface AttemptOptions {
  /** First attempt after acceptance, a queue run, or by name (`-M`). */
  readonly cause: "arrival" | "queueRun" | "request";
  /** Retry times are ignored (`-M`, `-qf`). */
  readonly force: boolean;
  /** Frozen messages are thawed first (`-qff`, `-M`). */
  readonly thaw: boolean;
  /** `-Mg`: every open address fails with this text. */
  readonly giveUp?: string;
  /** The log has told already that the message is given up: no line for each address, and a bounce ends in silence. */
  readonly cancelled?: boolean;
  /** Routes, but leaves remote deliveries for later: the first pass of `-qq`, or told so (`-odqs`, `queue/first_pass_route`). */
  readonly routeOnly?: "firstPass" | "told";
  /** `-ql`: local deliveries only. */
  readonly localOnly?: boolean;
  /** Others for the same hosts are likely to come next: connections may be kept for them. */
  readonly moreFollow?: boolean;
}

export interface DeliveryContext {
  readonly message: StoredMessage;
  readonly envelope: Envelope;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly options: AttemptOptions;
}
