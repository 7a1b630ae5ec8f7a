/**
 * One connection to a host: the socket, its timers, and the pure client machine of smtp-core that says what to do. It must
 * not know what a failure means. Closed things (socket, timers) live in here, so it is a class.
 */
import { connect, type Socket } from "node:net";
import { clientStep, newClient, timerOf, type ClientAsk, type ClientEvent, type ClientExtensions, type ClientState, type ClientTransaction, type TransactionResult } from "@mailkit/smtp-core"; // prettier-ignore
import type { HostUsed, OutgoingMessage } from "@mailkit/sdk";
import type { AuthDialogue } from "./auth.ts";
import type { Failure } from "./failures.ts";
import { handshake } from "./handshake.ts";
import type { HostRules } from "./host-rules.ts";
import { newMessageFeed, type MessageFeed } from "./message-feed.ts";
import { describeTls, type TlsRules } from "./tls-options.ts";

export interface SessionSettings {
  readonly rules: HostRules;
  readonly tls: TlsRules | undefined;
  readonly tempfailTryclear: boolean;
  readonly auth: AuthDialogue | undefined;
  readonly timeouts: { readonly connect: number; readonly command: number; readonly data: number; readonly final: number };
  readonly keepalive: boolean;
  readonly trace: (direction: "in" | "out", line: string) => void;
  readonly tracing: boolean;
}

export interface Transacted {
  readonly result: TransactionResult;
  readonly reusable: boolean;
  /** Octets of the message handed to the socket, and whether it was still being sent at the end. */
  readonly written: number;
  readonly sending: boolean;
}

/** A chunk of BDAT: few round trips, and not too much in memory. */
const CHUNK = 1024 * 1024;

/** Pieces of this size get room that is used again, of so much. */
const LARGE = 16 * 1024;
const ROOM = 80 * 1024;

/** Most milliseconds for the answer to QUIT. */
const POLITE = 1000;

export class Session {
  readonly settings: SessionSettings;
  /** Transactions so far. */
  messages = 0;
  extensions: ClientExtensions | undefined;
  authenticator: string | undefined;
  #socket: Socket | undefined;
  #state: ClientState;
  #started: ((failure: Failure | undefined) => void) | undefined;
  #transacted: ((outcome: { result: TransactionResult; reusable: boolean }) => void) | undefined;
  #feed: MessageFeed | undefined;
  #room: Buffer | undefined;
  #closed = false;
  #tls: HostUsed["tls"];
  #whenIdleEnds: (() => void) | undefined;
  /** Ours on the present socket; Node has its own, which must stay. */
  #listeners: [string, (argument: never) => void][] = [];

