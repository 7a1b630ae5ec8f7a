/** What a transport reports: facts of recipients and hosts, and what else came of it. `delivery/failure-policy` judges. */
import type { HostTarget } from "./host-finder.ts";
import type { Identity } from "./transport.ts";

/** What became of one recipient. A transport reports facts; `delivery/failure-policy` decides what they mean. */
export type RecipientFact =
  | {
      readonly kind: "delivered";
      readonly host?: HostUsed;
      /** Last reply of the host, for `C="..."` and DSN. */
      readonly confirmation?: string;
      /** Printed after the address in the log instead of it: the file, the command. */
      readonly detail?: string;
      /** Output of a pipe that goes back to the sender (`return_output`). */
      readonly output?: string;
      /** Octets that were written, for `delivery_size`. */
      readonly size?: number;
      /** The peer takes over DSN duty (it offered the extension). */
      readonly dsnPassedOn?: boolean;
      /** A shadow transport ran after this delivery (`ST=name`, with its error in parentheses). */
      readonly shadow?: { readonly transport: string; readonly error?: string };
    }
  | {
      readonly kind: "deferred";
      readonly message: string;
      /** What the error belongs to (manual §"Errors in outgoing SMTP"); decides the retry key. */
      readonly scope: "host" | "message" | "recipient" | "none";
      /** Class of the retry grammar: `refused_MX`, `timeout_connect_A`, `rcpt_450`, `lost_connection`, `quota_N` (N
       * seconds since the mailbox was last read), ... */
      readonly retryError?: string;
      /**
       * For `defer (N)` in the log: an error of the system, or Exim's own negative number (-44 RCPT 4xx, -45 MAIL, -46 DATA,
       * -22 quota). With an error of the system `message` does not repeat its text: the log puts `strerror(errno)` first
       * (`defer (13): Permission denied: creating ...`), and `message` is "" when that says it all (`Connection refused`).
       */
      readonly errno?: number;
      readonly host?: HostUsed;
      readonly smtp?: SmtpFailure;
      /** What the sender may read of it; replies of hosts may always be read, other texts only in the log. */
      readonly userMessage?: string;
      /** `freeze_exec_fail` and the like. */
      readonly freeze?: boolean;
      /** A fault of the configuration: the paniclog gets the delivery line, too. */
      readonly panic?: boolean;
      readonly output?: string;
    }
  | {
      readonly kind: "failed";
      readonly message: string;
      readonly host?: HostUsed;
      readonly smtp?: SmtpFailure;
      /** As for deferrals. */
      readonly userMessage?: string;
      readonly output?: string;
      readonly errno?: number;
    };

export interface SmtpFailure {
  /** The command that was refused, as sent: `RCPT TO:<x@y>`, `end of data`, ... */
  readonly command: string;
  /** The whole reply, lines joined by "\n". */
  readonly reply: string;
}

export interface HostUsed {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  /** Second and later messages on the same connection show `*`. */
  readonly continued?: boolean;
  readonly tls?: {
    readonly cipher: string;
    readonly version: string;
    readonly verified: boolean;
    readonly bits: number;
    readonly peerDn?: string;
  };
  readonly authenticator?: string;
  readonly pipelining?: boolean;
  readonly chunking?: boolean;
  readonly prdr?: boolean;
  readonly dsn?: boolean;
  readonly localInterface?: string;
}

/** What was seen of a host, beyond any recipient; feeds the retry hints. */
export interface HostFact {
  readonly host: HostTarget;
  readonly port: number;
  readonly result: "ok" | "deferred" | "skipped";
  readonly message?: string;
  readonly retryError?: string;
}

export interface TransportReport {
  /** One for each recipient of the job, in its order. */
  readonly facts: readonly RecipientFact[];
  readonly hosts?: readonly HostFact[];
  /** Lines for the mainlog and for the message's own log, apart from delivery lines. */
  readonly log?: readonly string[];
  /** Faults of the configuration, for both the mainlog and the paniclog. */
  readonly panic?: readonly string[];
  /** Messages that a local transport wrote (autoreply, quota warning). The runner hands them to the queue. */
  readonly submit?: readonly NewLocalMessage[];
  /** `file_format`: the mailbox belongs to this transport instance, which shall do the job instead. */
  readonly passTo?: string;
}

export interface NewLocalMessage {
  /** Under whom it was written, for `Received: from`, the default From: and Sender:; undefined = the process itself. */
  readonly identity?: Identity;
  readonly sender: string;
  readonly recipients: readonly string[];
  /** Whole message, LF line ends, headers and body. */
  readonly text: string;
}
