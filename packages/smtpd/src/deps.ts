/**
 * Everything smtpd needs from the rest, as small structural interfaces: the root wires the real packages to them, tests
 * pass fakes. Nothing here does anything.
 */
import type {
  BodySource,
  Envelope,
  HeaderLine,
  Maybe,
  MessageFacts,
  Scope,
  ServerAuthService,
  Services,
  SessionFacts,
  Tracer,
  VerifyResult,
} from "@mailkit/sdk";
import type { TLSSocketOptions } from "node:tls";
import type { MainSettings } from "@mailkit/config";
import type { PlacedHeader } from "@mailkit/message";
import type { Qualification } from "@mailkit/rewrite";

export interface SmtpdDeps {
  readonly settings: MainSettings;
  readonly acl: AclRunner;
  readonly spool: SpoolPort;
  readonly log: LogPort;
  /** Names of `log_selector` that are on. */
  readonly logSelector: ReadonlySet<string>;
  readonly rewrite: RewritePort;
  /** Undefined: no authenticator has server settings. */
  readonly auth: ServerAuthService | undefined;
  readonly hosts: HostPort;
  readonly addresses: AddressPort;
  /** TLS of the server; undefined: none can be had, STARTTLS is not offered. */
  readonly tls: TlsPort | undefined;
  readonly scope: ScopeMaker;
  readonly clock: Services["clock"];
  readonly random: Services["random"];
  readonly accounts: Services["accounts"];
  readonly trace: Tracer;
  /** Starts the delivery of a message that was just accepted; must not wait for it. */
  readonly deliver: (id: string, how?: { readonly routeOnly: boolean }) => void;
  /** `-bv`-like scans of MIME parts: runs `acl_smtp_mime` or `acl_not_smtp_mime` for each part. Undefined: not configured. */
  readonly mime: MimePort | undefined;
  /** Is what arrives now kept for a queue run (`queue_only`, `queue_only_file`)? */
  readonly held: () => boolean;
  /** `-N`: what is taken in is not really delivered. */
  readonly dontDeliver?: boolean;
  /** Load average of one minute. */
  readonly load: () => number;
  /** Minutes east of Greenwich at that moment (`timezone`). */
  readonly zone: (milliseconds: number) => number;
  readonly limits: SmtpdLimits;
}

export interface SmtpdLimits {
  /** Messages up to this many octets stay in memory; longer bodies stream to the spool. */
  readonly bodyInMemory: number;
  /** Longest command line. */
  readonly commandLine: number;
  /** ENHANCEDSTATUSCODES, an extra that Exim lacks. */
  readonly enhancedCodes: boolean;
}

export const DEFAULT_LIMITS: SmtpdLimits = { bodyInMemory: 256 * 1024, commandLine: 16_384, enhancedCodes: false };

/** Facts to a scope for expansions and lists. */
export type ScopeMaker = (session: SessionFacts, message: MessageFacts) => Scope;

export type AclWhere =
  | "connect"
  | "helo"
  | "starttls"
  | "auth"
  | "mail"
  | "mailauth"
  | "rcpt"
  | "predata"
  | "mime"
  | "prdr"
  | "data"
  | "quit"
  | "notquit"
  | "vrfy"
  | "expn"
  | "etrn"
  | "not_smtp_start"
  | "not_smtp";

export interface AclRequest {
  readonly where: AclWhere;
  readonly session: SessionFacts;
  readonly message: MessageFacts;
  /** For `rcpt`, `prdr` and `vrfy`: the address as rewritten and qualified. */
  readonly recipient?: string;
  /** For `data`, `mime`, `not_smtp`. */
  readonly body?: BodySource;
}

/** Runs the ACL of the option for that place. An unset option gives its meaning (manual table "unset means"). */
export interface AclRunner {
  /** Is the option set? Asked where the answer changes what is offered (VRFY, EXPN, ETRN), or to save work. */
  isSet(where: AclWhere): boolean;
  run(request: AclRequest): Maybe<AclVerdict>;
}

export interface AclVerdict {
  readonly kind: "accept" | "discard" | "deny" | "defer";
  /** The ACL is at fault: deferred for a client, refused for a message that does not come by SMTP. */
  readonly faulty?: true;
  /** `drop`. */
  readonly close?: boolean;
  /** `message`, for the client. */
  readonly message?: string;
  /** `log_message`; the message when absent. */
  readonly logMessage?: string;
  /** Sender verification failed in this ACL for the first time: lines for the client, and one for the log. */
  readonly senderVerify?: { readonly details: readonly string[]; readonly log: string };
  /** `log_reject_target`; both logs when absent. */
  readonly logTargets?: readonly ("main" | "reject" | "panic")[];
  readonly effects?: readonly AclEffect[];
}

