/**
 * Text to tree (manual §"String expansions"). Total: a fault becomes a node at its place, in Exim's words, and nothing
 * after it is read, as Exim stops there too. Evaluates nothing.
 */
import { expansionError, value } from "@mailkit/sdk";
import type { HeaderForm } from "@mailkit/sdk";
import type { Node, Parts } from "./ast.ts";
import { readEscape } from "./escape.ts";
import { isItem, itemNames, readItem } from "./parse-items.ts";
import { findOperator, operatorNames } from "./operators.ts";
import { newReader, peek, refuse, refuseBrace, refuseName, take, wants, wantsUnclosed } from "./reader.ts";
import type { Reader, Wanted } from "./reader.ts";
import { isFilterVariable, isKnownVariable, unknownVariableHint } from "./variables/names.ts";
import { knownVariables } from "./variables/table.ts";

export interface ParsedString {
  readonly parts: Parts;
  readonly fault: { readonly message: string; readonly offset: number; readonly hint?: string } | undefined;
  readonly mentions: ReadonlySet<string>;
  /** The name that the string ends in, for completion. */
  readonly wanted: Wanted | undefined;
}

/** Deep enough for every configuration, shallow enough for the stack. */
const DEPTH_LIMIT = 150;

export function parse(source: string): ParsedString {
  const reader = newReader(source);
  const parts = readParts(reader, { braceEnds: false, dollar: true });
  return { parts, fault: reader.fault, mentions: reader.mentions, wanted: reader.wanted };
}

interface Rules {
  /** A closing brace ends the text and must come. */
  readonly braceEnds: boolean;
  /** Off for the lists of `match_domain` and the like, which are not expanded. */
  readonly dollar: boolean;
}

const LITERAL = /[^$\\}]+/y;
const LITERAL_WITH_BRACE = /[^$\\]+/y;
const LITERAL_WITH_DOLLAR = /[^\\}]+/y;

/** Nodes up to the closing brace (which is taken) or to the end. */
export function readParts(reader: Reader, rules: Rules): Parts {
  const start = reader.at;
  const nodes: Node[] = [];
  const plain = rules.dollar ? (rules.braceEnds ? LITERAL : LITERAL_WITH_BRACE) : LITERAL_WITH_DOLLAR;
  if (++reader.depth > DEPTH_LIMIT) refuse(reader, "too many nested items");
  while (reader.at < reader.source.length && !(rules.braceEnds && peek(reader) === "}")) {
    const from = reader.at;
    const text = take(reader, plain);
    if (text !== "") nodes.push({ kind: "literal", text, raw: text });
    else nodes.push(readSpecial(reader, from));
    if (reader.fault !== undefined) {
      nodes[nodes.length - 1] = faultNode(reader, from);
      break;
    }
  }
  reader.depth--;
  const raw = reader.source.slice(start, reader.at);
  if (rules.braceEnds && reader.fault === undefined) {
    if (peek(reader) === "}") reader.at++;
    else refuseBrace(reader, "missing } at end of string");
  }
  return makeParts(raw, nodes, start);
}

function faultNode(reader: Reader, from: number): Node {
  return { kind: "fault", raw: reader.source.slice(from), failure: expansionError(reader.fault?.message ?? "") };
}

export function makeParts(raw: string, nodes: readonly Node[], at = 0): Parts {
  return { raw, at, nodes, value: constantOf(nodes) };
}

function constantOf(nodes: readonly Node[]): Parts["value"] {
  let text = "";
  for (const node of nodes) {
    if (node.kind !== "literal") return undefined;
    text += node.text;
  }
  return value(text) as Parts["value"];
}

/** What begins with a backslash or a dollar. */
function readSpecial(reader: Reader, from: number): Node {
  const { source } = reader;
  const node = source[from] === "\\" ? readBackslash(reader) : readDollar(reader);
  return { ...node, raw: source.slice(from, reader.at) };
}

function readBackslash(reader: Reader): Node {
  const { source, at } = reader;
  if (source[at + 1] === "N") {
    const end = source.indexOf("\\N", at + 2);
    reader.at = end < 0 ? source.length : end + 2;
    return { kind: "literal", text: source.slice(at + 2, end < 0 ? undefined : end), raw: "" };
  }
  if (at + 1 >= source.length) refuse(reader, "\\ at end of string");
  const escape = readEscape(source, at);
  reader.at = escape.end;
  return { kind: "literal", text: escape.text, raw: "" };
}

