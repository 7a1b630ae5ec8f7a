/**
 * Message ids. Written: the form of Exim 4.97, 23 characters, `tttttt-ppppppppppp-ffff`: seconds, process, microseconds,
 * each in base 62 with digits before capitals before small letters, so that ids sort by time. Read: that and the 16
 * characters `tttttt-pppppp-ff` of earlier releases (manual §"Message identification").
 */
const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const LONG_FORM = /^[0-9A-Za-z]{6}-[0-9A-Za-z]{11}-[0-9A-Za-z]{4}$/;
const SHORT_FORM = /^[0-9A-Za-z]{6}-[0-9A-Za-z]{6}-[0-9A-Za-z]{2}$/;

export interface MessageIdParts {
  readonly seconds: number;
  readonly process: number;
  readonly fraction: number;
  readonly form: "long" | "short";
}

export interface MessageIdSource {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** What tells this writer from all that run at the same time: the process id, or a wider number. */
  readonly process: number;
  /** An id that all new ones must come after (the last of a spool that was found). */
  readonly after?: string;
}

/** Gives ids that grow, whatever the clock does, and never come twice from one source. */
export function messageIds(source: MessageIdSource): () => string {
  const middle = `-${base62(source.process, 11)}-`;
  const floor = source.after === undefined ? undefined : parseMessageId(source.after);
  let last = floor === undefined ? 0 : floor.seconds * 1_000_000 + Math.min(999_999, floor.fraction);
  let second = -1;
  let head = "";
  return () => {
    const now = Math.floor(source.now() * 1000);
    last = now > last ? now : last + 1;
    const seconds = Math.floor(last / 1_000_000);
    if (seconds !== second) {
      second = seconds;
      head = base62(seconds, 6) + middle;
    }
    return head + base62(last - seconds * 1_000_000, 4);
  };
}

export function isMessageId(text: string): boolean {
  return text.length === 23 ? LONG_FORM.test(text) : text.length === 16 && SHORT_FORM.test(text);
}

export function parseMessageId(text: string): MessageIdParts | undefined {
  if (!isMessageId(text)) return undefined;
  const [seconds, process, fraction] = text.split("-") as [string, string, string];
  return {
    seconds: fromBase62(seconds),
    process: fromBase62(process),
    fraction: fromBase62(fraction),
    form: text.length === 23 ? "long" : "short",
  };
}

/** When the message began to arrive, in milliseconds. The short form counts in 1/2000 s. */
export function timeOfMessageId(text: string): number | undefined {
  const parts = parseMessageId(text);
  if (parts === undefined) return undefined;
  return parts.seconds * 1000 + Math.floor(parts.form === "long" ? parts.fraction / 1000 : parts.fraction / 2);
}

export function base62(value: number, width: number): string {
  let rest = Math.floor(Math.abs(value));
  let text = "";
  while (text.length < width) {
    text = ALPHABET[rest % 62] + text;
    rest = Math.floor(rest / 62);
  }
  return text;
}

export function fromBase62(text: string): number {
  let value = 0;
  for (let i = 0; i < text.length; i++) value = value * 62 + ALPHABET.indexOf(text[i] as string);
  return value;
}
