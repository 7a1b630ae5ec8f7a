/** What `runAttempt` is given by delivery, and the ports that runtime wires. */
import type { TransportInstance } from "@mailkit/config";
import type {
  AddressFacts,
  ClientAuthService,
  Generated,
  HeaderLine,
  HostFinder,
  HostTarget,
  Identity,
  Maybe,
  NewLocalMessage,
  OptionValues,
  RecipientDsn,
  Scope,
  StoredMessage,
  Template,
  TransportServices,
} from "@mailkit/sdk";
import type { genericTransportOptions } from "./generic-options.ts";
import type { HelperPool } from "./helper-pool.ts";

export type GenericValues = OptionValues<typeof genericTransportOptions>;

export interface AttemptRecipient {
  /** Whole address, affixes on, case as received. */
  readonly address: string;
  readonly facts: AddressFacts;
  /** The address of the envelope that it came from (Envelope-to:). */
  readonly original: string;
  /** Other addresses of the envelope that came to the same. */
  readonly alsoFor?: readonly string[];
  readonly dsn?: RecipientDsn;
}

/** What the router that accepted the addresses left with them. */
export interface RouterFacts {
  readonly name: string;
  /** Expanded already: header lines, names to remove. */
  readonly headersAdd: readonly string[];
  readonly headersRemove: readonly string[];
  readonly identity?: Identity;
  readonly home?: string;
  readonly cwd?: string;
  /** `fallback_hosts`. */
  readonly fallbackHosts?: readonly string[];
}

export interface AttemptRequest {
  readonly instance: TransportInstance;
  /** They go together; at least one. */
  readonly recipients: readonly AttemptRecipient[];
  readonly hosts: readonly HostTarget[];
  readonly generated?: Generated;
  readonly message: StoredMessage;
  /** Sender, or the `errors_to` of the router. */
  readonly returnPath: string;
  readonly router: RouterFacts;
  /** Scope of the message and of the first recipient; the runner lays the transport's variables over it. */
  readonly scope: Scope;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly ports: TransportPorts;
}

export interface TransportPorts {
  readonly hosts: HostFinder;
  readonly setting: (name: string) => string | undefined;
  readonly admit: TransportServices["admit"];
  readonly authenticators: ClientAuthService;
  /** Takes a message that a transport wrote into the queue, with the message that it is about. */
  readonly submit: (message: NewLocalMessage, about: string) => Promise<string>;
  /** For `shadow_transport` and `file_format`. */
  readonly instance: (name: string) => TransportInstance | undefined;
  /** Applies `headers_rewrite` rules to header lines. */
  readonly rewriteHeaders: (rules: Template, headers: readonly HeaderLine[], scope: Scope) => Maybe<readonly HeaderLine[]>;
  /** Helpers for other uids; undefined when the process cannot change its uid: then all runs as the process itself. */
  readonly helpers?: HelperPool;
  /** Uid and gid that local deliveries fall back on (the mailkit user) when nothing says otherwise. */
  readonly defaultIdentity?: Identity;
  /** `never_users`, looked up. */
  readonly neverUsers: readonly number[];
  /** Counts runs by transport name, for `max_parallel`; one map for the process. */
  readonly running: Map<string, number>;
}
