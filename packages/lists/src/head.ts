/** The separator change at the head of a list, split off before the list is expanded (manual §"Changing list separators"). */
import { listHead } from "@mailkit/sdk";

export interface SplitHead {
  /** Undefined = none was written; the text may still begin with one after its expansion. */
  readonly separator: string | undefined;
  readonly rest: string;
}

const ESCAPES: Readonly<Record<string, string>> = { "\\": "\\", n: "\n", r: "\r", t: "\t", b: "\b", f: "\f", v: "\v" };
const WRITTEN_ESCAPE = /^[ \t\r\n]*<\\(?:([\\nrtbfv])|x([0-9a-f]{1,2})|([0-7]{1,3}))/i;

export function splitHead(source: string): SplitHead {
  const escape = WRITTEN_ESCAPE.exec(source);
  if (escape !== null) {
    const [whole, letter, hex, octal] = escape;
    const separator = letter === undefined ? codeOf(hex, octal) : (ESCAPES[letter] ?? letter);
    return { separator, rest: source.slice(whole.length) };
  }
  const head = listHead(source);
  // `<$` would cut an expansion in two.
  if (head.separator === undefined || head.separator === "$" || head.separator === "\\") return { separator: undefined, rest: source };
  return { separator: head.separator, rest: source.slice(head.start) };
}

function codeOf(hex: string | undefined, octal: string | undefined): string {
  return String.fromCharCode((hex === undefined ? Number.parseInt(octal as string, 8) : Number.parseInt(hex, 16)) & 0xff);
}
