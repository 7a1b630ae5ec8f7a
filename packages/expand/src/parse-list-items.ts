/** `map`, `filter`, `reduce`, `sort`: items that go through a list (manual §"Expansion items"). Texts of faults are Exim's. */
import type { Node } from "./ast.ts";
import { makeParts, readParts } from "./parse.ts";
import { readCondition } from "./parse-conditions.ts";
import { readString, readWanted } from "./parse-items.ts";
import { accept, inside, refuse } from "./reader.ts";
import type { Reader } from "./reader.ts";

export function readEach(reader: Reader, name: "map" | "filter"): Node {
  const list = readWanted(reader, `missing '{' for first arg of ${name}`);
  if (!accept(reader, "{")) refuse(reader, `missing '{' for last arg of ${name}`);
  reader.iterations++;
  let body = makeParts("", []);
  let condition;
  if (name === "map") body = inside(reader, ` inside "map" item`, () => readString(reader));
  else {
    condition = inside(reader, ` inside "filter" item`, () => readCondition(reader));
    if (!accept(reader, "}"))
      refuse(reader, `missing } at end of condition or expression inside "filter"; could be an unquoted } in the content`);
  }
  reader.iterations--;
  if (!accept(reader, "}")) refuse(reader, `missing } at end of "${name}"`);
  return { kind: name, list, body, condition, raw: "" };
}

export function readReduce(reader: Reader): Node {
  const list = readWanted(reader, "missing '{' for first arg of reduce");
  const start = readWanted(reader, "missing '{' for second arg of reduce");
  if (!accept(reader, "{")) refuse(reader, "missing '{' for last arg of reduce");
  reader.iterations++;
  const body = inside(reader, ` inside "reduce" item`, () => readString(reader));
  reader.iterations--;
  if (!accept(reader, "}")) refuse(reader, 'missing } at end of "reduce"');
  return { kind: "reduce", list, start, body, raw: "" };
}

const COMPARATOR = /^(?:[<>]=?|[lg][te]i?)$/;

export function readSort(reader: Reader): Node {
  const list = readWanted(reader, "missing '{' for list arg of sort");
  if (!accept(reader, "{")) refuse(reader, "missing '{' for comparator arg of sort");
  const text = readParts(reader, { braceEnds: true, dollar: false });
  const comparator = (text.value?.text ?? "").trim();
  if (!/^(?:[<>=]=?|[A-Za-z])/.test(comparator)) refuse(reader, `condition name expected, but found "${comparator.slice(0, 16)}"`);
  else if (!COMPARATOR.test(comparator)) refuse(reader, "comparator not handled for sort");
  const extractor = readWanted(reader, "missing '{' for extractor arg of sort");
  if (!accept(reader, "}")) refuse(reader, 'missing } at end of "sort"');
  return { kind: "sort", list, comparator, extractor, raw: "" };
}
