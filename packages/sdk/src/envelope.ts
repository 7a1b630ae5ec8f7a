/** The life of a message outside its text: what the spool keeps. Plain data, JSON all through. */

/** One header line. `text` is whole, with its name, with folds as "\n " and a final "\n"; octets as received. */
export interface HeaderLine {
  readonly text: string;
  /**
   * Exim's type letter (manual §"Format of the spool files"): " " other, B bcc, C cc, F from, I message-id, P received,
   * R reply-to, S sender, T to, "*" old (kept for the record, neither sent nor seen).
   */
  readonly type: string;
}

/** A recipient as accepted. */
export interface Recipient {
  readonly address: string;
  /** From a `one_time` redirection: the address it came from. */
  readonly parent?: string;
  /** Where its bounces go, when an `errors_to` fixed it (`one_time`). */
  readonly errorsTo?: string;
  readonly dsn?: RecipientDsn;
}

/** RFC 3461 §4.1, §4.2. */
export interface RecipientDsn {
  readonly notify?: readonly ("never" | "success" | "failure" | "delay")[];
  readonly orcpt?: string;
}

export interface Envelope {
  readonly id: string;
  /** "" is the null sender. */
  readonly sender: string;
  readonly recipients: readonly Recipient[];
  /** Milliseconds since 1970. */
  readonly received: number;
  /** `$received_protocol`: smtp, esmtp, esmtps, esmtpa, esmtpsa, local, local-smtp, ... */
  readonly protocol: string;
  readonly origin: Origin;
  /** 8BITMIME body declared (`-body_8bitmime`). */
  readonly eightBit?: boolean;
  readonly smtputf8?: boolean;
  readonly dsn?: { readonly ret?: "full" | "hdrs"; readonly envid?: string };
  /** `$acl_c...`, `$acl_m...` as they were at acceptance, without "acl_": ["c0", {...}], ["m_x", {...}]. */
  readonly aclVariables: readonly (readonly [string, { readonly text: string; readonly tainted: boolean }])[];
  /** "" is the default queue. */
  readonly queueName: string;
  /** Accepted, but not to be delivered at once (`control = queue`, `-odq`). */
  readonly queueOnly?: boolean;
  /** `-N`: nothing is really delivered. */
  readonly dontDeliver?: boolean;
  readonly bodyLines: number;
  /** Octets of the body, lines ended by LF. */
  readonly bodySize: number;
  /** Of the whole message when it came: header, empty line, body. */
  readonly size?: number;
  readonly maxReceivedLine: number;
  /** Further `$...` values that later stages may ask for: spam_score, dkim_..., host_lookup_failed, ... */
  readonly extra?: Readonly<Record<string, string>>;
}

export interface Origin {
  /** The program's user: login, uid and gid of the caller, or of the daemon. */
  readonly login: string;
  readonly uid: number;
  readonly gid: number;
  /** The message came from a local process, not by TCP. */
  readonly local: boolean;
  readonly host?: { readonly address: string; readonly port: number; readonly name?: string };
  readonly interface?: { readonly address: string; readonly port: number };
  readonly helo?: string;
  readonly ident?: string;
  readonly authenticatedId?: string;
  readonly authenticatedSender?: string;
  readonly authenticator?: string;
  readonly tls?: {
    readonly cipher: string;
    readonly cipherStandard?: string;
    readonly version: string;
    readonly bits: number;
    readonly sni?: string;
    readonly peerDn?: string;
    readonly verified?: boolean;
  };
  readonly activeHostname?: string;
}

/** What has become of a message since it was accepted. Changes only by `Progress` records. */
export interface DeliveryState {
  /** Addresses that are done: delivered, failed and bounced, discarded (Exim's non-recipients tree). */
  readonly done: ReadonlySet<string>;
  readonly frozen: { readonly since: number; readonly why: string } | undefined;
  readonly manuallyThawed: boolean;
  /** No delivery attempt has been made yet (`first_delivery`). */
  readonly first: boolean;
  /** Delay warnings sent. */
  readonly warnings: number;
  readonly lastAttempt: number | undefined;
  /** Why each open address waits: text of the last deferral. */
  readonly waiting: ReadonlyMap<string, WaitReason>;
}

export interface WaitReason {
  readonly message: string;
  /** Milliseconds since 1970 of the last failure, and when the next try may be. */
  readonly failed: number;
  readonly nextTry?: number;
  readonly host?: string;
  readonly router?: string;
  readonly transport?: string;
}

/** One durable step in the life of a message. */
export type Progress =
  | { readonly kind: "done"; readonly addresses: readonly string[] }
  | {
      readonly kind: "attempted";
      readonly at: number;
      readonly waiting: readonly (readonly [string, WaitReason])[];
      readonly warnings?: number;
    }
  | { readonly kind: "freeze"; readonly at: number; readonly why: string }
  | { readonly kind: "thaw"; readonly manual: boolean }
  | { readonly kind: "recipients"; readonly recipients: readonly Recipient[] }
  | { readonly kind: "sender"; readonly sender: string }
  /** The header as a system filter left it. */
  | { readonly kind: "headers"; readonly headers: readonly HeaderLine[] }
  | { readonly kind: "queue"; readonly queueName: string }
  | { readonly kind: "log"; readonly line: string };

/** Where the body is: in memory for small or new messages, else in a file. Lines end with LF, nothing is stuffed. */
export interface BodySource {
  readonly size: number;
  /** The octets, when they are at hand. */
  readonly bytes?: Buffer;
  /** Reads from octet `start`, `length` octets at most. */
  read(start?: number, length?: number): Promise<Buffer>;
  chunks(): AsyncIterable<Buffer>;
}

export interface StoredMessage {
  readonly envelope: Envelope;
  readonly headers: readonly HeaderLine[];
  readonly body: BodySource;
  readonly state: DeliveryState;
}
