/**
 * Octets of the server to whole replies. Bounded in line length and in total; lines may end with LF alone (seen in the
 * field, manual §"Outgoing SMTP and LMTP over TCP/IP"). Total: what is not a reply is a fault, never an exception.
 */
import type { ReceivedReply } from "./types.ts";

export interface ReplyReader {
  /** Octets of an unfinished line. */
  readonly rest: string;
  readonly code: number;
  readonly lines: readonly string[];
  readonly size: number;
}

export type ReplyRead =
  | { readonly kind: "replies"; readonly reader: ReplyReader; readonly replies: readonly ReceivedReply[] }
  | { readonly kind: "malformed"; readonly text: string; readonly replies: readonly ReceivedReply[] };

/** RFC 5321 §4.5.3.1.5 says 512; servers send more. */
const MAX_LINE = 4096;
const MAX_REPLY = 65_536;

export const newReplyReader: ReplyReader = { rest: "", code: 0, lines: [], size: 0 };

export function readReplies(reader: ReplyReader, octets: Buffer): ReplyRead {
  const text = reader.rest + octets.toString("latin1");
  const replies: ReceivedReply[] = [];
  let { code, size } = reader;
  let lines = [...reader.lines];
  let from = 0;
  for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", from)) {
    const line = text.slice(from, end > from && text[end - 1] === "\r" ? end - 1 : end);
    from = end + 1;
    size += line.length;
    const cut = cutLine(line);
    if (cut === undefined || (lines.length > 0 && cut.code !== code) || line.length > MAX_LINE || size > MAX_REPLY) {
      return { kind: "malformed", text: [...lines.map((l) => `${code}-${l}`), line.slice(0, MAX_LINE)].join("\n"), replies };
    }
    code = cut.code;
    lines.push(cut.text);
    if (cut.last) {
      replies.push({ code, lines, text: wholeText(code, lines) });
      lines = [];
      size = 0;
    }
  }
  const rest = text.slice(from);
  if (rest.length > MAX_LINE) return { kind: "malformed", text: rest.slice(0, MAX_LINE), replies };
  return { kind: "replies", reader: { rest, code, lines, size }, replies };
}

function cutLine(line: string): { code: number; last: boolean; text: string } | undefined {
  const match = /^([1-5][0-9][0-9])(?:([ -])(.*))?$/s.exec(line);
  if (match === null) return undefined;
  return { code: Number(match[1]), last: match[2] !== "-", text: match[3] ?? "" };
}

function wholeText(code: number, lines: readonly string[]): string {
  return lines.map((line, i) => `${code}${i < lines.length - 1 ? "-" : " "}${line}`).join("\n");
}
