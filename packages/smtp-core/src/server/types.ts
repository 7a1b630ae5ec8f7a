/**
 * The words of the server machine: settings of a session, events, effects. Plain data. An effect that is an *ask* has
 * its answer come back as an event; there is at most one open ask, and it is the last effect of a move.
 */
import type { RecipientDsn, Reply } from "@mailkit/sdk";
import type { AddressRules } from "../grammar/address.ts";
import type { HeloRules } from "../grammar/helo.ts";
import type { MailParameters } from "../grammar/parameters.ts";

/** What is fixed when a session starts; Exim's main options by meaning. */
export interface ServerSettings {
  /** `smtp_active_hostname` */
  readonly hostname: string;
  readonly helo: HeloRules;
  readonly address: AddressRules;
  /** The host is in `hosts_require_helo`. */
  readonly requireHelo: boolean;
  /** `smtp_enforce_sync`; false for sessions on stdin. */
  readonly enforceSync: boolean;
  /** `recipients_max`; 0 = no limit. */
  readonly recipientsMax: number;
  /** `recipients_max_reject` */
  readonly recipientsMaxReject: boolean;
  /** `smtp_accept_max_per_connection`; 0 = no limit. */
  readonly messagesMax: number;
  /** `smtp_accept_max_nonmail`; undefined = the host is not in `smtp_accept_max_nonmail_hosts`. */
  readonly nonMailMax: number | undefined;
  readonly unknownMax: number;
  readonly syntaxMax: number;
  /** The host is in `sender_unqualified_hosts`, `recipient_unqualified_hosts`. */
  readonly unqualifiedSender: boolean;
  readonly unqualifiedRecipient: boolean;
  /** Limit for SIZE= (`message_size_limit`); 0 = none. */
  readonly sizeLimit: number;
  /** Rewrite rules with the flag S exist: the ask `rewrite` comes before an address is parsed. */
  readonly smtpRewriting: boolean;
  /** Extra commands in the answer to HELP. */
  readonly help: { readonly starttls: boolean; readonly etrn: boolean; readonly expn: boolean; readonly vrfy: boolean };
  /** PIPECONNECT: the first group, from EHLO on, may come before the greeting (manual §"pipelining_connect_advertise_hosts"). */
  readonly earlyPipelining: boolean;
  /** Every command but QUIT is refused with that (a proxy that did not introduce the client). */
  readonly refuseAll?: string | undefined;
  /** A mailkit extra, off in Exim's likeness: enhanced codes on every reply. RFC 2034. */
  readonly enhancedCodes: boolean;
}

/** What the answer to EHLO says to this host now. */
export interface Extensions {
  /** Value of SIZE; 0 = without a limit; undefined = not said. */
  readonly size: number | undefined;
  readonly limits?: { readonly mailMax?: number; readonly rcptMax?: number };
  readonly eightBit: boolean;
  readonly dsn: boolean;
  readonly etrn: boolean;
  readonly vrfy: boolean;
  readonly expn: boolean;
  readonly pipelining: boolean;
  readonly pipeConnect: boolean;
  readonly auth: readonly string[];
  readonly chunking: boolean;
  readonly starttls: boolean;
  readonly prdr: boolean;
  readonly smtputf8: boolean;
}

/** What an ACL, or another check of the session, decided. */
export interface Verdict {
  readonly kind: "accept" | "discard" | "deny" | "defer";
  /** `drop`, and failures after which the session cannot go on. */
  readonly close?: boolean;
  /** For the client, lines parted by "\n"; may begin with a code, and an enhanced one. */
  readonly message?: string;
  /** Code instead of 550 or 451 (452 for lack of space, ...). */
  readonly code?: number;
  /** Lines that go before the message, with the same code (sender verification). */
  readonly details?: readonly string[];
}

