/**
 * The only loop: octets -> framing -> command -> step -> replies and effects, results back as events. Replies of one
 * input chunk go out in one write; nothing is awaited unless something really waits. Exceptions end here: 421 and close.
 */
import { chain, isPromise, formatReply, type Maybe, trimSpaceEnd } from "@mailkit/sdk";
import { isOutOfSync, newServer, step, type CloseReason, type Dots, type ServerEffect, type ServerEvent } from "@mailkit/smtp-core";
import type { SmtpdDeps } from "./deps.ts";
import { perform, reset, type Ask } from "./effects.ts";
import { newIncoming } from "./incoming.ts";
import { hostAndIdent } from "./log-lines.ts";
import { logIncomplete, logNote } from "./notes.ts";
import { settingsFor, textOption } from "./offers.ts";
import { Reading } from "./reading.ts";
import { settleMessage, type Outcome } from "./receive-body.ts";
import { endInData, logClose } from "./session-end.ts";
import { createSession, hear, remember, underTls, type Session } from "./session-state.ts";
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
  #reading = new Reading();
  #output = "";
  #busy = false;
  #eof = false;
  #stopping = false;
  /** A line that comes after the not-QUIT ACL. */
  #lastNote: (() => void) | undefined;

  constructor(session: Session, wire: Wire, options: SessionOptions) {
    this.session = session;
    this.#wire = wire;
    this.#options = options;
    if (session.kind === "tcp") session.gone = () => this.#eof && this.#reading.length === 0;
  }

  get inData(): boolean {
    return this.#reading.incoming !== undefined;
  }

  open(): void {
    const { session } = this;
    this.#await(
      this.#guard(() => {
        const name = textOption(session, "smtp_active_hostname");
        const ready = chain(name, (text) => this.#prepare(text));
        return chain(ready, () => this.#dispatch({ kind: "open" }));
      }),
    );
    this.#pump();
  }

  receive(octets: Buffer): void {
    if (this.session.ended) return;
    this.#reading.push(octets);
    this.#pump();
  }

  ended(why?: string): void {
    if (why !== undefined) this.session.brokenBy ??= why;
    this.#eof = true;
    this.#pump();
  }

  timedOut(): void {
    if (this.#busy || this.session.ended) return;
    if (this.inData) this.#lostData("timeout");
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
    return chain(settingsFor(session), (settings) => {
      session.machine = newServer(settings, session.facts.tls !== undefined);
    });
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
    if (!this.#reading.pastIgnored()) return false;
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

  #line(): boolean {
    const { session } = this;
    const read = this.#reading.line(session.deps.limits.commandLine);
    if (read.kind === "more") return false;
    if (read.kind === "tooLong") {
      this.#await(this.#guard(() => this.#dispatch({ kind: "tooLong" })));
      return true;
    }
    const { facts, deps } = session;
    if (session.machine.reading === "command") remember(facts, read.text);
    if (deps.trace.on)
      deps.trace.emit({ kind: "smtp", direction: "in", line: read.text, ...(facts.peer !== undefined && { host: facts.peer.address }) });
    const more = this.#reading.length > 0;
    if (more && session.machine.offered?.pipelining === true) session.pipelined = true;
    const event: ServerEvent = { kind: "line", text: read.text, more, nul: read.nul };
    this.#await(this.#guard(() => this.#dispatch(event)));
    return true;
  }

  #data(): boolean {
    const chunk = this.session.machine.reading === "chunk";
    if (!this.#reading.canFeed(chunk)) return false;
    this.#await(this.#guard(() => chain(this.#reading.feed(chunk), (whole) => (whole ? this.#dataEnded() : undefined))));
    return true;
  }

  #dataEnded(): Maybe<void> {
    const { session } = this;
    const { waiting } = session.machine;
    if (waiting.for === "chunk" && !waiting.last && this.#reading.incoming?.failed !== true) return this.#dispatch({ kind: "chunkRead" });
    const local = session.facts.peer === undefined ? { fullName: this.#options.fullName ?? "", smtp: true } : undefined;
    const outcome = chain(this.#reading.take().finish(), (received) => settleMessage(session, received, local));
    return chain(outcome, (result: Outcome) => {
      const said = this.#dispatch({ kind: "received", replies: result.replies, close: result.close });
      reset(session, "DATA");
      return said;
    });
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
        const input = this.#reading.preview(150);
        const { note } = effect;
        const log = (): void => logNote(session, note, input);
        // Exim runs the not-QUIT ACL first there.
        if (note.kind === "dropped" && note.why === "unrecognized commands") this.#lastNote = log;
        else log();
        return undefined;
      }
      case "reset":
        this.#reading.drop();
        if (effect.by === "RSET") logIncomplete(session, "RSET");
        reset(session, effect.by);
        return undefined;
      case "skip":
        this.#reading.ignore(effect.octets);
        return undefined;
      case "readData":
        this.#beginMessage("stuffed");
        return undefined;
      case "readChunk":
        if (effect.first) this.#beginMessage("plain");
        this.#reading.expectChunk(effect.size);
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
    if (switches.enforceSync && this.#reading.length > 0) {
      const ehlo = this.#reading.preview(5).toUpperCase() === "EHLO ";
      if (!settings.earlyPipelining || !ehlo) return { kind: "early" };
      this.session.early = true;
    }
    return perform(this.session, effect);
  }

  /** Input that came while an ACL waited, and that should have waited for the reply. */
  #tooSoon(): ServerEvent | undefined {
    const { machine, facts } = this.session;
    if (this.#reading.length === 0 || !isOutOfSync(machine, facts.command)) return undefined;
    return { kind: "tooSoon", command: facts.command };
  }

  #beginMessage(dots: Dots): void {
    const { session } = this;
    session.message.id = session.deps.spool.newId();
    this.#reading.begin(newIncoming(session, dots));
  }

  #startTls(): Maybe<ServerEvent> {
    const { session } = this;
    this.#reading.clear();
    this.#flush();
    const started = this.#wire.startTls?.();
    if (started === undefined) return { kind: "tlsFailed" };
    return started.then((tls) => {
      this.#reading.clear();
      if (tls === undefined) return { kind: "tlsFailed" };
      underTls(session.facts, tls);
      return { kind: "tlsStarted" };
    });
  }

  /** The peer is gone. */
  #end(): void {
    if (this.inData) return this.#lostData("lost");
    this.#await(this.#guard(() => this.#dispatch({ kind: "eof" })));
  }

  #lostData(how: "lost" | "timeout"): void {
    const reader = this.#reading.incoming?.reader;
    this.#reading.drop();
    const { reply, logged } = endInData(this.session, reader, how);
    this.#output += reply;
    this.#await(this.#close(how === "lost" ? "connection-lost" : "data-timeout", logged));
  }

  #close(how: CloseReason, logged = false): Maybe<undefined> {
    const { session } = this;
    if (session.ended) return undefined;
    session.ended = true;
    this.#reading.drop();
    return chain(logClose(session, how, { logged, lastNote: this.#lastNote }), () => {
      this.#flush();
      this.#wire.end();
      this.#options.closed?.(how, session);
      return undefined;
    });
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
    this.#reading.drop();
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
