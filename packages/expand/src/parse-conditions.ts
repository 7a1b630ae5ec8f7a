/** Conditions of `${if`, `filter`, `forany`... (manual §"Expansion conditions", §"Combining expansion conditions"). */
import type { BareCondition, Condition, ListCondition, Parts } from "./ast.ts";
import { makeParts, readHeaderName, readParts } from "./parse.ts";
import { readString } from "./parse-items.ts";
import { accept, inside, peek, refuse, refuseBrace, refuseName, skipSpace, take, wants, wantsUnclosed } from "./reader.ts";
import type { Reader } from "./reader.ts";
import { isKnownVariable, unknownVariableHint } from "./variables/names.ts";
import { knownVariables } from "./variables/table.ts";

type Shape = "number" | "text" | "pair" | "single" | "flag" | "group" | "each" | "list" | "def" | "acl" | "saslauthd";

const shapes = (shape: Shape, names: string): [string, Shape][] => names.split(" ").map((name) => [name, shape]);

const SHAPES: ReadonlyMap<string, Shape> = new Map([
  ...shapes("number", "= == < <= > >="),
  ...shapes("text", "eq eqi ge gei gt gti le lei lt lti"),
  ...shapes("pair", "match crypteq inlist inlisti inbound_srs"),
  ...shapes("single", "bool bool_lax exists isip isip4 isip6 ldapauth pam pwcheck radius"),
  ...shapes("flag", "first_delivery queue_running"),
  ...shapes("group", "and or"),
  ...shapes("each", "forall forany forall_json forany_json forall_jsons forany_jsons"),
  ...shapes("list", "match_address match_domain match_ip match_local_part"),
  ...shapes("def", "def"),
  ...shapes("acl", "acl"),
  ...shapes("saslauthd", "saslauthd"),
]);

export const conditionNames: readonly string[] = [...SHAPES.keys()].sort();

const NEVER: BareCondition = { kind: "flag", name: "" };
const NAME = /[<>=]=?|[A-Za-z0-9][A-Za-z0-9_]*/y;

export function readCondition(reader: Reader): Condition {
  skipSpace(reader);
  const at = reader.at;
  const condition = readBare(reader);
  return { ...condition, at, raw: reader.source.slice(at, reader.at) };
}

function readBare(reader: Reader): BareCondition {
  if (peek(reader) === "!") {
    reader.at++;
    return deeper(reader, () => ({ kind: "not", of: readCondition(reader) }));
  }
  const start = reader.at;
  const name = take(reader, NAME);
  wants(reader, "condition", start);
  if (name === "") {
    refuse(reader, `condition name expected, but found "${reader.source.slice(start, start + 16)}"`);
    return NEVER;
  }
  const shape = SHAPES.get(name);
  if (shape === undefined) {
    refuseName(reader, `unknown condition "${name}"`, { name, known: conditionNames });
    return NEVER;
  }
  return deeper(reader, () => readShape(reader, name, shape));
}

function deeper(reader: Reader, read: () => BareCondition): BareCondition {
  if (++reader.depth > 150) refuse(reader, "too many nested conditions");
  const condition = read();
  reader.depth--;
  return condition;
}

function readShape(reader: Reader, name: string, shape: Shape): BareCondition {
  switch (shape) {
    case "flag":
      return { kind: "flag", name };
    case "single":
      return { kind: "single", name, a: readFirst(reader, name) };
    case "number":
    case "text":
    case "pair":
      return { kind: shape, name, a: readFirst(reader, name), b: readSecond(reader, name, true) };
    case "list": {
      const a = readFirst(reader, name);
      const list = readSecond(reader, name, false);
      wantsUnclosed(reader, list.at, name);
      return { kind: "list", name: name as ListCondition, a, list: list.value?.text ?? "" };
    }
    case "def":
      return readDef(reader);
    case "group":
      return { kind: "group", name: name as "and" | "or", members: readMembers(reader, name) };
    case "each":
      return readEach(reader, name);
    case "acl":
      return { kind: "acl", args: readBracketed(reader, name, { min: 1, max: 10 }) };
    case "saslauthd":
      return { kind: "saslauthd", args: readBracketed(reader, name, { min: 2, max: 4 }) };
  }
}

function readFirst(reader: Reader, name: string): Parts {
  if (accept(reader, "{")) return readString(reader);
  refuse(reader, `missing { after "${name}"`);
  return makeParts("", []);
}

function readSecond(reader: Reader, name: string, dollar: boolean): Parts {
  if (accept(reader, "{")) return readParts(reader, { braceEnds: true, dollar });
  refuse(reader, `missing 2nd string in {} after "${name}"`);
  return makeParts("", []);
}

const VARIABLE = /[A-Za-z0-9_]+/y;
const HEADER = /[rbl]?h(?:eader)?_/y;

/** `def:name` or `def:h_name:`; there is no space behind the colon. */
function readDef(reader: Reader): BareCondition {
  if (peek(reader) !== ":") {
    refuse(reader, '":" expected after "def"');
    return NEVER;
  }
  reader.at++;
  if (take(reader, HEADER) !== "") {
    const name = readHeaderName(reader);
    if (reader.at >= reader.source.length) refuseBrace(reader, "missing or misplaced { or }");
    return { kind: "defHeader", name };
  }
  const start = reader.at;
  const name = take(reader, VARIABLE);
  wants(reader, "definable", start);
  if (name === "") refuse(reader, 'variable name omitted after "def:"');
  else if (!isKnownVariable(name))
    refuseName(reader, `unknown variable "${name}" after "def:"${unknownVariableHint(name)}`, { name, known: knownVariables.keys() });
  reader.mentions.add(name);
  return { kind: "def", name };
}

function readMembers(reader: Reader, name: string): Condition[] {
  const members: Condition[] = [];
  if (!accept(reader, "{")) refuse(reader, `missing { after "${name}"`);
  while (reader.fault === undefined && !accept(reader, "}")) {
    if (!accept(reader, "{")) {
      refuse(reader, `each subcondition inside an "${name}{...}" condition must be in its own {}`);
      break;
    }
    members.push(inside(reader, ` inside "${name}{...}" condition`, () => readCondition(reader)));
    if (!accept(reader, "}")) refuse(reader, `missing } at end of condition inside "${name}" group`);
  }
  return members;
}

function readEach(reader: Reader, name: string): BareCondition {
  const list = readFirst(reader, name);
  if (!accept(reader, "{")) refuse(reader, `missing { after "${name}"`);
  const condition = inside(reader, ` inside "${name}" condition`, () => readCondition(reader));
  if (!accept(reader, "}")) refuse(reader, `missing } at end of condition inside "${name}"`);
  return { kind: "each", name, list, condition };
}

/** `acl {{name}{arg}...}`: the strings have braces of their own around them. */
function readBracketed(reader: Reader, name: string, count: { readonly min: number; readonly max: number }): Parts[] {
  const args: Parts[] = [];
  if (!accept(reader, "{")) refuse(reader, `missing { after "${name}"`);
  while (args.length < count.max && accept(reader, "{")) args.push(readString(reader));
  if (reader.fault !== undefined) return args;
  skipSpace(reader);
  if (args.length === count.max && peek(reader) === "{") refuse(reader, `Too many arguments for '${name}' (max is ${count.max})`);
  else if (args.length < count.min || !accept(reader, "}")) refuse(reader, `too few arguments or bracketing error for ${name}`);
  return args;
}
