/**
 * Octets that came from the peer and are not read yet, and the command reader on them. Bounded: a line that is longer
 * than the limit is reported once and dropped as it comes in. RFC 5321 §4.5.3.1.4.
 */

export type LineRead =
  /** `text` is a byte string without its line end; `nul`: it holds a NUL octet. */
  { readonly kind: "line"; readonly text: string; readonly nul: boolean } | { readonly kind: "tooLong" } | { readonly kind: "more" };

const LF = 10;
const CR = 13;
const MORE: LineRead = { kind: "more" };
const TOO_LONG: LineRead = { kind: "tooLong" };
const EMPTY = Buffer.alloc(0);

export class Input {
  #octets: Buffer = EMPTY;
  #at = 0;
  /** Octets that are known to hold no line end. */
  #scanned = 0;
  #skipping = false;

  get length(): number {
    return this.#octets.length - this.#at;
  }

  push(octets: Buffer): void {
    if (this.length === 0) this.#octets = octets;
    else this.#octets = Buffer.concat([this.#octets.subarray(this.#at), octets]);
    this.#at = 0;
  }

  /** A command line. CRLF ends it, and LF alone as Exim takes it; a lone CR is part of it. */
  line(limit: number): LineRead {
    const end = this.#octets.indexOf(LF, this.#at + this.#scanned);
    if (end < 0) return this.#unfinished(limit);
    const from = this.#at;
    this.#at = end + 1;
    this.#scanned = 0;
    if (this.#skipping || end - from > limit) {
      this.#skipping = false;
      return TOO_LONG;
    }
    const last = end > from && this.#octets[end - 1] === CR ? end - 1 : end;
    const text = this.#octets.toString("latin1", from, last);
    // A session that waits holds no octets of what it has read.
    if (this.length === 0) this.clear();
    return { kind: "line", text, nul: text.includes("\0") };
  }

  /** Everything that is there, for the readers of data, which then `skip` what they took. */
  peek(): Buffer {
    return this.#octets.subarray(this.#at);
  }

  skip(count: number): void {
    this.#at += count;
    this.#scanned = 0;
  }

  clear(): void {
    this.#octets = EMPTY;
    this.#at = 0;
    this.#scanned = 0;
    this.#skipping = false;
  }

  #unfinished(limit: number): LineRead {
    if (this.length > limit) {
      this.#skipping = true;
      this.#octets = EMPTY;
      this.#at = 0;
    }
    this.#scanned = this.length;
    return MORE;
  }
}
