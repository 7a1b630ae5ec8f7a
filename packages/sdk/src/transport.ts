import type { Diagnostic, Position } from "./diagnostics.ts";
import type { ClientAuthService } from "./authenticator.ts";
import type { CalloutTalk } from "./callout.ts";
import type { HostFinder, HostTarget } from "./host-finder.ts";
import type { AutoReply } from "./router.ts";
import type { BodySource, RecipientDsn } from "./envelope.ts";
import type { Expansion, Template } from "./expansion.ts";
import type { Maybe } from "./maybe.ts";
import type { OptionTable, OptionValues } from "./options.ts";
import type { Scope } from "./scope.ts";
import type { Services } from "./services.ts";
import type { NewLocalMessage, TransportReport } from "./transport-report.ts";

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