const NAME = /[A-Za-z][A-Za-z0-9_]*/y;
const NUMBER = /[0-9]+/y;
const HEADER = /^(r|b|l|)h(?:eader)?_/;

function readDollar(reader: Reader): Node {
  reader.at++;
  if (peek(reader) === "{") {
    reader.at++;
    return readBraced(reader);
  }
  const start = reader.at;
  const name = take(reader, NAME);
  wants(reader, "variable", start);
  const header = HEADER.exec(name);
  if (header !== null) {
    reader.at = start + header[0].length;
    return { kind: "header", form: `${header[1]}h` as HeaderForm, name: readHeaderName(reader), raw: "" };
  }
  if (name !== "") return variable(reader, name, `unknown variable name "${shown(name)}"`);
  const number = take(reader, NUMBER);
  if (number !== "") return numeric(reader, number);
  refuse(reader, "$ not followed by letter, digit, or {");
  return NOTHING;
}

/** Stands where a fault will be put. */
export const NOTHING: Node = { kind: "literal", text: "", raw: "" };

/** Exim reads no more of a name than this. */
function shown(name: string): string {
  return name.slice(0, 255);
}

function variable(reader: Reader, name: string, unknown: string): Node {
  if (!isKnownVariable(name)) refuseName(reader, unknown + unknownVariableHint(name), { name, known: knownVariables.keys() });
  reader.mentions.add(name);
  return { kind: "variable", name, raw: "" };
}

function numeric(reader: Reader, digits: string): Node {
  reader.mentions.add(digits);
  return { kind: "numeric", index: Number(digits), raw: "" };
}

const HEADER_NAME = /[^:\s]*/y;

/** A header name goes up to a colon, which is taken, or to white space, which is not. RFC 5322 §2.2. */
export function readHeaderName(reader: Reader): string {
  const start = reader.at;
  const name = take(reader, HEADER_NAME);
  wants(reader, "header", start);
  if (name.includes("}")) reader.braceInHeader = true;
  if (peek(reader) === ":") reader.at++;
  reader.mentions.add(`h_${name.toLowerCase()}:`);
  return name;
}

const ITEM_NAME = /[A-Za-z][A-Za-z0-9_-]*/y;

/** After `${`: an item, a variable, or an operator. */
function readBraced(reader: Reader): Node {
  const number = take(reader, NUMBER);
  if (number !== "") {
    if (peek(reader) !== "}") refuse(reader, "} expected after number");
    reader.at++;
    return numeric(reader, number);
  }
  const start = reader.at;
  const name = take(reader, ITEM_NAME);
  wants(reader, "braced", start);
  if (name === "") {
    refuse(reader, "letter or digit expected after ${");
    return NOTHING;
  }
  if (isItem(name)) return readItem(reader, name);
  if (peek(reader) === "}") {
    reader.at++;
    return isFilterVariable(name)
      ? { kind: "variable", name, raw: "" }
      : variable(reader, name, `unknown variable in "\${${shown(name)}}"`);
  }
  if (peek(reader) === ":") return readOperator(reader, name);
  const message = `"\${${name}" is not a known operator (or a } is missing in a variable reference)`;
  refuseName(reader, message, { name, known: [...itemNames, ...operatorNames, ...knownVariables.keys()] });
  return NOTHING;
}

function readOperator(reader: Reader, name: string): Node {
  const found = findOperator(name);
  const start = reader.at++;
  const open = reader.at;
  const body = readParts(reader, { braceEnds: true, dollar: true });
  if (name.startsWith("listnamed")) wantsUnclosed(reader, open, name);
  if (found === undefined) {
    // As in Exim, a fault of its string is told first.
    refuseName(reader, `unknown expansion operator "${name}"`, {
      name: name.replace(/_-?[0-9].*$/, ""),
      known: operatorNames,
      offset: start,
    });
    return NOTHING;
  }
  return { kind: "operator", name, operator: found.operator, suffix: found.suffix, body, raw: "" };
}
