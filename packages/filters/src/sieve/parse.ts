/**
 * A Sieve script's text to its tree (RFC 5228 §8.2; README.SIEVE of Exim). Pure and total. Where it cannot be read, the
 * tree gets a `fault` in that place: what comes before it is done, as Exim does, which reads and runs in one go.
 */
import { parseMailbox } from "@mailkit/message";
import type { Notify, SieveBranch, SieveCommand, Vacation } from "./ast.ts";
import { atEnd, newLexer, refuse, takeNumber, takeSign, takeString, takeStrings, takeWord } from "./lexer.ts";
import type { Lexer } from "./lexer.ts";
import { readTest } from "./parse-test.ts";

export interface SieveRules {
  /** `sieve_vacation_directory` is set. */
  readonly vacation: boolean;
  /** `sieve_enotify_mailto_owner` is set. */
  readonly enotify: boolean;
}

export interface SieveReader {
  readonly lexer: Lexer;
  readonly rules: SieveRules;
  readonly required: Set<string>;
  depth: number;
}

export function parseSieve(text: string, rules: SieveRules): readonly SieveCommand[] {
  const reader: SieveReader = { lexer: newLexer(text), rules, required: new Set(), depth: 0 };
  readRequires(reader);
  const commands: SieveCommand[] = [];
  readCommands(reader, commands);
  if (reader.lexer.fault === undefined && !atEnd(reader.lexer) && commands.at(-1)?.kind !== "stop") refuse(reader.lexer, "syntax error");
  return withFault(reader, commands);
}

function withFault({ lexer }: SieveReader, commands: SieveCommand[]): SieveCommand[] {
  if (lexer.fault !== undefined) commands.push({ kind: "fault", ...lexer.fault });
  return commands;
}

const CAPABILITIES = new Set([
  "envelope",
  "fileinto",
  "encoded-character",
  "subaddress",
  "vacation",
  "copy",
  "enotify",
  "comparator-i;octet",
  "comparator-i;ascii-casemap",
  "comparator-en;ascii-casemap",
  "comparator-i;ascii-numeric",
]);

function readRequires(reader: SieveReader): void {
  const { lexer, rules, required } = reader;
  while (takeWord(lexer, "require")) {
    const names = takeStrings(lexer);
    if (names === undefined) return refuse(lexer, "capability string list expected");
    for (const name of names) {
      if (!CAPABILITIES.has(name)) return refuse(lexer, "unknown capability");
      if (name === "vacation" && !rules.vacation) return refuse(lexer, "vacation disabled");
      if (name === "enotify" && !rules.enotify) return refuse(lexer, "enotify disabled");
      required.add(name);
      if (name === "encoded-character") lexer.encodedCharacters = true;
    }
    readSemicolon(reader);
  }
}

export function needs({ lexer, required }: SieveReader, capability: string): void {
  if (!required.has(capability)) refuse(lexer, `missing previous require "${capability}";`);
}

function readSemicolon({ lexer }: SieveReader): void {
  if (!takeSign(lexer, ";")) refuse(lexer, "missing semicolon");
}

/** As long as commands come; stops after `stop` outside of blocks, where nothing is read any more. */
function readCommands(reader: SieveReader, commands: SieveCommand[]): void {
  const { lexer } = reader;
  while (lexer.fault === undefined && !atEnd(lexer)) {
    const command = readCommand(reader);
    if (command === undefined) return;
    if (lexer.fault === undefined || command.kind === "if") commands.push(command);
    if (command.kind === "stop" && reader.depth === 0) return;
  }
}

function readCommand(reader: SieveReader): SieveCommand | undefined {
  const { lexer } = reader;
  if (takeWord(lexer, "if")) return readIf(reader);
  const command = readAction(reader);
  if (command !== undefined && lexer.fault === undefined) readSemicolon(reader);
  return command;
}

function readAction(reader: SieveReader): SieveCommand | undefined {
  const { lexer } = reader;
  const { line } = lexer;
  for (const kind of ["keep", "discard", "stop"] as const) if (takeWord(lexer, kind)) return { kind };
  if (takeWord(lexer, "redirect")) return readRedirect(reader);
  if (takeWord(lexer, "fileinto")) return readFileinto(reader);
  if (takeWord(lexer, "vacation")) return { kind: "vacation", vacation: readVacation(reader), line };
  if (takeWord(lexer, "notify")) return { kind: "notify", notify: readNotify(reader), line };
  return undefined;
}

const MAX_DEPTH = 100;

function readIf(reader: SieveReader): SieveCommand {
  const { lexer } = reader;
  const branches: SieveBranch[] = [];
  let otherwise: SieveCommand[] = [];
  do {
    const test = readTest(reader);
    if (test === undefined) refuse(lexer, "missing test");
    if (test === undefined || lexer.fault !== undefined) return { kind: "if", branches, otherwise: withFault(reader, otherwise) };
    branches.push({ test, commands: readBlock(reader) });
  } while (lexer.fault === undefined && takeWord(lexer, "elsif"));
  if (lexer.fault === undefined && takeWord(lexer, "else")) otherwise = readBlock(reader);
  return { kind: "if", branches, otherwise };
}

