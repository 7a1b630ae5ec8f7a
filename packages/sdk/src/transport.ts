import type { Diagnostic, Position } from "./diagnostics.ts";
import type { ClientAuthService } from "./authenticator.ts";
import type { AutoReply, HostFinder, HostTarget } from "./router.ts";
import type { BodySource, RecipientDsn } from "./envelope.ts";
import type { Expansion, Template } from "./expansion.ts";
import type { Maybe } from "./maybe.ts";
import type { OptionTable, OptionValues } from "./options.ts";
import type { Scope } from "./scope.ts";
import type { Services } from "./services.ts";

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

export interface TransportRecipient {
  /** As it goes into RCPT: affixes off unless `rcpt_include_affixes`. */
  readonly address: string;
  readonly localPart: string;
  readonly domain: string;
  readonly prefix: string;
  readonly suffix: string;
  /** The top-level address of the envelope that it came from. */
  readonly original: string;
  readonly dsn?: RecipientDsn;
}

/** A pipe, file or reply that a redirection asked for, instead of the transport's own option. */
export type Generated =
  /** `expand`: the words of the command are expanded one by one (it came from an Exim filter, not from a .forward). */
  | { readonly kind: "pipe"; readonly command: string; readonly expand?: boolean }
  | { readonly kind: "file"; readonly path: string; readonly mode?: number }
  | { readonly kind: "directory"; readonly path: string }
  | { readonly kind: "reply"; readonly reply: AutoReply };

/** The message as this transport shall send it: header edits, return path and added lines done. LF line ends. */
export interface OutgoingMessage {
  readonly id: string;
  /** All header lines with their final "\n", without the empty line. */
  readonly headers: string;
  readonly body: BodySource;
  /** Return path of this copy: MAIL FROM, From_ line. "" is null. */
  readonly sender: string;
  readonly eightBit: boolean;
  readonly smtputf8: boolean;
  readonly dsn?: { readonly ret?: "full" | "hdrs"; readonly envid?: string };
  /** AUTH= for servers that we authenticate to: who is known to have sent it. */
  readonly authenticatedSender?: string;
  /** `body_only`, `headers_only`. */
  readonly parts: "all" | "body" | "headers";
  readonly received: number;
  /** No line of the body is longer, without its end; undefined = not known. */
  readonly longestBodyLine?: number;
}

export interface Identity {
  readonly uid: number;
  readonly gid: number;
  /** Login for initgroups; undefined = no supplementary groups. */
  readonly initgroups?: string;
}

/** One attempt: recipients that go together, one message, maybe hosts. */
export interface TransportJob {
  readonly message: OutgoingMessage;
  readonly recipients: readonly TransportRecipient[];
  readonly hosts: readonly HostTarget[];
  /** `fallback_hosts` of the router, as written: tried when all `hosts` failed for now. */
  readonly fallbackHosts?: readonly string[];
  readonly generated?: Generated;
  /** Under whom a local delivery runs; undefined = as the process itself. */
  readonly identity?: Identity;
  readonly home?: string;
  readonly cwd?: string;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** `-N`: all but the delivery itself. */
  readonly dontDeliver?: boolean;
  /** Name of the transport instance and of the router that chose it. */
  readonly transport: string;
  readonly router: string;
}

export interface TransportServices {
  /** Evaluates in the scope of the job: `$local_part`, `$domain` of the (first) recipient, `$home`, ... */
  readonly expand: (template: Template) => Maybe<Expansion>;
  /** The same with `$host`, `$host_address`, `$host_port` set. */
  readonly expandFor: (host: HostTarget, template: Template) => Maybe<Expansion>;
  readonly dns: Services["dns"];
  readonly files: Services["files"];
  readonly accounts: Services["accounts"];
  readonly processes: Services["processes"];
  readonly lists: Services["lists"];
  readonly lookups: Services["lookups"];
  readonly hints: Services["hints"];
  readonly clock: Services["clock"];
  readonly random: Services["random"];
  readonly hosts: HostFinder;
  readonly scope: Scope;
  readonly setting: (name: string) => string | undefined;
  readonly trace: Services["trace"];
  /** May this host be tried now (retry hints)? Asked before each connection. */
  readonly admit: (host: HostTarget, port: number) => Maybe<HostAdmission>;
  /** SASL client mechanisms of the configuration, in order. */
  readonly authenticators: ClientAuthService;
  /** Hands a new message (an autoreply) to the queue; resolves when it is durable, with its id. */
  readonly submit: (message: NewLocalMessage) => Promise<string>;
}

/** `expired`: it has failed for longer than its retry rule allows (manual §"Long-term failures"). */
export type HostAdmission =
  | {
      readonly ok: true;
      readonly expired?: boolean;
      /** When it fails with this error: is the message itself older than the rule for that allows? */
      readonly outlived?: (error: string) => Maybe<boolean>;
    }
  | { readonly ok: false; readonly reason: string; readonly expired?: boolean };

export type TransportNeed = keyof TransportServices;

export interface NewLocalMessage {
  /** Under whom it was written, for `Received: from`, the default From: and Sender:; undefined = the process itself. */
  readonly identity?: Identity;
  readonly sender: string;
  readonly recipients: readonly string[];
  /** Whole message, LF line ends, headers and body. */
  readonly text: string;
}

