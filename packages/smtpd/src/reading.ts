/** Where a session is in its input: lines, the message that is being read, and octets of a chunk that nobody wants. */
import { chain, isPromise, type Maybe } from "@mailkit/sdk";
import { Input, type LineRead } from "@mailkit/smtp-core";
import type { Incoming } from "./incoming.ts";

export class Reading {
  #input = new Input();
  #incoming: Incoming | undefined;
  /** Octets of a chunk that are still to come, and of an unwanted one. */
  #chunkLeft = 0;
  #skipLeft = 0;

  /** The message under way. */
  get incoming(): Incoming | undefined {
    return this.#incoming;
  }

  /** Octets that are there and were not used. */
  get length(): number {
    return this.#input.length;
  }

  push(octets: Buffer): void {
    this.#input.push(octets);
  }

  line(limit: number): LineRead {
    return this.#input.line(limit);
  }

  /** The first octets of what is there. */
  preview(count: number): string {
    return this.#input.peek().toString("latin1", 0, count);
  }

  /** What was read in clear does not count under TLS. */
  clear(): void {
    this.#input.clear();
  }

  begin(incoming: Incoming): void {
    this.#incoming = incoming;
  }

  expectChunk(size: number): void {
    this.#chunkLeft = size;
  }

  ignore(octets: number): void {
    this.#skipLeft = octets;
  }

  /** Passes over what is to be ignored; false: not all of it has come. */
  pastIgnored(): boolean {
    if (this.#skipLeft === 0) return true;
    const count = Math.min(this.#skipLeft, this.#input.length);
    this.#input.skip(count);
    this.#skipLeft -= count;
    return this.#skipLeft === 0;
  }

  /** There is something to feed, if only the end of an empty chunk. */
  canFeed(chunk: boolean): boolean {
    return this.#incoming !== undefined && (this.#input.length > 0 || (chunk && this.#chunkLeft === 0));
  }

  /** Feeds the message; true: it, or its chunk, is complete. */
  feed(chunk: boolean): Maybe<boolean> {
    const incoming = this.#incoming as Incoming;
    const there = this.#input.peek();
    const piece = chunk && there.length > this.#chunkLeft ? there.subarray(0, this.#chunkLeft) : there;
    return chain(incoming.feed(piece), (count) => {
      this.#input.skip(count);
      if (!chunk) return incoming.reader.ended;
      this.#chunkLeft -= count;
      return this.#chunkLeft === 0;
    });
  }

  /** The message that is complete; it is no longer under way. */
  take(): Incoming {
    const incoming = this.#incoming as Incoming;
    this.#incoming = undefined;
    return incoming;
  }

  /** What was kept of a message goes away. */
  drop(): void {
    const dropped = this.#incoming?.discard();
    this.#incoming = undefined;
    if (isPromise(dropped)) dropped.catch(() => undefined);
  }
}
