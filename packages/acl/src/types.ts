/** What goes into an ACL and what comes out. */
import type { PlacedHeader } from "@mailkit/message";
import type { AddressFacts, HostNames, Maybe, MessageFacts, Position, Scope, SessionFacts, Text, VerifyService } from "@mailkit/sdk";
import type { AclControl } from "./controls.ts";
import type { AclHook } from "./hooks.ts";

export type LogName = "main" | "reject" | "panic";

export interface AclLogLine {
  readonly to: readonly LogName[];
  readonly text: string;
  /** The owner puts the host (`H=... `) before it, as Exim does for `Warning:` lines. */
  readonly withHost: boolean;
}

/** Ports beyond `scope.services`; the owner of the session gives them. */
export interface AclHost {
  readonly verify: VerifyService;
  /** `verify = helo`: checks HELO now if nobody has yet; the owner keeps the result in the session. */
  readonly verifyHelo: (session: SessionFacts) => Maybe<boolean>;
  /** Reverse names that lead back; the owner keeps the result in the session. */
  readonly hostNames: (session: SessionFacts) => Maybe<HostNames>;
  /** A main option, expanded: `av_scanner`, `spamd_address`, `smtp_return_error_details`, ... Booleans as "yes" and "no". */
  readonly setting: (name: string) => string | undefined;
  /** Is this log selector on: `acl_warn_skipped`, `dnslist_defer`. */
  readonly logs: (selector: string) => boolean;
  readonly log: (line: AclLogLine, of: Pick<AclContext, "session" | "message">) => void;
  /** May this host send addresses without a domain (`sender_unqualified_hosts`, `recipient_unqualified_hosts`)? */
  readonly allowsUnqualified: (what: "sender" | "recipient", session: SessionFacts) => Maybe<boolean>;
  /** Sends out what waits for the client: before a delay, before a callout. */
  readonly flush?: () => void;
  /** `udpsend`; a string is the fault. */
  readonly sendDatagram?: (host: string, port: number, payload: string) => Maybe<string | undefined>;
  /** The message as it will be spooled, headers and body, LF line ends, for content scanning. */
  readonly messageText?: (message: MessageFacts) => Maybe<string>;
  /** The MIME part that the MIME ACL runs for. */
  readonly mimePart?: {
    /** Its decoded content. */
    text(): Maybe<string>;
    /** `decode = location`: writes it; false when it cannot be decoded. */
    decode(location: string): Maybe<boolean>;
  };
}

export interface AclContext {
  readonly hook: AclHook;
  readonly host: AclHost;
  readonly scope: Scope;
  readonly session: SessionFacts;
  readonly message: MessageFacts;
  /** The recipient (or the address of VRFY). */
  readonly address?: AddressFacts;
  /** Controls of earlier ACLs that hold for the connection. */
  readonly controls?: ReadonlySet<string>;
}

export interface AclEffects {
  readonly headersAdd: readonly PlacedHeader[];
  /** Names, in the order of the statements. */
  readonly headersRemove: readonly string[];
  readonly controls: readonly AclControl[];
  /** Undefined: no `queue` modifier ran. */
  readonly queueName: string | undefined;
}

/** A sender that did not verify; its details go before the reply, once for each address (manual §"Sender address verification reporting"). */
export interface SenderFailure {
  readonly address: string;
  readonly kind: "fail" | "defer";
  readonly message: string;
  readonly logMessage: string;
  /** False with `no_details`: neither reported nor logged. */
  readonly details: boolean;
  /** The client is told too. */
  readonly shown: boolean;
  /** Lines for the client, when they are not the standard ones. */
  readonly report?: readonly string[];
}

export type AclAnswerKind = "accept" | "deny" | "defer" | "discard" | "drop" | "error";

export interface AclVerdict {
  readonly kind: AclAnswerKind;
  /** For the client; may begin with a code (`splitCode`). Undefined: the standard text of the situation. */
  readonly message: string | undefined;
  /** For the log; only the first line is shown. */
  readonly logMessage: string | undefined;
  readonly effects: AclEffects;
  /** The statement that decided; undefined for the implicit deny at the end. */
  readonly at: Position | undefined;
  readonly senderFailure: SenderFailure | undefined;
  /** Where a rejection is logged (`log_reject_target`). */
  readonly logTargets: readonly LogName[];
}

export interface AclRequest {
  /** Name, file name or text of an ACL, already expanded. */
  readonly acl: string;
  /** `$acl_arg1`, ... */
  readonly args?: readonly Text[];
}