interface TransportBase<T extends OptionTable> {
  readonly kind: "transport";
  readonly name: string;
  readonly options: T;
  readonly needs: readonly TransportNeed[];
  readonly check?: (
    options: OptionValues<T>,
    instance: { readonly name: string; readonly at: Position; readonly isSet: (option: string) => boolean },
  ) => readonly Diagnostic[];
  /** How many recipients may go in one job, from its options; 1 when not given. */
  readonly batchMax?: (options: OptionValues<T>) => number;
}

/** Runs in the worker, talks to hosts. */
export interface RemoteTransport<T extends OptionTable = OptionTable> extends TransportBase<T> {
  readonly where: "remote";
  readonly deliver: (job: TransportJob, options: OptionValues<T>, host: TransportServices) => Promise<TransportReport>;
  /** Callouts: connects as a delivery of the job would, and lets `talk` ask. The job's message is empty, nothing of it is sent. */
  readonly callout?: (job: TransportJob, options: OptionValues<T>, host: TransportServices, talk: CalloutTalk) => Promise<void>;
  /** Ends the connections that are kept, all of them or those that the message used last: no other is known to follow. */
  readonly release?: (message?: string) => Promise<void>;
}

/** What the owner of a callout wants of the hosts, one after the other. Times in milliseconds. */
export interface CalloutTalk {
  /** For each reply, and for the connection. */
  readonly timeout: number;
  readonly connectTimeout: number;
  /** Asked before each host but the first: may it go on (`maxwait`)? */
  readonly goOn: () => boolean;
  /** AUTH= of MAIL when the transport has none of its own and the session is authenticated. */
  readonly authenticatedSender?: string;
  /** The session is free. "done": what was said stands; "next": another host is asked; "again": this one, on a new connection. */
  readonly ask: (session: CalloutSession) => Promise<"done" | "next" | "again">;
  /** A host that did not come so far. True: no other host is asked. */
  readonly failed: (host: HostTarget, fault: CalloutFault) => boolean;
  /** The hosts could not be worked out. */
  readonly noHosts: (message: string) => void;
}

export interface CalloutSession {
  readonly host: HostTarget;
  /** MAIL and RCPT; `same` = RCPT alone, for the sender of the question before. */
  probe(question: { readonly sender: string; readonly recipient: string; readonly same?: boolean }): Promise<CalloutAnswer>;
}

export type CalloutAnswer =
  | { readonly kind: "accepted" }
  /** A reply that is not 2xx, to MAIL or RCPT. `open`: the server has not hung up. */
  | { readonly kind: "refused"; readonly at: "MAIL" | "RCPT"; readonly fault: CalloutFault; readonly open: boolean }
  | { readonly kind: "lost"; readonly fault: CalloutFault };

export interface CalloutFault {
  /** In Exim's words: `Connection refused`, `SMTP timeout after RCPT TO:<x>`, ... */
  readonly message: string;
  /** The reply, and what it was to. */
  readonly refusal?: { readonly command: string; readonly code: number; readonly text: string };
}

/**
 * Writes to this machine under the recipient's uid. `prepare` runs in the worker and turns options into a plain order
 * (no functions, survives JSON); `perform` does the I/O, in a pooled helper process of that uid or in the worker itself,
 * and may touch nothing but the order, the message and the file system or programs.
 */
export interface LocalTransport<T extends OptionTable = OptionTable, Order = unknown> extends TransportBase<T> {
  readonly where: "local";
  readonly prepare: (
    job: TransportJob,
    options: OptionValues<T>,
    host: TransportServices,
  ) => Maybe<{ readonly kind: "order"; readonly order: Order } | { readonly kind: "report"; readonly report: TransportReport }>;
  readonly perform: (order: Order, job: LocalJob) => Promise<TransportReport>;
  /** The mailbox that it files into for the address of the scope, for POP3; undefined = it is none. */
  readonly mailbox?: (
    host: MailboxHost,
    options: OptionValues<T>,
  ) => Maybe<{ readonly kind: "maildir" | "mbox"; readonly path: string } | undefined>;
}

export interface MailboxHost {
  readonly expand: (template: Template) => Maybe<Expansion>;
  readonly home: string | undefined;
  readonly scope: Scope;
}

/** What `perform` gets: the job as plain data and the message. */
export interface LocalJob {
  readonly message: OutgoingMessage;
  readonly recipients: readonly TransportRecipient[];
  readonly home?: string;
  readonly cwd?: string;
  readonly now: number;
}

// oxlint-disable-next-line typescript/no-explicit-any -- the order is a matter between `prepare` and `perform` of one driver
export type TransportDriver<T extends OptionTable = OptionTable> = RemoteTransport<T> | LocalTransport<T, any>;

export function defineTransport<const T extends OptionTable>(driver: Omit<RemoteTransport<T>, "kind">): RemoteTransport<T>;
export function defineTransport<const T extends OptionTable, Order>(
  driver: Omit<LocalTransport<T, Order>, "kind">,
): LocalTransport<T, Order>;
export function defineTransport(driver: object): object {
  return { kind: "transport", ...driver };
}
