/**
 * An Exim filter's text to its tree (filter manual, chapter "Exim filter files"). Pure and total; the first fault ends
 * it, with Exim's text. What only system filters may say is decided here.
 */
import { compile } from "@mailkit/expand";
import type { Branch, Command, HeaderChange, MailParts, MailWord, ParsedFilter, Refusal, Significance } from "./ast.ts";
import { MAIL_WORDS } from "./ast.ts";
import { atEnd, newCursor, peekChar, peekWord, readItem, readWord, refuse, refuseNear } from "./cursor.ts";
import type { Cursor } from "./cursor.ts";
import { readCondition } from "./parse-condition.ts";

export interface ParseRules {
  /** A system filter: `headers add` and `headers remove` are known. */
  readonly system: boolean;
  /** Which of `fail`, `freeze` and `defer` may be used. */
  readonly refusals: ReadonlySet<Refusal>;
}

export function parseEximFilter(text: string, rules: ParseRules): ParsedFilter {
  const reader: Reader = { cursor: newCursor(text), rules, depth: 0 };
  const commands = readCommands(reader);
  const { fault } = reader.cursor;
  return fault === undefined ? { ok: true, commands } : { ok: false, message: fault };
}

interface Reader {
  readonly cursor: Cursor;
  readonly rules: ParseRules;
  /** How many `if` are open. */
  depth: number;
}

/** `if` inside `if`; Exim has no limit, and no need of so many. */
const MAX_DEPTH = 200;
const ENDS: ReadonlySet<string> = new Set(["elif", "else", "endif"]);

/** Commands up to the end, or inside an `if` up to `elif`, `else` or `endif`, which are left where they stand. */
function readCommands(reader: Reader): Command[] {
  const { cursor } = reader;
  const commands: Command[] = [];
  while (cursor.fault === undefined && !atEnd(cursor)) {
    if (reader.depth > 0 && ENDS.has(peekWord(cursor))) return commands;
    const prefix = readPrefix(reader);
    if (prefix === undefined) break;
    const command = readCommand(reader, readCommandWord(cursor), prefix);
    if (command !== undefined) commands.push(command);
  }
  if (reader.depth > 0) refuse(cursor, '"endif" missing at end of filter file');
  return commands;
}

/** `seen`, `unseen`, `noerror`, in any order. */
function readPrefix({ cursor, depth }: Reader): Significance | undefined {
  let seen: boolean | undefined;
  let noError = false;
  for (;;) {
    if (atEnd(cursor)) {
      refuse(cursor, `${noError ? '"noerror"' : '"seen" or "unseen"'} near line ${cursor.line} is not followed by a command`);
      return undefined;
    }
    const word = peekWord(cursor);
    if (word === "noerror") noError = true;
    else if (word === "seen" || word === "unseen") {
      if (seen !== undefined) {
        refuse(cursor, `"seen" or "unseen" repeated near line ${cursor.line}`);
        return undefined;
      }
      seen = word === "seen";
    } else {
      if (depth > 0 && ENDS.has(word)) {
        refuse(cursor, `"seen", "unseen", or "noerror" near line ${cursor.line} is not followed by a command`);
        return undefined;
      }
      return { seen, noError };
    }
    readWord(cursor);
  }
}

/** The parenthesis of a condition may follow `if` without a space. */
function readCommandWord(cursor: Cursor): string {
  if (!cursor.text.startsWith("if(", cursor.at)) return readWord(cursor);
  cursor.at += 2;
  return "if";
}

function readCommand(reader: Reader, word: string, prefix: Significance): Command | undefined {
  const { cursor } = reader;
  switch (word) {
    case "deliver":
      return { kind: "deliver", ...prefix, to: compile(readArgument(cursor, word)), errorsTo: readErrorsTo(cursor) };
    case "save":
    case "logfile":
      return { kind: word, ...prefix, path: compile(readArgument(cursor, word)), mode: readMode(cursor) };
    case "pipe":
      return { kind: "pipe", ...prefix, command: readArgument(cursor, word) };
    case "logwrite":
      return { kind: "logwrite", ...prefix, text: compile(readArgument(cursor, word).replace(/\n?$/, "\n")) };
    case "testprint":
      return { kind: "testprint", ...prefix, text: compile(readArgument(cursor, word)) };
    case "finish":
      return { kind: "finish", ...prefix };
    case "mail":
    case "vacation":
      return { kind: "mail", ...prefix, vacation: word === "vacation", mail: readMail(cursor) };
    case "add":
      return bare(cursor, word, prefix) ? readAdd(cursor) : undefined;
    case "headers":
      return bare(cursor, word, prefix) ? readHeaders(reader) : undefined;
    case "if":
      return bare(cursor, word, prefix) ? readIf(reader) : undefined;
    case "fail":
    case "freeze":
    case "defer":
      return readRefusal(reader, word);
    case "elif":
    case "else":
    case "endif":
      refuseNear(cursor, `unexpected "${word}" command`);
      return undefined;
    default:
      refuseNear(cursor, `unknown filtering command "${word}"`);
      return undefined;
  }
}

