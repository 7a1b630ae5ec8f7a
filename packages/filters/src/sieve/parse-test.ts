/** Tests of Sieve (RFC 5228 §5, RFC 5233, RFC 5435 §4 and §5). Texts of faults are Exim's. */
import type { AddressPart, Comparator, Matching, MatchType, SieveTest } from "./ast.ts";
import { refuse, takeNumber, takeSign, takeString, takeStrings, takeWord } from "./lexer.ts";
import type { SieveReader } from "./parse.ts";
import { needs } from "./parse.ts";

const NEVER: SieveTest = { kind: "constant", value: false };
const MAX_DEPTH = 100;

/** Undefined, without a fault, when no test stands here. */
export function readTest(reader: SieveReader, depth = 0): SieveTest | undefined {
  const { lexer } = reader;
  if (depth > MAX_DEPTH) return refused(reader, "tests are nested too deeply");
  if (takeWord(lexer, "true")) return { kind: "constant", value: true };
  if (takeWord(lexer, "false")) return NEVER;
  if (takeWord(lexer, "not")) return { kind: "not", test: readTest(reader, depth + 1) ?? refused(reader, "missing test") };
  if (takeWord(lexer, "allof")) return { kind: "allof", tests: readList(reader, depth) };
  if (takeWord(lexer, "anyof")) return { kind: "anyof", tests: readList(reader, depth) };
  if (takeWord(lexer, "exists")) return { kind: "exists", headers: headerNames(reader, EXISTS) };
  if (takeWord(lexer, "size")) return readSize(reader);
  if (takeWord(lexer, "header")) return readHeader(reader);
  if (takeWord(lexer, "address")) return readAddress(reader, "address");
  if (takeWord(lexer, "envelope")) {
    needs(reader, "envelope");
    return readAddress(reader, "envelope");
  }
  if (takeWord(lexer, "valid_notify_method")) {
    needs(reader, "enotify");
    return { kind: "validNotifyMethod", uris: strings(reader, "URI string list expected") };
  }
  return takeWord(lexer, "notify_method_capability") ? readCapability(reader) : undefined;
}

function refused({ lexer }: SieveReader, message: string): SieveTest {
  refuse(lexer, message);
  return NEVER;
}

function readList(reader: SieveReader, depth: number): SieveTest[] {
  const { lexer } = reader;
  const tests: SieveTest[] = [];
  if (!takeSign(lexer, "(")) refuse(lexer, "missing test list");
  do tests.push(readTest(reader, depth + 1) ?? refused(reader, "missing test"));
  while (takeSign(lexer, ","));
  if (!takeSign(lexer, ")")) refuse(lexer, "missing closing paren");
  return tests;
}

function strings({ lexer }: SieveReader, missing: string): readonly string[] {
  const found = takeStrings(lexer);
  if (found === undefined) refuse(lexer, missing);
  return found ?? [];
}

const NAME = /^[!-9;-~\x80-\xff]+$/;
const EXISTS = "header string expansion failed";

/** A name that no header line can have is a fault, to help who looks for errors (filter manual §"Strings containing header names"). */
function headerNames(reader: SieveReader, fault = "invalid header field"): readonly string[] {
  const names = strings(reader, "header string list expected");
  if (!names.every((name) => NAME.test(name))) refuse(reader.lexer, fault);
  return names;
}

function readSize(reader: SieveReader): SieveTest {
  const { lexer } = reader;
  const over = takeWord(lexer, ":over");
  if (!over && !takeWord(lexer, ":under")) return refused(reader, "missing :over or :under");
  const limit = takeNumber(lexer);
  return limit === undefined ? refused(reader, "missing number") : { kind: "size", over, limit };
}

function readHeader(reader: SieveReader): SieveTest {
  const { matching } = readTags(reader, false);
  return { kind: "header", headers: headerNames(reader), keys: strings(reader, "key string list expected"), matching: matching() };
}

/** Those that hold addresses (RFC 5228 §5.1), as Exim knows them. */
const ADDRESS_HEADERS = new Set(["from", "to", "cc", "bcc", "sender", "resent-from", "resent-to"]);

function readAddress(reader: SieveReader, kind: "address" | "envelope"): SieveTest {
  const { matching, part } = readTags(reader, true);
  const list = strings(reader, `${kind === "address" ? "header" : "envelope"} string list expected`);
  const fields = list.map((name) => name.toLowerCase());
  if (kind === "address" && !fields.every((name) => ADDRESS_HEADERS.has(name))) refuse(reader.lexer, "invalid header field");
  if (kind === "envelope" && !fields.every((name) => name === "from" || name === "to")) refuse(reader.lexer, "invalid envelope string");
  return { kind, part, fields, keys: strings(reader, "key string list expected"), matching: matching() };
}

function readCapability(reader: SieveReader): SieveTest {
  const { lexer } = reader;
  needs(reader, "enotify");
  const { matching } = readTags(reader, false);
  const uri = takeString(lexer);
  if (uri === undefined) return refused(reader, "missing notification URI string");
  const capability = takeString(lexer);
  if (capability === undefined) return refused(reader, "missing notification capability string");
  return { kind: "notifyMethodCapability", uri, capability, keys: strings(reader, "missing key string list"), matching: matching() };
}

interface Tags {
  readonly part: AddressPart;
  /** Checks that comparator and match type go together. */
  readonly matching: () => Matching;
}

const PARTS: readonly AddressPart[] = ["user", "detail", "localpart", "domain", "all"];
const MATCHES: readonly MatchType[] = ["is", "contains", "matches"];

/** Tagged arguments, in any order, each once. */
function readTags(reader: SieveReader, parts: boolean): Tags {
  const { lexer } = reader;
  let part: AddressPart | undefined;
  let match: MatchType | undefined;
  let comparator: Comparator | undefined;
  for (let more = true; more;) {
    const foundPart = parts ? PARTS.find((word) => takeWord(lexer, `:${word}`)) : undefined;
    const foundMatch = foundPart === undefined ? MATCHES.find((word) => takeWord(lexer, `:${word}`)) : undefined;
    if (foundPart !== undefined) {
      if (part !== undefined) refuse(lexer, "address part already specified");
      if (foundPart === "user" || foundPart === "detail") needs(reader, "subaddress");
      part = foundPart;
    } else if (foundMatch !== undefined) {
      if (match !== undefined) refuse(lexer, "match type already specified");
      match = foundMatch;
    } else if (takeWord(lexer, ":comparator")) {
      if (comparator !== undefined) refuse(lexer, "comparator already specified");
      comparator = readComparator(reader);
    } else more = false;
  }
  const chosen: Matching = { match: match ?? "is", comparator: comparator ?? "i;ascii-casemap" };
  const matching = (): Matching => {
    if (chosen.comparator === "i;ascii-numeric" && chosen.match !== "is") refuse(lexer, "comparator does not offer specified matchtype");
    return chosen;
  };
  return { part: part ?? "all", matching };
}

function readComparator(reader: SieveReader): Comparator {
  const { lexer } = reader;
  const name = takeString(lexer)?.toLowerCase();
  switch (name) {
    case "i;octet":
    case "i;ascii-casemap":
      return name;
    case "en;ascii-casemap":
      return "i;ascii-casemap";
    case "i;ascii-numeric":
      needs(reader, "comparator-i;ascii-numeric");
      return name;
    default:
      refuse(lexer, name === undefined ? "missing comparator" : "invalid comparator");
      return "i;ascii-casemap";
  }
}
