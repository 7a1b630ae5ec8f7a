/**
 * The only loop: octets -> framing -> command -> step -> replies and effects, results back as events. Replies of one
 * input chunk go out in one write; nothing is awaited unless something really waits. Exceptions end here: 421 and close.
 */
import { isPromise, formatReply, type Maybe, trimSpaceEnd } from "@mailkit/sdk";
import { Input, isOutOfSync, newServer, step, type CloseReason, type Dots, type ServerEffect, type ServerEvent } from "@mailkit/smtp-core";
import { runAcl } from "./acl-effects.ts";
import type { SmtpdDeps } from "./deps.ts";
import { perform, reset, type Ask } from "./effects.ts";
import { newIncoming, type Incoming } from "./incoming.ts";
import { hostAndIdent } from "./log-lines.ts";
import { logEnd, logIncomplete, logNoMail, logNote } from "./notes.ts";
import { settingsFor, textOption } from "./offers.ts";
import { settleMessage, type Outcome } from "./receive-body.ts";
import { createSession, hear, remember, type Session } from "./session-state.ts";
import type { SessionHandle, SessionOptions, Wire } from "./session-types.ts";

export function newSession(deps: SmtpdDeps, wire: Wire, options: SessionOptions): SessionHandle {
  const session = createSession(deps, options);
  return new Loop(session, wire, options);
}

/** Closed: it owns the input, the output of a batch, and whether something is awaited. */
class Loop implements SessionHandle {
  readonly session: Session;
  #wire: Wire;
  #options: SessionOptions;
  #input = new Input();
  #output = "";
  #busy = false;
  #eof = false;
  #stopping = false;
  #incoming: Incoming | undefined;
  /** A line that comes after the not-QUIT ACL. */
  #lastNote: (() => void) | undefined;
  /** Octets of a chunk that are still to come, and of an unwanted one. */
  #chunkLeft = 0;
  #skipLeft = 0;

  constructor(session: Session, wire: Wire, options: SessionOptions) {
    this.session = session;
    this.#wire = wire;
    this.#options = options;
    if (session.kind === "tcp") session.gone = () => this.#eof && this.#input.length === 0;
  }

  get inData(): boolean {
    return this.#incoming !== undefined;
  }

