import type { HeaderLine } from "@mailkit/sdk";

/** Headers and bodies of fresh messages, so that the first delivery reads nothing. Bounded; the oldest goes first. */
export interface CachedContent {
  readonly headers: readonly HeaderLine[];
  /** Undefined when the body is in a file. */
  readonly body: Buffer | undefined;
  readonly cost: number;
}

export class MessageCache {
  readonly #contents = new Map<string, CachedContent>();
  readonly #limit: number;
  #used = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get(id: string): CachedContent | undefined {
    return this.#contents.get(id);
  }

  put(id: string, headers: readonly HeaderLine[], body: Buffer | undefined): void {
    this.delete(id);
    let cost = OVERHEAD + (body?.length ?? 0);
    for (const header of headers) cost += header.text.length + 32;
    if (cost > this.#limit) return;
    this.#used += cost;
    this.#contents.set(id, { headers, body, cost });
    while (this.#used > this.#limit) this.delete(this.#contents.keys().next().value as string);
  }

  delete(id: string): void {
    const content = this.#contents.get(id);
    if (content === undefined) return;
    this.#used -= content.cost;
    this.#contents.delete(id);
  }
}

const OVERHEAD = 200;
