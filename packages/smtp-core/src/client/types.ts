/**
 * The words of the SMTP/LMTP client machine: what a transport tells it (events), what it asks for (asks) and the facts
 * it ends a transaction with. Plain data; no sockets, no clock. Manual §"Outgoing SMTP and LMTP over TCP/IP".
 */
import type { RecipientDsn } from "@mailkit/sdk";

/** A whole reply of the server. RFC 5321 §4.2. */
export interface ReceivedReply {
  /** 100 to 599. */
  readonly code: number;
  /** Text of each line, without code and separator. */
  readonly lines: readonly string[];
  /** As received, with codes, lines joined by "\n": what Exim logs and puts in bounces. */
  readonly text: string;
}

export interface ClientConfig {
  readonly protocol: "smtp" | "lmtp";
  /** Argument of HELO, EHLO, LHLO: the expanded `helo_data`. */
  readonly heloName: string;
  /** `hosts_avoid_esmtp`: begin with HELO. */
  readonly avoidEsmtp?: boolean;
  /** "try": when it is offered; "require": fail the host when it is not, or when it does not work. */
  readonly tls: "never" | "try" | "require";
  /** The socket already speaks TLS (port 465). */
  readonly tlsActive?: boolean;
  /** `tls_tempfail_tryclear` (default true): go on in clear after a 4xx to STARTTLS. */
  readonly tlsTempfailTryclear?: boolean;
  /** Ask for the `authenticate` step when AUTH is offered; "require" makes its lack a failure of the host. */
  readonly auth: "never" | "try" | "require";
  /** Use these only where the server offers them (`hosts_avoid_pipelining`, `hosts_try_chunking`, `hosts_try_prdr`). */
  readonly pipelining: boolean;
  readonly chunking: boolean;
  readonly prdr: boolean;
}

/** What EHLO or LHLO offered; keywords in upper case. */
export interface ClientExtensions {
  readonly keywords: ReadonlyMap<string, string>;
  /** Value of SIZE; 0 = none given. */
  readonly size: number;
  /** Mechanisms in the order of the server, upper case. */
  readonly auth: readonly string[];
  readonly pipelining: boolean;
  readonly chunking: boolean;
  readonly starttls: boolean;
  readonly eightBit: boolean;
  readonly smtputf8: boolean;
  readonly dsn: boolean;
  readonly prdr: boolean;
  /** LIMITS (RFC 9422); 0 = no limit said. */
  readonly mailMax: number;
  readonly rcptMax: number;
}

/** One envelope to send. The body is asked for later, in pieces, when the server is ready for it. */
export interface ClientTransaction {
  /** Without angle brackets; "" is the null sender. */
  readonly sender: string;
  readonly recipients: readonly ClientRecipient[];
  /** Octets, for SIZE=; undefined = do not say. */
  readonly size?: number;
  readonly eightBit?: boolean;
  readonly smtputf8?: boolean;
  /** AUTH= of MAIL (`authenticated_sender`), for sessions that are authenticated or when it is forced. */
  readonly authenticatedSender?: string;
  readonly dsn?: { readonly ret?: "full" | "hdrs"; readonly envid?: string };
  /**
   * Only asks for the replies to RCPT, no data follows (callouts). "same": further recipients for the sender of the probe
   * before, without RSET and MAIL. A recipient that was taken is then "undone" without a failure.
   */
  readonly probe?: "new" | "same";
}

export interface ClientRecipient {
  readonly address: string;
  readonly dsn?: RecipientDsn;
  /** Further parameters, as written; the caller has seen that the server offers them (`IGNOREQUOTA` of LMTP). */
  readonly parameters?: string;
}

export type ClientEvent =
  /** The connection is up; the machine waits for the greeting. */
  | { readonly kind: "connected" }
  | { readonly kind: "octets"; readonly octets: Buffer }
  | { readonly kind: "tlsStarted" }
  /** The handshake failed: the connection is of no more use. */
  | { readonly kind: "tlsFailed"; readonly message: string }
  /** Answer to the ask `authenticate`: begin a mechanism; `initial` (before base64) when there is an initial response. */
  | { readonly kind: "authBegin"; readonly mechanism: string; readonly initial?: Buffer }
  | { readonly kind: "authRespond"; readonly octets: Buffer }
  /** Sends `*`; the server's refusal comes back as the ask `authenticated`. */
  | { readonly kind: "authCancel" }
  /** No (further) mechanism: go on without. */
  | { readonly kind: "authSkip" }
  /** Answer to the ask `ready`. */
  | { readonly kind: "send"; readonly transaction: ClientTransaction }
  | { readonly kind: "quit" }
  /** Answer to the ask `body`: message text with LF line ends; `last` with the final piece (which may be empty). */
  /** `room`: a buffer that the octets to write may be made in. */
  | { readonly kind: "body"; readonly octets: Buffer; readonly last: boolean; readonly room?: Buffer | undefined }
  /** The connection ended or the timer of the state ran out. */
  | { readonly kind: "closed" }
  | { readonly kind: "timeout" }
  | { readonly kind: "failed"; readonly message: string };

