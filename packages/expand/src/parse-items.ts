/** Items with braces: `${if ...}`, `${lookup ...}`, `${sg{a}{b}{c}}` (manual §"Expansion items"). Texts of faults are Exim's. */
import { splitCommand } from "@mailkit/sdk";
import type { Branches, ExtractNode, LookupNode, Node, Parts, RunNode, Word } from "./ast.ts";
import { makeParts, NOTHING, parse, readParts } from "./parse.ts";
import { readCondition } from "./parse-conditions.ts";
import { readEach, readReduce, readSort } from "./parse-list-items.ts";
import { accept, peek, refuse, skipSpace, take, wants } from "./reader.ts";
import type { Reader } from "./reader.ts";
import { isCertificate, isKnownVariable } from "./variables/names.ts";

/** Items that take a fixed range of strings and nothing else. */
const CALLS: Readonly<Record<string, readonly [number, number]>> = {
  acl: [1, 10],
  authresults: [1, 1],
  dlfunc: [2, 10],
  hash: [2, 3],
  hmac: [3, 3],
  imapfolder: [1, 3],
  length: [2, 2],
  listquote: [2, 2],
  nhash: [2, 3],
  perl: [1, 9],
  prvs: [2, 3],
  readfile: [1, 2],
  readsocket: [2, 5],
  sg: [3, 3],
  srs_encode: [3, 3],
  substr: [2, 3],
  tr: [3, 3],
};

const READERS: Readonly<Record<string, (reader: Reader) => Node>> = {
  certextract: readCertextract,
  env: readEnv,
  extract: readExtract,
  filter: (reader) => readEach(reader, "filter"),
  if: readIf,
  listextract: readListextract,
  lookup: readLookup,
  map: (reader) => readEach(reader, "map"),
  prvscheck: readPrvscheck,
  reduce: readReduce,
  run: readRun,
  sort: readSort,
};

export const itemNames: readonly string[] = [...Object.keys(CALLS), ...Object.keys(READERS)].sort();

export function isItem(name: string): boolean {
  return Object.hasOwn(CALLS, name) || Object.hasOwn(READERS, name);
}

/** The reader stands behind the name; the closing brace is taken. */
export function readItem(reader: Reader, name: string): Node {
  const own = READERS[name];
  if (own !== undefined) return own(reader);
  const [min, max] = CALLS[name] as readonly [number, number];
  return { kind: "call", name, args: readArguments(reader, name, { min, max }), raw: "" };
}

function readArguments(reader: Reader, name: string, count: { readonly min: number; readonly max: number }): Parts[] {
  const args: Parts[] = [];
  while (args.length < count.max && accept(reader, "{")) args.push(readString(reader));
  if (reader.fault !== undefined) return args;
  if (args.length < count.min) refuse(reader, `Not enough arguments for '${name}' (min is ${count.min})`);
  else if (!accept(reader, "}")) {
    refuse(reader, peek(reader) === "{" ? `Too many arguments for '${name}' (max is ${count.max})` : `missing '}' after '${name}'`);
  }
  return args;
}

export function readString(reader: Reader): Parts {
  return readParts(reader, { braceEnds: true, dollar: true });
}

/** `{...}` that must come; `fault` is what to say when it does not. */
export function readWanted(reader: Reader, fault: string): Parts {
  if (accept(reader, "{")) return readString(reader);
  refuse(reader, fault);
  return makeParts("", []);
}

const WORD = /[A-Za-z][A-Za-z0-9_]*/y;
const YES_NO = "curly-bracket problem in conditional yes/no parsing:";

/** What follows a test: nothing, `{yes}`, `{yes}{no}` or `{yes}fail`, and the closing brace. */
export function readBranches(reader: Reader, item: string): Branches {
  let yes: Parts | undefined;
  let no: Parts | undefined;
  let fail = false;
  if (accept(reader, "}")) return { item, yes, no, fail };
  if (!accept(reader, "{")) {
    refuse(reader, `${YES_NO} 'yes' part did not start with '{'\n remaining string is '${reader.source.slice(reader.at)}'`);
    return { item, yes, no, fail };
  }
  yes = readString(reader);
  if (accept(reader, "{")) no = readString(reader);
  else if (peek(reader) !== "}") {
    fail = take(reader, WORD) === "fail";
    if (!fail) refuse(reader, `syntax error in "${item}" item - "fail" expected`);
  }
  if (!accept(reader, "}")) {
    const ended = `${YES_NO} did not close with '}'\n remaining string is '${reader.source.slice(reader.at)}'`;
    refuse(reader, reader.iterations > 0 ? `missing '}' closing ${item}` : ended);
  }
  return { item, yes, no, fail };
}

function readIf(reader: Reader): Node {
  const condition = readCondition(reader);
  return { kind: "if", condition, branches: readBranches(reader, "if"), raw: "" };
}

