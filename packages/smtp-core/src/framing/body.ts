/**
 * Message data from the wire to the spool's form: LF line ends, dots undone (DATA) or as they are (BDAT). Whether the
 * session is strict is decided by the end of the first line (manual §"Line endings"): after CRLF only CRLF.CRLF ends
 * the data, so that LF.LF, LF.CRLF and CR.CR smuggle nothing; a bare LF is then a space in the body and a fold in the
 * header, a bare CR a line end (a fold in the header). After a first line with LF alone LF is a line end.
 */

export interface BodyCounts {
  /** Octets after decoding, also those beyond the limit. */
  readonly size: number;
  readonly lines: number;
  /** Longest line of header and body, without its end. */
  readonly maxLine: number;
  readonly zeros: number;
}

/** "stuffed": DATA. "end": a dot line ends it, other dots are text (local messages). "plain": dots mean nothing (BDAT, -i). */
export type Dots = "stuffed" | "end" | "plain";

const LF = 10;
const CR = 13;
const DOT = 46;
const SPACE = 32;
/** Shorter pieces are not worth the plain way. */
const MIN_PLAIN = 64;
/** Octets that are made a string at once. */
const WINDOW = 16 * 1024;

// Where the next octet stands.
const START = 0;
const MIDDLE = 1;
const AFTER_CR = 2;
const DOT_FIRST = 3;
const DOT_CR = 4;

interface Fed {
  readonly used: number;
  readonly octets: Buffer;
}

export class BodyReader {
  #dots: Dots;
  #limit: number;
  #place = START;
  /** Undefined until the first line has ended. */
  #strict: boolean | undefined;
  #inHeader = true;
  #lineLength = 0;
  #size = 0;
  #lines = 0;
  #maxLine = 0;
  #zeros = 0;
  #ended = false;

  /** `limit`: octets after which nothing more is kept; reading goes on to the end of the data. */
  constructor(options: { readonly dots: Dots; readonly limit: number }) {
    this.#dots = options.dots;
    this.#limit = options.limit;
  }

  get ended(): boolean {
    return this.#ended;
  }

  get overflowed(): boolean {
    return this.#size > this.#limit;
  }

  /** Lines ended with CRLF (true) or LF (false); undefined before the first end. */
  get strict(): boolean | undefined {
    return this.#strict;
  }

  get inHeader(): boolean {
    return this.#inHeader;
  }

  /** The last line came whole, and nothing of the next one. */
  get betweenLines(): boolean {
    return this.#place === START && this.#lines > 0;
  }

