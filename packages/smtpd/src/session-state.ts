/** What a session keeps beside the machine's state: facts, message under way, controls, counters. One owner: the session. */
import {
  newMessageFacts,
  newSessionFacts,
  type HeaderLine,
  type MessageFacts,
  type RecipientDsn,
  type Scope,
  type SessionFacts,
  trimSpaceStart,
} from "@mailkit/sdk";
import type { PlacedHeader } from "@mailkit/message";
import { newServer, type ServerSettings, type ServerState, type Verb } from "@mailkit/smtp-core";
import type { AclRequest, Control, SmtpdDeps } from "./deps.ts";
import { localIdentity } from "./local-identity.ts";
import type { LogContext } from "./log-lines.ts";

export interface Controls {
  submission: Extract<Control, { name: "submission" }> | undefined;
  freeze: { readonly tell: boolean } | undefined;
  queueOnly: boolean;
  /** `queue/first_pass_route`: routed and delivered locally at once. */
  routeFirst: boolean;
  fake: { readonly kind: "fakereject" | "fakedefer"; readonly message: string | undefined } | undefined;
  suppressFixups: boolean;
  /** For `$local_part` in RCPT ACLs; kept in `session.extra`. */
  caseful: boolean;
}

export interface PendingRecipient {
  readonly address: string;
  /** Qualified, before it was rewritten. */
  readonly original: string;
  readonly dsn: RecipientDsn;
}

/** The transaction: begun by MAIL, gone with `reset`. */
export interface Transaction {
  readonly controls: Controls;
  readonly recipients: PendingRecipient[];
  /** The ACL that discarded the whole message: MAIL, DATA, MIME, non-SMTP; and its `log_message`. */
  discardedBy: string | undefined;
  discardedWhy: string | undefined;
  /** Some recipient was discarded by RCPT. */
  discarded: number;
  ret: "full" | "hdrs" | undefined;
  envid: string | undefined;
  prdr: boolean;
  /** Of BODY; 0 = not said. */
  bits: 0 | 7 | 8;
  originalSender: string;
  readonly added: PlacedHeader[];
  /** How many of them the header that ACLs see holds. */
  addedSeen: number;
  readonly removed: string[];
  headers: HeaderLine[] | undefined;
  chunking: boolean;
  /** Addresses of a local message that `-t` leaves out. */
  nonRecipients: readonly string[];
  /** The message that this one reports about: `R=` in the log. */
  reference: string | undefined;
  /** `-bnq`: addresses without a domain stay so. */
  unqualified: boolean;
  started: number;
}

/** What kind of session it is: it decides protocol names, fixups, log forms. */
export type SessionKind = "tcp" | "stdin" | "batch" | "hostCheck";

export interface Session {
  readonly deps: SmtpdDeps;
  readonly kind: SessionKind;
  readonly facts: SessionFacts;
  message: MessageFacts;
  transaction: Transaction;
  machine: ServerState;
  /** Scope of the session and the message under way; made when first asked for. */
  scope: Scope | undefined;
  /** What holds for every message: the caller wants it queued (`-odq`), speaks for this address. */
  readonly standing: { queueOnly: boolean; readonly authenticatedSender: string; readonly protocol: string | undefined };
  dialogue: unknown;
  accepted: number;
  mailCount: number;
  sizeLimit: number;
  /** The client has sent commands in one go; it has begun before the greeting. */
  pipelined: boolean;
  early: boolean;
  ended: boolean;
  /** The peer has closed its side, and nothing that it sent is left. */
  gone: () => boolean;
  /** The error that ended the connection. */
  brokenBy: string | undefined;
  /** The log has told of the loss in other words. */
  lossTold: boolean;
  /** Log lines of one session are written with this. */
  readonly log: LogContext;
  readonly trusted: boolean;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
}

export function newControls(): Controls {
  return {
    submission: undefined,
    freeze: undefined,
    queueOnly: false,
    routeFirst: false,
    fake: undefined,
    suppressFixups: false,
    caseful: false,
  };
}

export function newTransaction(started = 0): Transaction {
  return {
    controls: newControls(),
    recipients: [],
    discardedBy: undefined,
    discardedWhy: undefined,
    discarded: 0,
    ret: undefined,
    envid: undefined,
    prdr: false,
    bits: 0,
    originalSender: "",
    added: [],
    addedSeen: 0,
    removed: [],
    headers: undefined,
    chunking: false,
    nonRecipients: [],
    reference: undefined,
    unqualified: false,
    started,
  };
}

