/** The code that a `message` may begin with: `599 1.2.3 text` (manual §"ACL modifiers", `message`). Pure. */

export interface CodedMessage {
  readonly code: number;
  /** `1.2.3` after the code. */
  readonly extended: string | undefined;
  /** What follows, for the client. */
  readonly text: string;
  /** The message for the log: a wrong code is replaced by the one that was sent. */
  readonly logged: string;
  /** A line for mainlog and paniclog. */
  readonly panic: string | undefined;
}

const CODED = /^(\d{3})(?:[ ]+(\d\.\d{1,3}\.\d{1,3}))?(?:[ ]+|(?=\n)|$)/;

/** `standard` is the code that is sent without one: its first digit has to be kept. */
export function splitCode(message: string, standard: number): CodedMessage {
  const match = CODED.exec(message);
  if (match === null) return { code: standard, extended: undefined, text: message, logged: message, panic: undefined };
  const text = message.slice(match[0].length);
  const code = Number(match[1]);
  if (Math.floor(code / 100) === Math.floor(standard / 100)) return { code, extended: match[2], text, logged: message, panic: undefined };
  const panic = `configured error code starts with incorrect digit (expected ${Math.floor(standard / 100)}) in "${message}"`;
  return { code: standard, extended: undefined, text, logged: `${standard} ${text}`, panic };
}
