/** A command line to its verb and argument, as Exim recognizes it: `MAIL FROM:` with one space, case ignored. */
import { trimSpace, trimSpaceEnd, trimSpaceStart } from "@mailkit/sdk";

export type Verb =
  | "HELO"
  | "EHLO"
  | "MAIL"
  | "RCPT"
  | "DATA"
  | "BDAT"
  | "RSET"
  | "NOOP"
  | "VRFY"
  | "EXPN"
  | "HELP"
  | "QUIT"
  | "STARTTLS"
  | "AUTH"
  | "ETRN"
  | "UNKNOWN";

export interface Command {
  readonly verb: Verb;
  /** Without white space around it. */
  readonly argument: string;
}

const VERBS: ReadonlyMap<string, Verb> = new Map(
  (["HELO", "EHLO", "DATA", "BDAT", "RSET", "NOOP", "VRFY", "EXPN", "HELP", "QUIT", "STARTTLS", "AUTH", "ETRN"] as const).map((verb) => [
    verb,
    verb,
  ]),
);

export function parseCommand(line: string): Command {
  const text = trimSpaceEnd(line);
  const head = text.slice(0, 10).toUpperCase();
  if (head.startsWith("RCPT TO:")) return { verb: "RCPT", argument: trimSpaceStart(text.slice(8)) };
  if (head.startsWith("MAIL FROM:")) return { verb: "MAIL", argument: trimSpaceStart(text.slice(10)) };
  const space = text.search(/[ \t]/);
  const word = space < 0 ? text : text.slice(0, space);
  const verb = VERBS.get(word.length <= 8 ? word.toUpperCase() : "");
  return verb === undefined ? { verb: "UNKNOWN", argument: "" } : { verb, argument: space < 0 ? "" : trimSpace(text.slice(space + 1)) };
}

/** `BDAT size [LAST]`; undefined = no size, or none that can be meant. RFC 3030 §2. */
export function parseBdat(argument: string): { readonly size: number; readonly last: boolean } | undefined {
  const match = /^([0-9]{1,15})(?:[ \t]+(.*))?$/.exec(trimSpaceEnd(argument));
  if (match === null) return undefined;
  return { size: Number(match[1]), last: (match[2] ?? "").toUpperCase() === "LAST" };
}