export type AclEffect =
  | { readonly kind: "addHeaders"; readonly headers: readonly PlacedHeader[] }
  | { readonly kind: "removeHeaders"; readonly names: readonly string[] }
  | { readonly kind: "control"; readonly control: Control }
  | { readonly kind: "queue"; readonly name: string }
  | { readonly kind: "log"; readonly line: string; readonly targets: readonly ("main" | "reject" | "panic")[] }
  /** Waits that the ACL did not do itself. */
  | { readonly kind: "delay"; readonly milliseconds: number };

export type Control =
  | { readonly name: "submission"; readonly senderRetain: boolean; readonly domain?: string; readonly fullName?: string }
  | { readonly name: "freeze"; readonly tell: boolean }
  | { readonly name: "queue"; readonly firstPassRoute: boolean }
  | { readonly name: "fakereject" | "fakedefer"; readonly message?: string }
  | {
      readonly name:
        | "enforce_sync"
        | "no_enforce_sync"
        | "no_multiline_responses"
        | "no_pipelining"
        | "allow_auth_unadvertised"
        | "suppress_local_fixups"
        | "caseful_local_part"
        | "caselower_local_part"
        | "no_delay_flush"
        | "cutthrough_delivery";
    };

/** Kilobytes and inodes that are left. */
export interface Shortage {
  readonly directory: "spool" | "log";
  readonly space: number;
  readonly inodes: number;
}

export interface SpoolPort {
  newId(): string;
  /** What is missing for a message of that size (`check_spool_space` and its like); undefined = nothing. -1: size not known. */
  shortage(size: number): Maybe<Shortage | undefined>;
  /** A body that is too big for memory. */
  openBody(id: string): Maybe<BodySink>;
  /** Durable when it resolves. */
  accept(message: AcceptedMessage): Promise<void>;
}

export interface BodySink {
  write(octets: Buffer): Maybe<void>;
  finish(): Maybe<BodySource>;
  discard(): Maybe<void>;
}

export interface AcceptedMessage {
  readonly envelope: Envelope;
  readonly headers: readonly HeaderLine[];
  readonly body: BodySource;
  readonly frozen?: { readonly why: string; readonly tell: boolean };
  /** Addresses that are done from the start (`-t` with exclusions). */
  readonly nonRecipients?: readonly string[];
}

/** Lines without date; the message's id stands in them where one belongs. */
export interface LogPort {
  main(line: string): void;
  /** To the rejectlog, with the header of the message when there is one. The mainlog gets its own call. */
  reject(line: string, headers?: readonly HeaderLine[], envelope?: { sender: string; recipients: readonly string[] }): void;
  /** To the paniclog alone. */
  panic(line: string): void;
}

export interface RewritePort {
  /** Rules with the flag S exist. */
  readonly hasSmtpRules: boolean;
  /** A raw argument of MAIL or RCPT before it is parsed (flag S). */
  smtp(argument: string, scope: Scope): Maybe<string>;
  sender(address: string, scope: Scope): Maybe<string>;
  recipient(address: string, scope: Scope): Maybe<string>;
  headers(headers: readonly HeaderLine[], scope: Scope, qualify: Qualification): Maybe<readonly HeaderLine[]>;
}

/** What is found out about the peer beyond its address. */
export interface HostPort {
  /** Fills `hostNames`, `hostLookup`. */
  lookup(session: SessionFacts): Maybe<void>;
  /** `verify = helo`: fills `heloVerified`. */
  verifyHelo(session: SessionFacts): Maybe<boolean>;
  /** RFC 1413; "" = no answer. */
  ident(session: SessionFacts): Maybe<string>;
}

/** VRFY, EXPN and ETRN. */
export interface AddressPort {
  verify(address: string, session: SessionFacts, message: MessageFacts): Maybe<VerifyResult>;
  /** Lines of a list's members, or why there are none. */
  expand(argument: string, session: SessionFacts, message: MessageFacts): Maybe<ExpnResult>;
  /** Starts a queue run or `smtp_etrn_command`. */
  etrn(argument: string, session: SessionFacts, message: MessageFacts): Maybe<EtrnResult>;
}

export type ExpnResult =
  | { readonly kind: "ok"; readonly lines: readonly string[] }
  | { readonly kind: "fail" | "defer"; readonly message: string };
export type EtrnResult =
  | { readonly kind: "started" }
  /** What is being run for, as the client is told. */
  | { readonly kind: "running"; readonly key: string }
  | { readonly kind: "failed"; readonly message: string; readonly log?: string };

export interface MimePort {
  run(session: SessionFacts, message: MessageFacts, body: BodySource, local: boolean): Maybe<AclVerdict | undefined>;
}

export interface TlsPort {
  /** Options of node:tls for this peer (certificate by `tls_certificate`, SNI, `tls_verify_hosts`...). Throws: no TLS for it. */
  contextFor(session: SessionFacts): Maybe<TLSSocketOptions>;
}