  counts(): BodyCounts {
    return { size: this.#size, lines: this.#lines, maxLine: Math.max(this.#maxLine, this.#lineLength), zeros: this.#zeros };
  }

  /** Decodes a piece. `used` octets were taken: all, unless the data ended. `octets` shares no memory with `input`. */
  feed(input: Buffer): Fed {
    const headerEnd = this.#inHeader ? input.indexOf("\r\n\r\n") + 4 : 3;
    if (headerEnd < 4 || input.length - headerEnd < MIN_PLAIN) return this.#feedBody(input);
    const header = this.#feedSlowly(input.subarray(0, headerEnd));
    if (this.#ended) return header;
    return this.#joined(header, this.#feedBody(input.subarray(headerEnd)));
  }

  /** The header, if any, octet by octet; the body in the plain way as far as that goes. */
  #feedBody(input: Buffer): Fed {
    const plain = this.#plainLines(input);
    if (plain === undefined) return this.#feedSlowly(input);
    if (plain.used === input.length) return { used: plain.used, octets: this.#kept(plain.octets) };
    return this.#joined(plain, this.#feedSlowly(input.subarray(plain.used)));
  }

  #joined(first: Fed, rest: Fed): Fed {
    return { used: first.used + rest.used, octets: this.overflowed ? rest.octets : Buffer.concat([first.octets, rest.octets]) };
  }

  /**
   * The common case: whole body lines that end with CRLF, do not begin with a dot, and hold no NUL, no bare CR or LF; done
   * with the engine's own string search, some at a time so that the strings stay small. Undefined = there are none.
   */
  #plainLines(input: Buffer): Fed | undefined {
    if (this.#inHeader || this.#strict !== true || this.#place > MIDDLE || input.length < MIN_PLAIN) return undefined;
    if (this.#place === START && input[0] === DOT && this.#dots !== "plain") return undefined;
    const out = Buffer.allocUnsafe(input.length);
    let used = 0;
    let to = 0;
    for (let whole = true; whole && used < input.length;) {
      const text = input.toString("latin1", used, used + WINDOW);
      const end = this.#endOfPlain(text);
      const line = end <= 0 ? undefined : this.#takePlain(text.slice(0, end));
      if (line === undefined) break;
      to += out.write(line, to, "latin1");
      used += end;
      whole = input[used] !== DOT || this.#dots === "plain";
    }
    return used === 0 ? undefined : { used, octets: out.subarray(0, to) };
  }

  /** Behind the last line end before which no line begins with a dot. */
  #endOfPlain(text: string): number {
    const dot = this.#dots === "plain" ? -1 : text.indexOf("\r\n.");
    const end = dot < 0 ? text.lastIndexOf("\r\n") : dot;
    return end < 0 ? 0 : end + 2;
  }

  /** Whole lines with LF line ends, counted; undefined when they are not plain after all. */
  #takePlain(wire: string): string | undefined {
    if (wire.includes("\0")) return undefined;
    const text = wire.replace(/\r\n/g, "\n");
    if (text.includes("\r")) return undefined;
    let lines = 0;
    let start = -this.#lineLength;
    let longest = this.#maxLine;
    for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) {
      if (at - start > longest) longest = at - start;
      start = at + 1;
      lines++;
    }
    // More line ends than CRLFs: bare LFs among them.
    if (lines !== wire.length - text.length) return undefined;
    this.#lines += lines;
    this.#maxLine = longest;
    this.#lineLength = 0;
    this.#place = START;
    this.#size += text.length;
    return text;
  }

  #kept(octets: Buffer): Buffer {
    return this.overflowed ? octets.subarray(0, 0) : octets;
  }

  #feedSlowly(input: Buffer): Fed {
    // A fold makes two octets of one, and an octet that waited (CR, a dot) may come out now.
    const out = Buffer.allocUnsafe(this.#inHeader || this.#strict !== true ? 2 * input.length + 4 : input.length + 4);
    let to = 0;
    let from = 0;
    const length = input.length;
    while (from < length && !this.#ended) {
      if (this.#place === MIDDLE) {
        const begin = from;
        let octet = 0;
        while (from < length && (octet = input[from] as number) !== CR && octet !== LF) {
          if (octet === 0) this.#zeros++;
          out[to++] = octet;
          from++;
        }
        this.#lineLength += from - begin;
        if (from === length) break;
      }
      to = this.#octet(input[from] as number, out, to);
      from++;
    }
    this.#size += to;
    return { used: from, octets: this.#kept(out.subarray(0, to)) };
  }

  /** End of a BDAT message: what waited comes out, and a missing final line end is added. */
  finish(): Buffer {
    const out = Buffer.allocUnsafe(8);
    let to = 0;
    if (this.#place === DOT_FIRST || this.#place === DOT_CR) to = this.#plain(DOT, out, to);
    if (this.#place === AFTER_CR) to = this.#lineEnd(out, to);
    if (this.#lineLength > 0) to = this.#lineEnd(out, to);
    this.#size += to;
    this.#ended = true;
    return this.#kept(out.subarray(0, to));
  }

  #octet(octet: number, out: Buffer, to: number): number {
    switch (this.#place) {
      case AFTER_CR:
        if (octet === LF) return this.#crlf(out, to);
        return this.#octet(octet, out, this.#bareCr(out, to));
      case DOT_FIRST:
        return this.#afterDot(octet, out, to);
      case DOT_CR:
        if (octet === LF) {
          this.#ended = true;
          return to;
        }
        // The dot line was ended by CR alone: it is text.
        this.#place = MIDDLE;
        return this.#octet(octet, out, this.#bareCr(out, this.#plain(DOT, out, to)));
      default:
        break;
    }
    if (octet === CR) {
      this.#place = AFTER_CR;
      return to;
    }
    if (octet === LF) return this.#bareLf(out, to);
    if (octet === DOT && this.#place === START && this.#dots !== "plain") {
      this.#place = DOT_FIRST;
      return to;
    }
    this.#place = MIDDLE;
    return this.#plain(octet, out, to);
  }

  #afterDot(octet: number, out: Buffer, to: number): number {
    if (octet === CR) {
      this.#place = DOT_CR;
      return to;
    }
    if (octet === LF && this.#strict !== true) {
      this.#ended = true;
      return to;
    }
    this.#place = MIDDLE;
    if (this.#dots === "end") return this.#octet(octet, out, this.#plain(DOT, out, to));
    // The dot was stuffing, whatever follows it (RFC 5321 §4.5.2); before a bare LF it stays, the line goes on.
    return octet === LF ? this.#bareLf(out, this.#plain(DOT, out, to)) : this.#octet(octet, out, to);
  }

  #crlf(out: Buffer, to: number): number {
    this.#strict ??= true;
    return this.#lineEnd(out, to);
  }

  #bareLf(out: Buffer, to: number): number {
    this.#strict ??= false;
    if (!this.#strict) return this.#lineEnd(out, to);
    return this.#inHeader ? this.#fold(out, to) : this.#spaceFor(out, to);
  }

  #bareCr(out: Buffer, to: number): number {
    if (this.#inHeader && this.#lineLength > 0) return this.#fold(out, to);
    to = this.#lineEnd(out, to);
    // Not a start where a dot would count: only a real line end makes one.
    this.#place = MIDDLE;
    return to;
  }

  #spaceFor(out: Buffer, to: number): number {
    this.#place = MIDDLE;
    return this.#plain(SPACE, out, to);
  }

  #fold(out: Buffer, to: number): number {
    to = this.#lineEnd(out, to);
    return this.#spaceFor(out, to);
  }

  #lineEnd(out: Buffer, to: number): number {
    if (this.#lineLength === 0) this.#inHeader = false;
    if (this.#lineLength > this.#maxLine) this.#maxLine = this.#lineLength;
    this.#lineLength = 0;
    this.#lines++;
    this.#place = START;
    out[to] = LF;
    return to + 1;
  }

  #plain(octet: number, out: Buffer, to: number): number {
    if (octet === 0) this.#zeros++;
    this.#lineLength++;
    out[to] = octet;
    return to + 1;
  }
}
