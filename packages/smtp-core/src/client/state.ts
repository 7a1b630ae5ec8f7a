/** The state of a client session. Made by `newClient`, changed by `clientStep` only. */
import type {
  ClientConfig,
  ClientFailure,
  ClientExtensions,
  ClientTimer,
  ClientTransaction,
  RecipientResult,
  ReceivedReply,
} from "./types.ts";
import type { LinePlace } from "../data-encoder.ts";
import { newReplyReader, type ReplyReader } from "./replies.ts";
import { TIMERS } from "./timers.ts";

export type ClientPhase =
  | "idle"
  | "greeting"
  | "hello"
  | "starttls"
  | "tls"
  | "authChoice"
  | "auth"
  | "ready"
  | "envelope"
  | "data"
  | "final"
  | "rset"
  | "quit"
  | "closed";

/** A command whose reply is still to come, oldest first. `text` is what a failure is said to come after. */
export interface PendingCommand {
  /** In errors, when it is not `text`. */
  readonly name?: string;
  readonly kind:
    | "greeting"
    | "hello"
    | "starttls"
    | "auth"
    | "mail"
    | "rcpt"
    | "data"
    | "chunk"
    | "final"
    | "prdr"
    | "emptied"
    | "rset"
    | "quit";
  readonly text: string;
  /** Sent before the reply to an earlier command had come. */
  readonly pipelined: boolean;
  /** For `rcpt`, and for `final` of LMTP and PRDR: which recipient. */
  readonly recipient?: number;
}

export interface ClientState {
  readonly config: ClientConfig;
  readonly phase: ClientPhase;
  readonly reader: ReplyReader;
  readonly pending: readonly PendingCommand[];
  readonly helloKind: "EHLO" | "HELO" | "LHLO";
  readonly tlsActive: boolean;
  readonly extensions: ClientExtensions;
  readonly transaction: OpenTransaction | undefined;
  /** The last transaction was left in the middle: RSET goes before the next MAIL. */
  readonly dirty: boolean;
  /** What QUIT or a closed connection is said to come after. */
  readonly last: string;
}

export interface OpenTransaction {
  readonly envelope: ClientTransaction;
  /** Undefined = RCPT accepted or not answered yet. */
  readonly results: readonly (RecipientResult | undefined)[];
  readonly accepted: readonly number[];
  /** Recipients whose RCPT is sent. */
  readonly sent: number;
  readonly pipelining: boolean;
  readonly chunking: boolean;
  readonly prdr: boolean;
  readonly dsn: boolean;
  readonly failure: ClientFailure | undefined;
  /** Place in the line where the next octet of the body goes. */
  readonly at: LinePlace;
  readonly finalReply: ReceivedReply | undefined;
}

export const noExtensions: ClientExtensions = {
  keywords: new Map(),
  size: 0,
  auth: [],
  pipelining: false,
  chunking: false,
  starttls: false,
  eightBit: false,
  smtputf8: false,
  dsn: false,
  prdr: false,
  mailMax: 0,
  rcptMax: 0,
};

export function newClient(config: ClientConfig): ClientState {
  return {
    config,
    phase: "idle",
    reader: newReplyReader,
    pending: [],
    helloKind: config.protocol === "lmtp" ? "LHLO" : config.avoidEsmtp === true ? "HELO" : "EHLO",
    tlsActive: config.tlsActive ?? false,
    extensions: noExtensions,
    transaction: undefined,
    dirty: false,
    last: "initial connection",
  };
}

/** The timer to run until the next event; restart it whenever octets arrive or are written. */
export function timerOf(state: ClientState): ClientTimer {
  return TIMERS[state.phase];
}