/** Commands that have nothing to do with deliveries take no `seen`. */
function bare(cursor: Cursor, word: string, { seen, noError }: Significance): boolean {
  if (seen === undefined && !noError) return true;
  refuse(cursor, `"seen", "unseen", or "noerror" found before an "${word}" command near line ${cursor.line}`);
  return false;
}

function readArgument(cursor: Cursor, word: string): string {
  const argument = readItem(cursor);
  if (argument === "") refuseNear(cursor, `"${word}" requires an argument`);
  return argument;
}

function readErrorsTo(cursor: Cursor): ReturnType<typeof compile> | undefined {
  if (peekWord(cursor) !== "errors_to") return undefined;
  readWord(cursor);
  return compile(readWord(cursor));
}

/** Octal, whether it begins with 0 or not; what is no octal digit ends it. */
function readMode(cursor: Cursor): number | undefined {
  if (!/[0-9]/.test(peekChar(cursor))) return undefined;
  const digits = /^[0-7]*/.exec(readWord(cursor))?.[0] ?? "";
  return digits === "" ? 0 : Number.parseInt(digits, 8) % 2 ** 32;
}

function readAdd(cursor: Cursor): Command {
  const number = compile(readArgument(cursor, "add"));
  if (cursor.fault === undefined && readWord(cursor) !== "to") refuseNear(cursor, '"to" expected in "add" command');
  const variable = readItem(cursor);
  if (variable === "") refuseNear(cursor, 'value missing after "to"');
  return { kind: "add", number, variable: compile(variable) };
}

function readHeaders({ cursor, rules }: Reader): Command {
  const change = readArgument(cursor, "headers");
  if (change !== "charset") {
    if (!rules.system)
      refuse(cursor, `header addition and removal is available only in system filters: near line ${cursor.line} of filter file`);
    else if (change !== "add" && change !== "remove") refuseNear(cursor, '"add", "remove", or "charset" expected after "headers"');
  }
  const text = readItem(cursor);
  if (text === "") refuseNear(cursor, 'value missing after "add", "remove", or "charset"');
  return { kind: "headers", change: change as HeaderChange, text: compile(text) };
}

/** The word `text` may be left out in front of a quote. */
function readRefusal({ cursor, rules }: Reader, word: Refusal): Command {
  if (!rules.refusals.has(word)) refuse(cursor, `filtering command "${word}" is disabled: near line ${cursor.line} of filter file`);
  let text = "";
  if (peekChar(cursor) === '"') text = readItem(cursor);
  else if (peekWord(cursor) === "text") {
    readWord(cursor);
    text = readItem(cursor);
  }
  return { kind: word, text: compile(text) };
}

const MAIL: ReadonlySet<string> = new Set(MAIL_WORDS);

function readMail(cursor: Cursor): MailParts {
  const texts = new Map<MailWord, ReturnType<typeof compile>>();
  let expandFile = false;
  let returnMessage = false;
  for (;;) {
    const word = peekWord(cursor);
    if (word === "expand") {
      readWord(cursor);
      if (readWord(cursor) !== "file") refuseNear(cursor, '"expand" not followed by "file" ');
      texts.set("file", compile(readItem(cursor)));
      expandFile = true;
    } else if (word === "return") {
      readWord(cursor);
      if (readWord(cursor) !== "message") refuseNear(cursor, '"return" not followed by "message" ');
      returnMessage = true;
    } else if (MAIL.has(word)) {
      readWord(cursor);
      texts.set(word as MailWord, compile(readItem(cursor)));
      if (word === "file") expandFile = false;
    } else return { texts, expandFile, returnMessage };
  }
}

function readIf(reader: Reader): Command {
  const { cursor } = reader;
  const branches: Branch[] = [];
  let otherwise: readonly Command[] = [];
  if (++reader.depth > MAX_DEPTH) refuseNear(cursor, 'too many nested "if" commands');
  for (let word = "elif"; word === "elif" && cursor.fault === undefined;) {
    const condition = readCondition(cursor);
    if (cursor.fault !== undefined) break;
    branches.push({ condition, commands: readCommands(reader) });
    word = readWord(cursor);
    if (word !== "else" || cursor.fault !== undefined) continue;
    otherwise = readCommands(reader);
    if (cursor.fault === undefined && readWord(cursor) !== "endif") refuseNear(cursor, '"endif" missing');
  }
  reader.depth--;
  return { kind: "if", branches, otherwise };
}