  constructor(settings: SessionSettings) {
    const { rules } = settings;
    this.settings = settings;
    this.#state = newClient({
      protocol: rules.protocol,
      heloName: rules.heloName,
      avoidEsmtp: rules.avoidEsmtp,
      tls: rules.tls === "immediate" ? "never" : rules.tls,
      tlsActive: rules.tls === "immediate",
      tlsTempfailTryclear: settings.tempfailTryclear,
      auth: settings.auth === undefined ? "never" : rules.auth,
      pipelining: rules.pipelining,
      chunking: rules.chunking,
      prdr: rules.prdr,
    });
  }

  /** Connects and goes as far as a session that is free for a transaction; undefined = it is. */
  open(): Promise<Failure | undefined> {
    return new Promise((resolve) => {
      this.#started = resolve;
      const { rules, timeouts, keepalive } = this.settings;
      const socket = connect({
        host: rules.target.address,
        port: rules.port,
        noDelay: true,
        keepAlive: keepalive,
        ...(rules.localAddress === undefined ? {} : { localAddress: rules.localAddress }),
      });
      this.#socket = socket;
      const refused = (code: string): void => {
        socket.destroy();
        this.#closed = true;
        this.#start({ kind: "connect", code });
      };
      this.#on("error", (error: NodeJS.ErrnoException) => refused(error.code ?? "EIO"));
      this.#on("timeout", () => refused("ETIMEDOUT"));
      socket.setTimeout(timeouts.connect);
      this.#on("connect", () => {
        this.#forget();
        if (rules.tls === "immediate") void this.#startTls({ kind: "connected" });
        else {
          this.#listen();
          this.#handle({ kind: "connected" });
        }
      });
    });
  }

  /** One message. The session must be free (`open` or a transaction before this one ended well). */
  async transact(transaction: ClientTransaction, message: OutgoingMessage): Promise<Transacted> {
    this.messages++;
    const feed = newMessageFeed(message);
    this.#feed = feed;
    const outcome = await new Promise<{ result: TransactionResult; reusable: boolean }>((resolve) => {
      this.#transacted = resolve;
      this.#handle({ kind: "send", transaction });
    });
    this.#feed = undefined;
    await feed.close();
    return { ...outcome, written: feed.written, sending: feed.sending };
  }

  /** MAIL and RCPT without a message (callouts). */
  async probe(transaction: ClientTransaction): Promise<TransactionResult> {
    const { result } = await new Promise<{ result: TransactionResult }>((resolve) => {
      this.#transacted = resolve;
      this.#handle({ kind: "send", transaction });
    });
    return result;
  }

  get usable(): boolean {
    return !this.#closed && this.#state.phase === "ready";
  }

  get encrypted(): boolean {
    return this.#tls !== undefined;
  }

  /** Facts for the log line of a delivery over this session. */
  used(): HostUsed {
    const { target, port } = this.settings.rules;
    const local = this.#socket?.localAddress;
    return {
      name: target.name,
      address: target.address,
      port,
      ...(this.messages > 1 ? { continued: true } : {}),
      ...(this.#tls === undefined ? {} : { tls: this.#tls }),
      ...(this.authenticator === undefined ? {} : { authenticator: this.authenticator }),
      ...(local === undefined ? {} : { localInterface: local }),
    };
  }

  /** While it lies in the pool it must not keep the process alive; `ended` is called when the server hangs up. */
  rest(ended: () => void): void {
    this.#whenIdleEnds = ended;
    this.#socket?.setTimeout(0);
    this.#socket?.unref();
  }

  wake(): void {
    this.#whenIdleEnds = undefined;
    this.#socket?.ref();
  }

  /** QUIT, without waiting for the answer longer than politeness asks. */
  async quit(): Promise<void> {
    if (this.#closed) return;
    this.#handle({ kind: "quit" });
    const socket = this.#socket;
    if (socket === undefined || this.#closed) return;
    socket.setTimeout(Math.min(this.settings.timeouts.command, POLITE));
    await new Promise<void>((resolve) => socket.once("close", () => resolve()));
  }

  #on(event: string, listener: (argument: never) => void): void {
    this.#socket?.on(event, listener as (argument: unknown) => void);
    this.#listeners.push([event, listener]);
  }

  #forget(): void {
    for (const [event, listener] of this.#listeners) this.#socket?.removeListener(event, listener as (argument: unknown) => void);
    this.#listeners = [];
    // An error that nobody hears would end the process.
    this.#socket?.on("error", () => {});
  }

  #listen(): void {
    this.#on("data", (octets: Buffer) => {
      if (this.settings.tracing) this.settings.trace("in", octets.toString("latin1"));
      this.#handle({ kind: "octets", octets });
    });
    this.#on("timeout", () => this.#handle({ kind: "timeout" }));
    this.#on("error", (error: NodeJS.ErrnoException) => this.#handle({ kind: "failed", message: error.code ?? "EIO" }));
    this.#on("end", () => this.#handle({ kind: "closed" }));
    this.#on("close", () => this.#handle({ kind: "closed" }));
  }

  #handle(event: ClientEvent): void {
    if (this.#closed) return;
    const move = clientStep(this.#state, event);
    this.#state = move.state;
    const socket = this.#socket;
    socket?.cork();
    for (const ask of move.asks) this.#do(ask);
    socket?.uncork();
    if (!this.#closed) this.#setTimer();
    if (this.#whenIdleEnds !== undefined && (this.#closed || this.#state.phase !== "ready")) {
      this.#whenIdleEnds();
      this.#close();
    }
  }

  #setTimer(): void {
    const { timeouts } = this.settings;
    const timer = timerOf(this.#state);
    this.#socket?.setTimeout(timer === "none" ? 0 : timeouts[timer]);
  }

  #do(ask: ClientAsk): void {
    switch (ask.kind) {
      case "write":
        if (this.settings.tracing && this.#state.phase !== "auth") this.settings.trace("out", ask.octets.toString("latin1"));
        this.#socket?.write(ask.octets);
        return;
      case "startTls":
        void this.#startTls({ kind: "tlsStarted" });
        return;
      case "authenticate":
      case "authChallenge":
      case "authenticated":
        void this.#authenticate(ask);
        return;
      case "ready":
        this.extensions = ask.extensions;
        return this.#start(undefined);
      case "body":
        void this.#sendBody(ask.chunking);
        return;
      case "settled":
        this.#transacted?.({ result: ask.result, reusable: ask.reusable });
        this.#transacted = undefined;
        return;
      case "lost":
        this.#start(ask.failure);
        return this.#close();
      case "close":
        return this.#close();
      default:
        return ask satisfies never;
    }
  }

  #start(failure: Failure | undefined): void {
    const started = this.#started;
    this.#started = undefined;
    started?.(failure);
  }

  #close(): void {
    this.#closed = true;
    this.#socket?.destroy();
  }

  async #startTls(then: ClientEvent): Promise<void> {
    this.#forget();
    this.#socket?.setTimeout(0);
    const { tls, timeouts, rules } = this.settings;
    const result = await handshake(this.#socket as Socket, tls, timeouts.command);
    if (result.ok) {
      this.#socket = result.socket;
      this.#tls = describeTls(result.socket);
      this.#listen();
      this.#handle(then);
    } else if (rules.tls === "immediate") {
      this.#close();
      this.#start({ kind: "tlsFailed", message: result.message });
    } else this.#handle({ kind: "tlsFailed", message: result.message });
  }

  async #authenticate(ask: Extract<ClientAsk, { kind: "authenticate" | "authChallenge" | "authenticated" }>): Promise<void> {
    const dialogue = this.settings.auth;
    if (ask.kind === "authenticated" && ask.ok) {
      this.authenticator = dialogue?.current;
      return;
    }
    try {
      this.#handle(dialogue === undefined ? { kind: "authSkip" } : await dialogue.answer(ask));
    } catch {
      // An authenticator that breaks must not leave the session waiting for ever.
      this.#handle(ask.kind === "authChallenge" ? { kind: "authCancel" } : { kind: "authSkip" });
    }
  }

  /** DATA: everything, as fast as the socket takes it. BDAT: one chunk, then the machine waits for the reply. */
  async #sendBody(chunking: boolean): Promise<void> {
    const feed = this.#feed as MessageFeed;
    try {
      for (let last = false; !last && !this.#closed;) {
        const piece = await (chunking ? feed.chunk(CHUNK) : feed.next());
        last = piece.last;
        this.#handle({ kind: "body", ...piece, room: this.#roomFor(piece.octets.length) });
        // What the system has taken may be written over.
        if (this.#socket?.writableLength !== 0) this.#room = undefined;
        if (chunking) return;
        if (this.#socket?.writableNeedDrain === true && !this.#closed) await this.#drained();
      }
    } catch (error) {
      // The spool cannot be read: half a message must not look like a whole one.
      this.#handle({ kind: "failed", message: (error as NodeJS.ErrnoException).code ?? "EIO" });
      this.#close();
    }
  }

  /** Large pieces are made in one place again and again. */
  #roomFor(length: number): Buffer | undefined {
    if (length < LARGE) return undefined;
    return (this.#room ??= Buffer.allocUnsafeSlow(ROOM));
  }

  #drained(): Promise<void> {
    return new Promise((resolve) => {
      const socket = this.#socket as Socket;
      const go = (): void => {
        socket.removeListener("drain", go);
        socket.removeListener("close", go);
        resolve();
      };
      socket.on("drain", go);
      socket.on("close", go);
    });
  }
}
