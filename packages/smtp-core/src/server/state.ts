/** The state of a server session. Made by `newServer`, changed by `step` only. */
import type { Extensions, ServerSettings, Switches } from "./types.ts";
import type { Phase } from "./sequence.ts";

/** Which reader may look at the input. While an ask is open nothing is read. */
export type Reading = "nothing" | "command" | "data" | "chunk" | "authResponse";

/** The ask whose answer is awaited. */
export type Waiting =
  | { readonly for: "nothing" }
  | { readonly for: "connect" | "greet" | "mail" | "starttls" | "tls" | "answer" | "quit" }
  | { readonly for: "advertise"; readonly custom: string | undefined }
  | { readonly for: "auth" }
  | { readonly for: "helo"; readonly verb: "HELO" | "EHLO" }
  | { readonly for: "rewrite"; readonly verb: "MAIL" | "RCPT"; readonly line: string }
  | { readonly for: "rcpt" }
  | { readonly for: "predata"; readonly verb: "DATA" | "BDAT"; readonly size: number; readonly last: boolean }
  | { readonly for: "data" }
  | { readonly for: "chunk"; readonly size: number; readonly last: boolean };

export interface ServerState {
  readonly settings: ServerSettings;
  readonly switches: Switches;
  readonly phase: Phase;
  readonly reading: Reading;
  readonly waiting: Waiting;
  /** EHLO was accepted. */
  readonly esmtp: boolean;
  readonly heloSeen: boolean;
  /** What the last EHLO's answer offered. */
  readonly offered: Extensions | undefined;
  readonly tls: boolean;
  readonly authenticated: boolean;
  /** Of the AUTH dialogue that is open. */
  readonly mechanism: string;
  readonly messages: number;
  readonly recipients: Recipients;
  readonly chunkTotal: number;
  readonly prdr: boolean;
  readonly smtputf8: boolean;
  readonly counts: Counts;
  /** The command before was a MAIL that was refused (or a RCPT behind it), or a RCPT: a client that pipelines could not know. */
  readonly after: { readonly refusedMail: boolean; readonly rcpt: boolean };
}

export const AFTER_NEITHER: ServerState["after"] = { refusedMail: false, rcpt: false };

export interface Recipients {
  /** RCPT commands that reached the ACL. */
  readonly tried: number;
  /** Accepted or discarded: the transaction may go on to the data. */
  readonly accepted: number;
  /** The one refusal that all RCPTs got so far; null = they differ. */
  readonly refusal: string | null | undefined;
  /** More than `recipients_max` were offered. */
  readonly tooMany: boolean;
}

export interface Counts {
  readonly nonMail: number;
  readonly unknown: number;
  readonly syntax: number;
  /** One of each is free: RSET and HELO between messages, AUTH once, STARTTLS. */
  readonly freeRset: boolean;
  readonly freeHelo: boolean;
  readonly freeAuth: boolean;
  readonly freeStarttls: boolean;
}

export const NO_RECIPIENTS: Recipients = { tried: 0, accepted: 0, refusal: undefined, tooMany: false };

export function newServer(settings: ServerSettings, tls = false): ServerState {
  return {
    settings,
    after: AFTER_NEITHER,
    switches: { noMultiline: false, noPipelining: false, enforceSync: settings.enforceSync, authUnadvertised: false },
    phase: "start",
    reading: "nothing",
    waiting: { for: "nothing" },
    esmtp: false,
    heloSeen: false,
    offered: undefined,
    tls,
    authenticated: false,
    mechanism: "",
    messages: 0,
    recipients: NO_RECIPIENTS,
    chunkTotal: 0,
    prdr: false,
    smtputf8: false,
    counts: { nonMail: 0, unknown: 0, syntax: 0, freeRset: true, freeHelo: true, freeAuth: true, freeStarttls: true },
  };
}