  open(): void {
    const { session } = this;
    this.#await(
      this.#guard(() => {
        const name = textOption(session, "smtp_active_hostname");
        const ready = isPromise(name) ? name.then((text) => this.#prepare(text)) : this.#prepare(name);
        return isPromise(ready) ? ready.then(() => this.#dispatch({ kind: "open" })) : this.#dispatch({ kind: "open" });
      }),
    );
    this.#pump();
  }

  receive(octets: Buffer): void {
    if (this.session.ended) return;
    this.#input.push(octets);
    this.#pump();
  }

  ended(why?: string): void {
    if (why !== undefined) this.session.brokenBy ??= why;
    this.#eof = true;
    this.#pump();
  }

  timedOut(): void {
    if (this.#busy || this.session.ended) return;
    if (this.#incoming !== undefined) this.#lostData("timeout");
    else this.#await(this.#guard(() => this.#dispatch({ kind: "timeout" })));
    this.#flush();
  }

  stop(): void {
    if (this.session.ended) return;
    // What is being decided or stored is answered first: a message that is taken gets its 250.
    this.#stopping = this.#busy;
    if (this.#busy) return;
    const text = `${this.session.facts.activeHostname}: Service not available - closing connection`;
    this.#await(this.#guard(() => this.#dispatch({ kind: "stop", text })));
    this.#flush();
  }

  #prepare(name: string | undefined): Maybe<void> {
    const { session } = this;
    if (name !== undefined && name !== "") session.facts.activeHostname = name;
    const settings = settingsFor(session);
    const begin = (known: Awaited<typeof settings>): void => {
      session.machine = newServer(known, session.facts.tls !== undefined);
    };
    return isPromise(settings) ? settings.then(begin) : begin(settings);
  }

  /** Works on what is there until it needs more, or has to wait. */
  #pump(): void {
    if (this.#stopping && !this.#busy) return this.stop();
    while (!this.#busy && !this.session.ended && this.#turn());
    if (!this.#busy && !this.session.ended && this.#eof) this.#end();
    this.#flush();
  }

  /** One line or piece; false: more input is needed. */
  #turn(): boolean {
    if (this.#skipLeft > 0 && !this.#skip()) return false;
    switch (this.session.machine.reading) {
      case "command":
      case "authResponse":
        return this.#line();
      case "data":
      case "chunk":
        return this.#data();
      case "nothing":
        return false;
    }
  }

  #skip(): boolean {
    const count = Math.min(this.#skipLeft, this.#input.length);
    this.#input.skip(count);
    this.#skipLeft -= count;
    return this.#skipLeft === 0;
  }

  #line(): boolean {
    const { session } = this;
    const read = this.#input.line(session.deps.limits.commandLine);
    if (read.kind === "more") return false;
    if (read.kind === "tooLong") {
      this.#await(this.#guard(() => this.#dispatch({ kind: "tooLong" })));
      return true;
    }
    const { facts, deps } = session;
    if (session.machine.reading === "command") remember(facts, read.text);
    if (deps.trace.on)
      deps.trace.emit({ kind: "smtp", direction: "in", line: read.text, ...(facts.peer !== undefined && { host: facts.peer.address }) });
    if (this.#input.length > 0 && session.machine.offered?.pipelining === true) session.pipelined = true;
    const event: ServerEvent = { kind: "line", text: read.text, more: this.#input.length > 0, nul: read.nul };
    this.#await(this.#guard(() => this.#dispatch(event)));
    return true;
  }

  #data(): boolean {
    const incoming = this.#incoming;
    if (incoming === undefined) return false;
    const chunk = this.session.machine.reading === "chunk";
    const there = this.#input.peek();
    const piece = chunk && there.length > this.#chunkLeft ? there.subarray(0, this.#chunkLeft) : there;
    if (piece.length === 0 && !(chunk && this.#chunkLeft === 0)) return false;
    const used = incoming.feed(piece);
    const fed = (count: number): Maybe<void> => {
      this.#input.skip(count);
      this.#chunkLeft -= chunk ? count : 0;
      if (chunk ? this.#chunkLeft === 0 : incoming.reader.ended) return this.#dataEnded(incoming);
      return undefined;
    };
    this.#await(this.#guard(() => (isPromise(used) ? used.then(fed) : fed(used))));
    return true;
  }

  #dataEnded(incoming: Incoming): Maybe<void> {
    const { waiting } = this.session.machine;
    if (waiting.for === "chunk" && !waiting.last && !incoming.failed) return this.#dispatch({ kind: "chunkRead" });
    this.#incoming = undefined;
    const finished = incoming.finish();
    const settle = (received: Awaited<typeof finished>) => {
      const { session } = this;
      const local = session.facts.peer === undefined ? { fullName: this.#options.fullName ?? "", smtp: true } : undefined;
      return settleMessage(session, received, local);
    };
    const outcome = isPromise(finished) ? finished.then(settle) : settle(finished);
    const say = (result: Outcome): Maybe<void> => {
      const said = this.#dispatch({ kind: "received", replies: result.replies, close: result.close });
      reset(this.session, "DATA");
      return said;
    };
    return isPromise(outcome) ? outcome.then(say) : say(outcome);
  }

  /** One event through the machine, its replies and effects, and what they lead to. */
  #dispatch(event: ServerEvent): Maybe<void> {
    let next: ServerEvent | undefined = event;
    while (next !== undefined) {
      const move = step(this.session.machine, next);
      next = undefined;
      this.session.machine = move.state;
      if (move.heard !== undefined) hear(this.session.facts, move.heard);
      for (const answer of move.replies) this.#output += formatReply(answer);
      for (const effect of move.effects) {
        const result = this.#effect(effect);
        if (result === undefined) continue;
        if (isPromise(result)) {
          this.#flush();
          return result.then((later) => (later === undefined ? undefined : this.#dispatch(this.#tooSoon() ?? later)));
        }
        // An answer is always to the last effect.
        next = result;
      }
    }
    return undefined;
  }

  #effect(effect: ServerEffect): Maybe<ServerEvent | undefined> {
    const { session } = this;
    switch (effect.kind) {
      case "note": {
        const input = this.#input.peek().toString("latin1", 0, 150);
        const { note } = effect;
        const log = (): void => logNote(session, note, input);
        // Exim runs the not-QUIT ACL first there.
        if (note.kind === "dropped" && note.why === "unrecognized commands") this.#lastNote = log;
        else log();
        return undefined;
      }
      case "reset":
        this.#dropIncoming();
        if (effect.by === "RSET") logIncomplete(session, "RSET");
        reset(session, effect.by);
        return undefined;
      case "skip":
        this.#skipLeft = effect.octets;
        return undefined;
      case "readData":
        this.#beginMessage("stuffed");
        return undefined;
      case "readChunk":
        if (effect.first) this.#beginMessage("plain");
        this.#chunkLeft = effect.size;
        return undefined;
      case "startTls":
        return this.#startTls();
      case "close":
        return this.#close(effect.how);
      case "greet":
        return this.#greet(effect);
      default:
        return perform(session, effect);
    }
  }

  /** Who speaks before the greeting is out is not a mail client (manual §"smtp_enforce_sync"). */
  #greet(effect: Ask): Maybe<ServerEvent> {
    const { switches, settings } = this.session.machine;
    if (switches.enforceSync && this.#input.length > 0) {
      const ehlo = this.#input.peek().toString("latin1", 0, 5).toUpperCase() === "EHLO ";
      if (!settings.earlyPipelining || !ehlo) return { kind: "early" };
      this.session.early = true;
    }
    return perform(this.session, effect);
  }

  /** Input that came while an ACL waited, and that should have waited for the reply. */
  #tooSoon(): ServerEvent | undefined {
    const { machine, facts } = this.session;
    if (this.#input.length === 0 || !isOutOfSync(machine, facts.command)) return undefined;
    return { kind: "tooSoon", command: facts.command };
  }

  #beginMessage(dots: Dots): void {
    const { session } = this;
    session.message.id = session.deps.spool.newId();
    this.#incoming = newIncoming(session, dots);
  }

  #startTls(): Maybe<ServerEvent> {
    const { session } = this;
    this.#input.clear();
    this.#flush();
    const started = this.#wire.startTls?.();
    if (started === undefined) return { kind: "tlsFailed" };
    return started.then((tls) => {
      this.#input.clear();
      if (tls === undefined) return { kind: "tlsFailed" };
      const { facts } = session;
      facts.tls = tls;
      facts.helo = "";
      facts.heloKind = "none";
      facts.heloVerified = false;
      facts.authenticatedId = undefined;
      facts.authenticator = undefined;
      return { kind: "tlsStarted" };
    });
  }

  /** The peer is gone. */
  #end(): void {
    if (this.#incoming !== undefined) return this.#lostData("lost");
    this.#await(this.#guard(() => this.#dispatch({ kind: "eof" })));
  }

  #lostData(how: "lost" | "timeout"): void {
    const { session } = this;
    const { log, deps, message } = session;
    const reader = this.#incoming?.reader;
    const where = reader?.inHeader !== true ? "" : reader.betweenLines ? " (after header)" : " (header)";
    this.#dropIncoming();
    if (how === "lost" && session.brokenBy !== undefined && reader?.inHeader === true && reader.betweenLines) return this.#broke();
    const line =
      how === "lost"
        ? `SMTP connection from ${hostAndIdent(log, false)} lost while reading message data${where}`
        : `SMTP data timeout (message abandoned) on connection from ${hostAndIdent(log, false)} F=<${message.sender ?? ""}>`;
    if (deps.logSelector.has("lost_incoming_connection")) deps.log.main(line);
    const host = session.facts.activeHostname;
    this.#output +=
      how === "lost" ? `421 Lost incoming connection\r\n` : `421 ${host} SMTP incoming data timeout - closing connection.\r\n`;
    this.#await(this.#close(how === "lost" ? "connection-lost" : "data-timeout", true));
  }

  /** Exim takes an error between two header lines for one of its input, and everywhere else for a connection that is lost. */
  #broke(): void {
    const { session } = this;
    const { deps, message, log } = session;
    deps.log.main(
      `${message.id} Message abandoned: Input read error (${session.brokenBy}) while receiving message from ${hostAndIdent(log, false)}`,
    );
    reset(session, "DATA");
    this.#await(this.#close("connection-lost"));
  }

  #close(how: CloseReason, logged = false): Maybe<undefined> {
    const { session } = this;
    if (session.ended) return undefined;
    session.ended = true;
    if (!logged && (how === "quit" || how === "connection-lost")) logIncomplete(session, how === "quit" ? "QUIT" : "connection lost");
    this.#dropIncoming();
    // What is lost by waiting is logged before its ACL runs, the rest after it.
    const early = how === "command-timeout";
    if (early && !logged) logEnd(session, how);
    const done = (): undefined => {
      this.#lastNote?.();
      if (!early && !logged) logEnd(session, how);
      if (!logged) logNoMail(session);
      this.#flush();
      this.#wire.end();
      this.#options.closed?.(how, session);
      return undefined;
    };
    if (how === "quit" || !session.deps.acl.isSet("notquit")) return done();
    session.facts.notQuitReason = how;
    const verdict = runAcl(session, "notquit", "notquit");
    return isPromise(verdict) ? verdict.then(done) : done();
  }

  #dropIncoming(): void {
    const dropped = this.#incoming?.discard();
    this.#incoming = undefined;
    if (isPromise(dropped)) dropped.catch(() => undefined);
  }

  #await(work: Maybe<void>): void {
    if (!isPromise(work)) return;
    this.#busy = true;
    this.#wire.pause?.();
    work.then(
      () => {
        this.#busy = false;
        this.#wire.resume?.();
        this.#pump();
      },
      (error: unknown) => this.#broken(error),
    );
  }

  #guard(work: () => Maybe<void>): Maybe<void> {
    try {
      return work();
    } catch (error) {
      this.#broken(error);
      return undefined;
    }
  }

  /** A bug or broken infrastructure: the client tries again later, the log says why. */
  #broken(error: unknown): void {
    const { session } = this;
    const text = error instanceof Error ? error.message : String(error);
    const line = `${session.message.id === "" ? "" : `${session.message.id} `}SMTP session broke off, ${hostAndIdent(session.log)}: ${text}`;
    session.deps.log.main(line);
    session.deps.log.panic(line);
    if (session.ended) return;
    this.#output += `421 ${session.facts.activeHostname}: Service not available - closing connection\r\n`;
    session.ended = true;
    this.#dropIncoming();
    this.#flush();
    this.#wire.end();
    this.#options.closed?.("local-scan-error", session);
  }

  #flush(): void {
    if (this.#output === "") return;
    const text = this.#output;
    this.#output = "";
    const { trace } = this.session.deps;
    if (trace.on) for (const line of trimSpaceEnd(text).split("\r\n")) trace.emit({ kind: "smtp", direction: "out", line });
    this.#wire.write(text);
  }
}