function readBlock(reader: SieveReader): SieveCommand[] {
  const { lexer } = reader;
  const commands: SieveCommand[] = [];
  if (++reader.depth > MAX_DEPTH) refuse(lexer, "blocks are nested too deeply");
  if (!takeSign(lexer, "{")) refuse(lexer, "missing block");
  readCommands(reader, commands);
  if (!takeSign(lexer, "}")) refuse(lexer, "expecting command or closing brace");
  reader.depth--;
  return withFault(reader, commands);
}

function takeCopy(reader: SieveReader): boolean {
  const copy = takeWord(reader.lexer, ":copy");
  if (copy) needs(reader, "copy");
  return copy;
}

/** No address without a domain: what it would be depends on the system (filter manual §"Semantics of redirect"). */
function readRedirect(reader: SieveReader): SieveCommand {
  const { lexer } = reader;
  const copy = takeCopy(reader);
  const address = takeString(lexer);
  if (address === undefined) refuse(lexer, "missing redirect recipient string");
  else if (!address.includes("@")) refuse(lexer, "unqualified recipient address");
  const mailbox = parseMailbox(address ?? "");
  if (!mailbox.ok || mailbox.domain === "")
    refuse(lexer, `malformed address "${address}" (${mailbox.ok ? "domain missing" : mailbox.message})`);
  return { kind: "redirect", address: mailbox.ok ? mailbox.address : "", copy };
}

function readFileinto(reader: SieveReader): SieveCommand {
  const { lexer } = reader;
  needs(reader, "fileinto");
  const copy = takeCopy(reader);
  const folder = takeString(lexer);
  if (folder === undefined) refuse(lexer, "missing fileinto folder string");
  // oxlint-disable-next-line no-control-regex
  if (folder === "" || /(?:^|\/)\.\.(?:\/|$)|[\x00\n]/.test(folder ?? "")) refuse(lexer, "invalid folder");
  return { kind: "fileinto", folder: folder ?? "", copy };
}

const DEFAULT_DAYS = 7;
const MAX_DAYS = 31;

/** RFC 5230 §4; the last of equal tags counts. */
function readVacation(reader: SieveReader): Vacation {
  const { lexer } = reader;
  needs(reader, "vacation");
  let days: number | undefined;
  let addresses: readonly string[] | undefined;
  let mime = false;
  const texts = new Map<string, string>();
  for (let more = lexer.fault === undefined; more;) {
    const tag = ["subject", "from", "handle"].find((word) => takeWord(lexer, `:${word}`));
    if (tag !== undefined) texts.set(tag, text(lexer, `${tag} string expected`));
    else if (takeWord(lexer, ":days")) {
      days = takeNumber(lexer);
      if (days === undefined) refuse(lexer, "missing number");
    } else if (takeWord(lexer, ":addresses")) {
      addresses = takeStrings(lexer);
      if (addresses === undefined) refuse(lexer, "addresses string list expected");
    } else if (takeWord(lexer, ":mime")) mime = true;
    else more = false;
  }
  checkFrom(lexer, texts.get("from"));
  const reason = text(lexer, "missing reason string");
  return {
    days: Math.min(Math.max(days ?? DEFAULT_DAYS, 1), MAX_DAYS),
    subject: texts.get("subject"),
    from: texts.get("from"),
    addresses: addresses ?? [],
    mime,
    handle: texts.get("handle"),
    reason,
  };
}

function text(lexer: Lexer, missing: string): string {
  const found = takeString(lexer);
  if (found === undefined) refuse(lexer, missing);
  return found ?? "";
}

function checkFrom(lexer: Lexer, from: string | undefined): void {
  if (from === undefined || lexer.fault !== undefined) return;
  const mailbox = parseMailbox(from);
  if (!mailbox.ok) refuse(lexer, mailbox.empty === true ? "empty address" : `malformed address "${from}" (${mailbox.message})`);
}

/** RFC 5435 §3. */
function readNotify(reader: SieveReader): Notify {
  const { lexer } = reader;
  needs(reader, "enotify");
  const texts = new Map<string, string>();
  for (let more = lexer.fault === undefined; more;) {
    const tag = ["from", "importance", "message"].find((word) => takeWord(lexer, `:${word}`));
    if (tag !== undefined) texts.set(tag, text(lexer, `${tag} string expected`));
    else if (takeWord(lexer, ":options")) {
      if (takeStrings(lexer) === undefined) refuse(lexer, "options string list expected");
    } else more = false;
  }
  const importance = texts.get("importance");
  if (importance !== undefined && !/^[123]$/.test(importance)) refuse(lexer, "invalid importance");
  checkFrom(lexer, texts.get("from"));
  return { from: texts.get("from"), importance, message: texts.get("message"), method: text(lexer, "missing method string") };
}