const LOOKUP_TYPE = /[A-Za-z][^\s{]*/y;

function readLookup(reader: Reader): LookupNode | Node {
  const key = accept(reader, "{") ? readString(reader) : undefined;
  skipSpace(reader);
  const start = reader.at;
  const type = take(reader, LOOKUP_TYPE);
  wants(reader, "lookup", start);
  if (type === "") {
    refuse(reader, "missing lookup type");
    return NOTHING;
  }
  skipSpace(reader);
  if (peek(reader) === "" && type.endsWith("}")) refuse(reader, `unknown lookup type "${type}"`);
  const target = readWanted(reader, "missing '{' for lookup file-or-query arg");
  return { kind: "lookup", key, type, target, branches: readBranches(reader, "lookup"), raw: "" };
}

/** Is it `${extract{number}{separators}{string}...` or `${extract{key}{string}...`? The first string decides. */
function readExtract(reader: Reader): ExtractNode {
  skipSpace(reader);
  const json = take(reader, /jsons?(?=[\s{])/y) as "" | "json" | "jsons";
  const args = [readWanted(reader, "missing '{' for arg 1 of extract"), readWanted(reader, "missing '{' for arg 2 of extract")];
  const first = args[0]?.value;
  const undecided = json === "" && first === undefined;
  if (undecided) return { kind: "extract", json, args, undecided, branches: readUndecided(reader, args), raw: "" };
  const numbered = json === "" && /^\s*-?[0-9]+\s*$/.test(first?.text ?? "");
  if (numbered) args.push(readWanted(reader, "missing '{' for arg 3 of extract"));
  return { kind: "extract", json, args, undecided, branches: readBranches(reader, "extract"), raw: "" };
}

function readUndecided(reader: Reader, args: Parts[]): Branches {
  while (args.length < 5 && accept(reader, "{")) args.push(readString(reader));
  skipSpace(reader);
  const fail = args.length > 2 && take(reader, /fail\b/y) !== "";
  if (!accept(reader, "}")) {
    const ended = `${YES_NO} did not close with '}'\n remaining string is '${reader.source.slice(reader.at)}'`;
    refuse(reader, peek(reader) === "{" ? ended : `syntax error in "extract" item - "fail" expected`);
  }
  return { item: "extract", yes: undefined, no: undefined, fail };
}

function readListextract(reader: Reader): Node {
  const index = readWanted(reader, "missing '{' for arg 1 of listextract");
  const list = readWanted(reader, "missing '{' for arg 2 of listextract");
  return { kind: "listextract", index, list, branches: readBranches(reader, "listextract"), raw: "" };
}

function readEnv(reader: Reader): Node {
  const key = readWanted(reader, "missing '{' for name arg of env");
  return { kind: "env", key, branches: readBranches(reader, "env"), raw: "" };
}

/** The certificate is named, not expanded: what stands for it in a string is no certificate any more. */
function readCertextract(reader: Reader): Node {
  const field = readWanted(reader, "missing '{' for field arg of certextract");
  if (!accept(reader, "{")) refuse(reader, "missing '{' for cert variable arg of certextract");
  if (!accept(reader, "$")) refuse(reader, 'second argument of "certextract" must be a certificate variable');
  const braced = accept(reader, "{");
  const variable = take(reader, WORD);
  if (!isKnownVariable(variable)) refuse(reader, `no variable named "${variable}"`);
  if (!isCertificate(variable)) refuse(reader, `"${variable}" is not a certificate`);
  if (braced && !accept(reader, "}")) refuse(reader, "missing } at end of string");
  if (!accept(reader, "}")) refuse(reader, "missing '}' closing cert variable arg of certextract");
  reader.mentions.add(variable);
  return { kind: "certextract", field, variable, branches: readBranches(reader, "certextract"), raw: "" };
}

function readRun(reader: Reader): RunNode | Node {
  let preexpand = false;
  while (peek(reader) === ",") {
    reader.at++;
    const option = take(reader, /[^\s{,]*/y);
    if (option !== "preexpand")
      refuse(reader, `bad option '${option === "" ? reader.source.slice(reader.at).split("{")[0] : option}' for run`);
    preexpand = true;
  }
  if (!accept(reader, "{")) {
    refuse(reader, "missing '{' for command arg of run");
    return NOTHING;
  }
  const start = reader.at;
  const command = readString(reader);
  const { fault } = reader;
  if (fault?.message.startsWith("missing } at end of string")) fault.message = "missing '}' closing command arg of run";
  const text = reader.source.slice(start, start + command.raw.length);
  const words = preexpand || reader.fault !== undefined ? [] : readWords(text, reader);
  return { kind: "run", preexpand, command, words, branches: readBranches(reader, "run"), raw: "" };
}

/** Words first, each expanded by itself afterwards: no value can add an argument. */
function readWords(text: string, reader: Reader): Word[] | string {
  const split = splitCommand(text);
  if ("fault" in split) return split.fault;
  return split.words.map((word) => {
    const parsed = parse(word);
    for (const name of parsed.mentions) reader.mentions.add(name);
    return { text: word, parts: parsed.parts, fault: parsed.fault?.message };
  });
}

function readPrvscheck(reader: Reader): Node {
  const few = "Not enough arguments for 'prvscheck' (min is 1)";
  const address = readWanted(reader, few);
  const secret = readWanted(reader, few);
  const result = accept(reader, "{") ? readString(reader) : undefined;
  if (!accept(reader, "}")) {
    refuse(reader, peek(reader) === "{" ? "Too many arguments for 'prvscheck' (max is 2)" : "missing '}' after 'prvscheck'");
  }
  return { kind: "prvscheck", address, secret, result, raw: "" };
}