export type ServerEvent =
  | { readonly kind: "open" }
  | { readonly kind: "banner"; readonly text: string }
  /** `more`: further octets have come behind the line. `nul`: it holds a NUL octet. */
  | { readonly kind: "line"; readonly text: string; readonly more: boolean; readonly nul: boolean }
  | { readonly kind: "tooLong" }
  /** Input came before the reply to that command, which is not given then. */
  | { readonly kind: "tooSoon"; readonly command: string }
  /** Input came before the banner was sent. */
  | { readonly kind: "early" }
  | { readonly kind: "verdict"; readonly verdict: Verdict }
  | { readonly kind: "rewritten"; readonly argument: string }
  | { readonly kind: "advertise"; readonly greeting: string; readonly extensions: Extensions }
  /** The message was taken or refused; several replies with PRDR. `close`: the session ends, and why. */
  | { readonly kind: "received"; readonly replies: readonly Reply[]; readonly close?: CloseReason | undefined }
  | { readonly kind: "chunkRead" }
  /** `fault`: the command, when it counts as a syntax error. */
  | { readonly kind: "answer"; readonly reply: Reply; readonly close?: boolean; readonly fault?: string }
  | { readonly kind: "auth"; readonly progress: AuthAnswer }
  | { readonly kind: "tlsStarted" }
  | { readonly kind: "tlsFailed" }
  | { readonly kind: "eof" }
  | { readonly kind: "timeout" }
  /** The server stops, or something broke. */
  | { readonly kind: "stop"; readonly text: string }
  /** Controls of ACLs that change the dialogue. */
  | { readonly kind: "set"; readonly change: Partial<Switches> };

export type AuthAnswer =
  | { readonly kind: "challenge"; readonly octets: Buffer }
  | { readonly kind: "success" }
  | { readonly kind: "unknown" }
  | { readonly kind: "fail" | "defer" | "malformed"; readonly message?: string }
  | { readonly kind: "refused"; readonly verdict: Verdict };

/** `control = no_multiline_responses, no_pipelining, no_enforce_sync, allow_auth_unadvertised`, and what TLS adds. */
export interface Switches {
  readonly noMultiline: boolean;
  readonly noPipelining: boolean;
  readonly enforceSync: boolean;
  readonly authUnadvertised: boolean;
}

export type ServerEffect =
  | { readonly kind: "connect" }
  | { readonly kind: "greet" }
  | { readonly kind: "helo"; readonly verb: "HELO" | "EHLO"; readonly name: string }
  | { readonly kind: "advertise"; readonly esmtp: boolean }
  | { readonly kind: "rewrite"; readonly verb: "MAIL" | "RCPT"; readonly argument: string }
  | { readonly kind: "mail"; readonly sender: string; readonly parameters: MailParameters }
  | { readonly kind: "rcpt"; readonly recipient: string; readonly dsn: RecipientDsn; readonly argument: string }
  | { readonly kind: "predata"; readonly verb: "DATA" | "BDAT" }
  | { readonly kind: "readData" }
  | { readonly kind: "readChunk"; readonly size: number; readonly last: boolean; readonly first: boolean }
  | { readonly kind: "auth"; readonly mechanism: string; readonly initial: Buffer | undefined }
  | { readonly kind: "authResponse"; readonly octets: Buffer }
  | { readonly kind: "starttls" }
  | { readonly kind: "startTls" }
  | { readonly kind: "vrfy"; readonly address: string }
  | { readonly kind: "expn" | "etrn"; readonly argument: string }
  | { readonly kind: "quit" }
  // The rest are orders: nothing comes back.
  /** Octets of a chunk that nobody wants. */
  | { readonly kind: "skip"; readonly octets: number }
  /** The transaction, if any, is forgotten (RSET, HELO, QUIT, STARTTLS, a new MAIL after a message). */
  | { readonly kind: "reset"; readonly by: string }
  | { readonly kind: "note"; readonly note: Note }
  | { readonly kind: "close"; readonly how: CloseReason };

/** `$smtp_notquit_reason`, and "quit". Manual §"The not-QUIT ACL". */
export type CloseReason =
  | "quit"
  | "acl-drop"
  | "bad-commands"
  | "command-timeout"
  | "connection-lost"
  | "signal-exit"
  | "synchronization-error"
  | "tls-failed"
  | "local-scan-error"
  | "data-timeout";

/** For the log: what the machine refused by itself. The session puts host and selector to it. */
export type Note =
  | { readonly kind: "syntax" | "protocol"; readonly command: string; readonly message: string }
  | { readonly kind: "badHelo"; readonly verb: string; readonly argument: string }
  | { readonly kind: "noHelo" }
  | { readonly kind: "unqualified"; readonly what: "sender" | "recipient" | "verify"; readonly address: string }
  | { readonly kind: "tooManyRecipients"; readonly rejected: boolean }
  | { readonly kind: "tooManyMessages" }
  | { readonly kind: "tooBig"; readonly sender: string; readonly size: number; readonly limit: number }
  | {
      readonly kind: "dropped";
      readonly why: "unrecognized commands" | "nonmail commands" | "syntax or protocol errors";
      readonly last: string;
    }
  | { readonly kind: "sync"; readonly command: string; readonly pipelining: boolean }
  | { readonly kind: "early" };