export type ClientAsk =
  /** Write these octets now. */
  | { readonly kind: "write"; readonly octets: Buffer }
  /** Do the TLS handshake, then say `tlsStarted` or `tlsFailed`. Octets read before it must be dropped. */
  | { readonly kind: "startTls" }
  /** Choose a mechanism: `authBegin` or `authSkip`. */
  | { readonly kind: "authenticate"; readonly mechanisms: readonly string[] }
  | { readonly kind: "authChallenge"; readonly octets: Buffer }
  /** End of one AUTH dialogue. Not ok: try another with `authBegin` or go on with `authSkip`. */
  | { readonly kind: "authenticated"; readonly ok: boolean; readonly reply: ReceivedReply }
  /** Free for a transaction: `send` or `quit`. */
  | { readonly kind: "ready"; readonly extensions: ClientExtensions }
  /** Give the message by `body` events: all its pieces, or with `chunking` one piece (a BDAT chunk: few large ones). */
  | { readonly kind: "body"; readonly chunking: boolean }
  /** The transaction is over. `reusable`: after `ready` another may follow on this connection. */
  | { readonly kind: "settled"; readonly result: TransactionResult; readonly reusable: boolean }
  /** The session failed outside a transaction, or inside (then `settled` came first). Close the socket. */
  | { readonly kind: "lost"; readonly failure: ClientFailure }
  /** QUIT was answered, or nothing more is to come: close the socket. */
  | { readonly kind: "close" };

/** Why a session or a transaction failed as a whole. */
export type ClientFailure =
  | {
      readonly kind: "refused";
      /** As Exim names it: `initial connection`, `EHLO name`, `MAIL FROM:<x> SIZE=1`, `RCPT TO:<x>`, `DATA`, `end of data`... */
      readonly after: string;
      readonly pipelined: boolean;
      readonly reply: ReceivedReply;
    }
  | { readonly kind: "closed" | "timeout"; readonly after: string; readonly pipelined: boolean }
  | { readonly kind: "malformed"; readonly after: string; readonly pipelined: boolean; readonly text: string }
  | { readonly kind: "io"; readonly after: string; readonly pipelined: boolean; readonly message: string }
  | { readonly kind: "tlsRequired"; readonly message: string }
  | { readonly kind: "tlsFailed"; readonly message: string }
  | { readonly kind: "authRequired"; readonly message: string }
  /** The message needs an extension that this host lacks: the host may not have it, whatever else it says. */
  | { readonly kind: "unsupported"; readonly extension: "SMTPUTF8" | "SIZE"; readonly message: string };

export type RecipientResult =
  | { readonly kind: "delivered"; readonly reply: ReceivedReply }
  /** Refused by its own reply: to RCPT, or after the data (LMTP, PRDR). */
  | {
      readonly kind: "refused";
      readonly after: string;
      readonly pipelined: boolean;
      readonly reply: ReceivedReply;
    }
  /** The server took the RCPT, but the message as a whole failed: see `failure`. Or RCPT was never answered. */
  | { readonly kind: "undone" };

export interface TransactionResult {
  /** One for each recipient, in order. */
  readonly recipients: readonly RecipientResult[];
  /** Set when MAIL, DATA, the final dot or the connection failed; it concerns all recipients that are "undone". */
  readonly failure: ClientFailure | undefined;
  /** Last reply to the data, when it was positive. */
  readonly reply: ReceivedReply | undefined;
  readonly used: { readonly pipelining: boolean; readonly chunking: boolean; readonly dsn: boolean; readonly prdr: boolean };
}

/** Which timer guards a state; the transport maps them to its options. Manual §"Private options for smtp". */
export type ClientTimer = "command" | "data" | "final" | "none";
