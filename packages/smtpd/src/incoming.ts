/**
 * The octets of one message while they arrive: in memory up to a threshold, then the body in the spool's writer. It knows
 * where the header ends; what the message means is `receive-body`'s.
 */
import { chain, rescue, type BodySource, type HeaderLine, type Maybe } from "@mailkit/sdk";
import { parseHeaders, type HeaderLimits } from "@mailkit/message";
import { BodyReader, type BodyCounts, type Dots } from "@mailkit/smtp-core";
import type { BodySink } from "./deps.ts";
import type { Session } from "./session-state.ts";

export interface IncomingSettings {
  readonly dots: Dots;
  /** Octets; more is read, but not kept. */
  readonly sizeLimit: number;
  readonly inMemory: number;
  readonly headers: HeaderLimits;
  /** `message_body_visible` */
  readonly visible: number;
  readonly openBody: () => Maybe<BodySink>;
}

export type Received =
  | { readonly kind: "message"; readonly headers: HeaderLine[]; readonly body: BodySource; readonly facts: BodyFacts }
  | { readonly kind: "tooBig"; readonly size: number; readonly headers: readonly HeaderLine[] }
  | { readonly kind: "headerTooLong"; readonly what: "section" | "line"; readonly headers: readonly HeaderLine[] }
  /** The spool could not take the body; the rest was read and dropped. */
  | { readonly kind: "unstored"; readonly error: unknown };

export interface BodyFacts {
  /** Header, empty line and body. */
  readonly size: number;
  readonly bodyLines: number;
  readonly bodyZeros: number;
  readonly maxLine: number;
  readonly start: string;
  readonly end: string;
}

export class Incoming {
  readonly reader: BodyReader;
  #settings: IncomingSettings;
  #memory: Buffer[] = [];
  #memorySize = 0;
  #headers: HeaderLine[] | undefined;
  #headerFault: "section" | "line" | undefined;
  #headerLines = 0;
  #sink: BodySink | undefined;
  #storeFault: { readonly error: unknown } | undefined;
  #start = "";
  #end = "";

  constructor(settings: IncomingSettings) {
    this.#settings = settings;
    this.reader = new BodyReader({
      dots: settings.dots,
      limit: settings.sizeLimit > 0 ? settings.sizeLimit : Number.MAX_SAFE_INTEGER,
    });
  }

  get failed(): boolean {
    return this.reader.overflowed || this.#headerFault !== undefined || this.#storeFault !== undefined;
  }

  /** Decodes and keeps; gives how many octets were used, through a promise when the spool has to catch up. */
  feed(input: Buffer): Maybe<number> {
    const { used, octets } = this.reader.feed(input);
    return chain(this.#keep(octets), () => used);
  }

  /** After the last octet. */
  finish(): Maybe<Received> {
    const rest = this.reader.ended ? undefined : this.reader.finish();
    return chain(rest === undefined ? undefined : this.#keep(rest), () => this.#result());
  }

  /** Connection lost, or refused: what was written goes away. */
  discard(): Maybe<void> {
    this.#memory = [];
    const sink = this.#sink;
    this.#sink = undefined;
    return sink?.discard();
  }

  #keep(octets: Buffer): Maybe<void> {
    if (octets.length === 0 || this.failed) return undefined;
    if (this.#sink !== undefined) return this.#toSink(octets);
    this.#memory.push(octets);
    this.#memorySize += octets.length;
    return this.#memorySize > this.#settings.inMemory ? this.#spill() : undefined;
  }

  /** Too much for memory: the header is cut off and stays, the body goes to the spool. */
  #spill(): Maybe<void> {
    const whole = this.#whole();
    const parsed = parseHeaders(whole, this.#settings.headers);
    if (parsed.kind === "tooLong") {
      this.#headerFault = parsed.what;
      this.#headers = parsed.headers;
      this.#memory = [];
      return undefined;
    }
    // The header may go on: wait, its own limit ends that.
    if (!parsed.separated && parsed.bodyStart >= whole.length) return undefined;
    this.#headers = parsed.headers;
    this.#headerLines = count(whole, 0, parsed.bodyStart);
    this.#memory = [];
    const body = whole.subarray(parsed.bodyStart);
    return this.#storing(() =>
      chain(this.#settings.openBody(), (sink) => {
        this.#sink = sink;
        return this.#toSink(body);
      }),
    );
  }

