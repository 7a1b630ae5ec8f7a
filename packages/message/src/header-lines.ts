import type { HeaderLine } from "@mailkit/sdk";
import { equalCaseless, lower, trimSpace, trimSpaceEnd } from "@mailkit/sdk";

/**
 * Names and types of header lines. A `HeaderLine` is whole, with its name, folds as "\n " and a final "\n".
 * Type letters are Exim's: manual §"Format of the -H file".
 */
const LETTERS: ReadonlyMap<string, string> = new Map([
  ["bcc", "B"],
  ["resent-bcc", "B"],
  ["cc", "C"],
  ["resent-cc", "C"],
  ["from", "F"],
  ["resent-from", "F"],
  ["message-id", "I"],
  ["resent-message-id", "I"],
  ["received", "P"],
  ["reply-to", "R"],
  ["resent-reply-to", "R"],
  ["sender", "S"],
  ["resent-sender", "S"],
  ["to", "T"],
  ["resent-to", "T"],
]);

/** A line kept for the record only: neither sent nor seen. */
export const DELETED = "*";

export function makeHeader(text: string): HeaderLine {
  const whole = text.endsWith("\n") ? text : `${text}\n`;
  return { text: whole, type: typeOfHeader(nameOfHeader(whole)) };
}

export function typeOfHeader(name: string): string {
  return LETTERS.get(lower(name)) ?? " ";
}

/** What stands before the colon, without white space; "" when there is no colon. */
export function nameOfHeader(line: string): string {
  const colon = line.indexOf(":");
  return colon < 0 ? "" : trimSpaceEnd(line.slice(0, colon));
}

/** What stands after the colon, folds kept, white space around it off. */
export function valueOfHeader(line: string): string {
  return trimSpace(line.slice(line.indexOf(":") + 1));
}

export function isDeleted(header: HeaderLine): boolean {
  return header.type === DELETED;
}

export function hasName(header: HeaderLine, name: string): boolean {
  const text = header.text;
  if (text.length <= name.length) return false;
  const after = text.charCodeAt(name.length);
  if (after !== COLON && after !== SPACE && after !== TAB) return false;
  return equalCaseless(nameOfHeader(text), name);
}

/** The first line of that name that is not deleted. */
export function findHeader(headers: readonly HeaderLine[], name: string): HeaderLine | undefined {
  return headers.find((header) => !isDeleted(header) && hasName(header, name));
}

/** All lines as they are sent, deleted ones left out; no empty line at the end. */
export function printHeaders(headers: readonly HeaderLine[]): string {
  let text = "";
  for (const header of headers) if (header.type !== DELETED) text += header.text;
  return text;
}

/** Cuts text into header lines at each newline that no white space follows. */
export function splitHeaderText(text: string): HeaderLine[] {
  const lines: HeaderLine[] = [];
  let start = 0;
  while (start < text.length) {
    const end = endOfHeaderLine(text, start);
    const line = text.slice(start, end);
    if (line !== "\n") lines.push(makeHeader(line));
    start = end;
  }
  return lines;
}

/** Offset behind the newline that ends the header line at `start`, folds included. */
export function endOfHeaderLine(text: string, start: number): number {
  for (let at = start; ;) {
    const newline = text.indexOf("\n", at);
    if (newline < 0) return text.length;
    const next = text.charCodeAt(newline + 1);
    if (next !== SPACE && next !== TAB) return newline + 1;
    at = newline + 1;
  }
}

const COLON = 58;
const SPACE = 32;
const TAB = 9;