/** Forgets the message; `$acl_c...` and the session stay. */
export function resetMessage(session: Session): void {
  session.message = newMessageFacts({
    // Hosts say it with each MAIL.
    authenticatedSender: session.facts.peer === undefined ? session.standing.authenticatedSender : "",
    receivedProtocol: firstProtocol(session),
  });
  session.transaction = newTransaction();
  session.scope = undefined;
}

/** `$received_protocol` before MAIL. */
function firstProtocol({ kind, facts }: Pick<Session, "kind" | "facts">): string {
  return kind === "batch" ? "local-bsmtp" : facts.peer === undefined ? "local-smtp" : "smtp";
}

export function scopeOf(session: Session): Scope {
  return (session.scope ??= session.deps.scope(session.facts, session.message));
}

export function aclRequest(session: Session, where: AclRequest["where"], more: Partial<AclRequest> = {}): AclRequest {
  return { where, session: session.facts, message: session.message, ...more };
}

export interface SessionSeed {
  readonly kind: SessionKind;
  readonly facts: Partial<SessionFacts>;
  readonly trusted: boolean;
  /** `-f` of the caller, and `-oMas`. */
  readonly chosenSender?: string | undefined;
  readonly authenticatedSender?: string | undefined;
  /** `-oMr` for a batch. */
  readonly protocol?: string | undefined;
}

export function createSession(deps: SmtpdDeps, seed: SessionSeed): Session {
  const own = localIdentity(deps, seed);
  const facts = newSessionFacts({
    activeHostname: deps.settings.text("primary_hostname") ?? "",
    ...(own === undefined ? {} : { authenticatedId: own.id }),
    ...seed.facts,
  });
  const authenticatedSender = seed.authenticatedSender ?? own?.sender ?? "";
  return {
    deps,
    kind: seed.kind,
    facts,
    message: newMessageFacts({ authenticatedSender, receivedProtocol: firstProtocol({ kind: seed.kind, facts }) }),
    transaction: newTransaction(),
    // The real settings come when the session opens, before anything is read.
    machine: newServer(UNOPENED),
    scope: undefined,
    standing: { queueOnly: false, authenticatedSender, protocol: seed.protocol },
    dialogue: undefined,
    accepted: 0,
    mailCount: 0,
    sizeLimit: 0,
    pipelined: false,
    early: false,
    ended: false,
    gone: () => false,
    brokenBy: undefined,
    lossTold: false,
    log: { session: facts, selector: deps.logSelector },
    trusted: seed.trusted,
    startedAt: deps.clock.now(),
  };
}

/** Before a session is open: nothing is allowed, nothing is read. */
const UNOPENED: ServerSettings = {
  hostname: "",
  helo: { allowChars: "", acceptJunk: false, utf8Domains: false },
  address: { domainLiterals: false, stripTrailingDot: false, utf8Domains: false },
  requireHelo: true,
  enforceSync: false,
  recipientsMax: 0,
  recipientsMaxReject: false,
  messagesMax: 0,
  nonMailMax: undefined,
  unknownMax: 0,
  syntaxMax: 0,
  unqualifiedSender: false,
  unqualifiedRecipient: false,
  sizeLimit: 0,
  smtpRewriting: false,
  help: { starttls: false, etrn: false, expn: false, vrfy: false },
  earlyPipelining: false,
  enhancedCodes: false,
};

/** `$smtp_command`, `$smtp_command_argument`. */
export function remember(facts: SessionFacts, line: string): void {
  const space = line.search(/[ \t:]/);
  facts.command = line;
  const argument = space < 0 ? "" : trimSpaceStart(line.slice(space + 1));
  facts.commandArgument = /^(?:from|to):/i.test(argument) ? trimSpaceStart(argument.slice(argument.indexOf(":") + 1)) : argument;
}

/** TLS has begun: what was said before does not count (RFC 3207 §4.2). */
export function underTls(facts: SessionFacts, tls: SessionFacts["tls"]): void {
  facts.tls = tls;
  facts.helo = "";
  facts.heloKind = "none";
  facts.heloVerified = false;
  facts.authenticatedId = undefined;
  facts.authenticator = undefined;
}

/** `$smtp_command_history`: the verbs that were understood. */
export function hear(facts: SessionFacts, verb: Verb): void {
  if (facts.commandHistory.length >= MAX_HISTORY) facts.commandHistory.shift();
  facts.commandHistory.push(verb);
}

const MAX_HISTORY = 100;
