/**
 * Conditions of `if` (filter manual §"Obeying commands conditionally" and the sections after it). `and` binds more
 * tightly than `or`. Texts of faults are Exim's.
 */
import { compile } from "@mailkit/expand";
import type { Condition, Flag, TextTest } from "./ast.ts";
import { atEnd, peekChar, peekWord, readItem, readWord, refuse, refuseNear, takeChar } from "./cursor.ts";
import type { Cursor } from "./cursor.ts";

/** Parentheses inside parentheses; Exim has no limit, and no need of so many. */
const MAX_DEPTH = 200;

/** What stands between `if` and `then`; takes the `then`. After a fault the result means nothing. */
export function readCondition(cursor: Cursor): Condition {
  return readTree(cursor, 0);
}

const NEVER: Condition = { kind: "or", items: [], negated: false };

function readTree(cursor: Cursor, depth: number): Condition {
  if (depth > MAX_DEPTH) refuseNear(cursor, "too many nested parentheses");
  const choices: Condition[] = [];
  let terms: Condition[] = [];
  for (;;) {
    terms.push(readTerm(cursor, depth));
    if (cursor.fault !== undefined) return NEVER;
    const joint = readJoint(cursor, depth > 0);
    if (joint === "and") continue;
    choices.push(all("and", terms));
    terms = [];
    if (joint !== "or") return cursor.fault === undefined ? all("or", choices) : NEVER;
  }
}

function all(kind: "and" | "or", items: readonly Condition[]): Condition {
  return items.length === 1 ? (items[0] as Condition) : { kind, items, negated: false };
}

/** `and`, `or`, or the end: `then`, or the `)` that the caller takes. */
function readJoint(cursor: Cursor, inside: boolean): "and" | "or" | "end" {
  const next = peekChar(cursor);
  if (next === ")" && inside) return "end";
  if (next === "(" || next === ")") {
    refuse(cursor, `unexpected "${next}" in line ${cursor.line} of filter file`);
    return "end";
  }
  const word = readWord(cursor);
  if (cursor.fault !== undefined || word === "then") {
    if (inside) refuseNear(cursor, 'missing ")" at end of condition');
    return "end";
  }
  if (word === "and" || word === "or") return word;
  const end = inside ? ")" : "then";
  refuse(cursor, `"and" or "or" or "${end}" expected near line ${cursor.line} of filter file, but found "${word}"`);
  return "end";
}

function readTerm(cursor: Cursor, depth: number): Condition {
  let negated = false;
  for (;;) {
    if (atEnd(cursor)) {
      refuse(cursor, '"then" missing at end of filter file');
      return NEVER;
    }
    if (peekChar(cursor) === "(") return negate(readGroup(cursor, depth), negated);
    if (peekChar(cursor) === ")") {
      refuse(cursor, `unexpected ")" in line ${cursor.line} of filter file`);
      return NEVER;
    }
    const item = readItem(cursor, true);
    if (cursor.fault !== undefined) return NEVER;
    if (item === "then") {
      refuseNear(cursor, 'unexpected "then"');
      return NEVER;
    }
    if (item !== "not") return negate(readTest(cursor, item, depth), negated);
    negated = !negated;
  }
}

function negate(condition: Condition, negated: boolean): Condition {
  return negated ? { ...condition, negated: !condition.negated } : condition;
}

function readGroup(cursor: Cursor, depth: number): Condition {
  takeChar(cursor, "(");
  const condition = readTree(cursor, depth + 1);
  if (cursor.fault === undefined) takeChar(cursor, ")");
  return condition;
}

const FLAGS: ReadonlySet<string> = new Set<Flag>(["delivered", "error_message", "first_delivery", "manually_thawed"]);

function readTest(cursor: Cursor, item: string, depth: number): Condition {
  if (FLAGS.has(item)) return { kind: "flag", flag: item as Flag, negated: false };
  if (item === "personal") return { kind: "personal", aliases: readAliases(cursor), negated: false };
  if (item !== "foranyaddress") return readComparison(cursor, item);
  const list = readItem(cursor, true);
  if (cursor.fault !== undefined) return NEVER;
  if (peekChar(cursor) !== "(") {
    refuseNear(cursor, '"(" expected after "foranyaddress"');
    return NEVER;
  }
  return { kind: "foranyaddress", list: compile(list), condition: readGroup(cursor, depth), negated: false };
}

/** `alias a@b`, any number of times; the addresses are not expanded. */
function readAliases(cursor: Cursor): string[] {
  const aliases: string[] = [];
  while (peekWord(cursor) === "alias") {
    readWord(cursor);
    aliases.push(readItem(cursor, true));
  }
  return aliases;
}

type Test = readonly [TextTest | "above" | "below", boolean];

const TESTS: ReadonlyMap<string, Test> = new Map<string, Test>([
  ["is", ["is", false]],
  ["IS", ["is", true]],
  ["above", ["above", false]],
  ["below", ["below", false]],
  ...bothCases("begins", "begin"),
  ...bothCases("contains", "contain"),
  ...bothCases("ends", "end"),
  ...bothCases("matches", "match"),
]);

/** `contains` and `contain`, and as capitals, which make the test mind the case. */
function bothCases(test: TextTest, stem: string): (readonly [string, Test])[] {
  return [test, stem].flatMap((word) => [[word, [test, false]] as const, [word.toUpperCase(), [test, true]] as const]);
}

/** `is not above`, `does not contain`, `CONTAINS`, ... and the second value. */
function readComparison(cursor: Cursor, left: string): Condition {
  let word = readWord(cursor, true);
  let negated = false;
  if (word === "is" || word === "IS") {
    negated = takeNot(cursor);
    const next = peekWord(cursor);
    if (next === "above" || next === "below") word = readWord(cursor);
  } else if (word === "does" || word === "DOES") {
    negated = takeNot(cursor);
    word = readWord(cursor, true);
  }
  if (cursor.fault !== undefined) return NEVER;
  const found = TESTS.get(word);
  if (found === undefined) {
    refuseNear(cursor, `unrecognized condition word "${word}"`);
    return NEVER;
  }
  const right = compile(readItem(cursor, true));
  const [test, caseful] = found;
  if (test === "above" || test === "below") return { kind: "number", test, left: compile(left), right, negated };
  return { kind: "text", test, caseful, left: compile(left), right, negated };
}

function takeNot(cursor: Cursor): boolean {
  const word = peekWord(cursor);
  if (word !== "not" && word !== "NOT") return false;
  readWord(cursor);
  return true;
}