  #toSink(octets: Buffer): Maybe<void> {
    const { visible } = this.#settings;
    if (this.#start.length < visible) this.#start += octets.toString("latin1", 0, visible - this.#start.length);
    this.#end = (this.#end + octets.toString("latin1", Math.max(0, octets.length - visible))).slice(-visible);
    return this.#storing(() => this.#sink?.write(octets));
  }

  /** A full disk ends the message, not the session: what follows is read and dropped, and the answer comes at its end. */
  #storing(work: () => Maybe<void>): Maybe<void> {
    return rescue(work, (error) => {
      this.#storeFault ??= { error };
      return rescue(
        () => this.discard(),
        () => undefined,
      );
    });
  }

  #result(): Maybe<Received> {
    const counts = this.reader.counts();
    if (this.#storeFault !== undefined) return { kind: "unstored", error: this.#storeFault.error };
    if (this.reader.overflowed) {
      const headers = this.#headers ?? this.#parsedSoFar();
      return chain(this.discard(), () => ({ kind: "tooBig", size: counts.size, headers }) as const);
    }
    if (this.#headerFault !== undefined) return { kind: "headerTooLong", what: this.#headerFault, headers: this.#headers ?? [] };
    if (this.#sink !== undefined) {
      const sink = this.#sink;
      const facts = this.#facts(counts, this.#start, this.#end);
      return rescue<Received>(
        () => chain(sink.finish(), (body): Received => ({ kind: "message", headers: this.#headers ?? [], body, facts })),
        (error) => ({ kind: "unstored", error }),
      );
    }
    const whole = this.#whole();
    const parsed = parseHeaders(whole, this.#settings.headers);
    if (parsed.kind === "tooLong") return { kind: "headerTooLong", what: parsed.what, headers: parsed.headers };
    this.#headerLines = count(whole, 0, parsed.bodyStart);
    const bytes = whole.subarray(parsed.bodyStart);
    const { visible } = this.#settings;
    const facts = this.#facts(counts, bytes.toString("latin1", 0, visible), bytes.toString("latin1", Math.max(0, bytes.length - visible)));
    return { kind: "message", headers: parsed.headers, body: memoryBody(bytes), facts };
  }

  #facts(counts: BodyCounts, start: string, end: string): BodyFacts {
    return { size: counts.size, bodyLines: counts.lines - this.#headerLines, bodyZeros: counts.zeros, maxLine: counts.maxLine, start, end };
  }

  #whole(): Buffer {
    const whole = this.#memory.length === 1 ? (this.#memory[0] as Buffer) : Buffer.concat(this.#memory, this.#memorySize);
    this.#memory = [whole];
    return whole;
  }

  #parsedSoFar(): readonly HeaderLine[] {
    return parseHeaders(this.#whole(), this.#settings.headers).headers;
  }
}

export function newIncoming({ deps, message, sizeLimit }: Session, dots: Dots): Incoming {
  return new Incoming({
    dots,
    sizeLimit,
    inMemory: deps.limits.bodyInMemory,
    headers: { maxSize: deps.settings.number("header_maxsize"), maxLine: deps.settings.number("header_line_maxsize") },
    visible: deps.settings.number("message_body_visible"),
    openBody: () => deps.spool.openBody(message.id),
  });
}

function count(octets: Buffer, from: number, to: number): number {
  let lines = 0;
  for (let at = octets.indexOf(10, from); at >= 0 && at < to; at = octets.indexOf(10, at + 1)) lines++;
  return lines;
}

export function memoryBody(bytes: Buffer): BodySource {
  return {
    size: bytes.length,
    bytes,
    read: async (start = 0, length = bytes.length) => bytes.subarray(start, start + length),
    chunks: async function* () {
      yield bytes;
    },
  };
}
