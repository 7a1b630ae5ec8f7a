/**
 * Strings for `-be`, from the tables in `fixtures/differential/expressions`: operators on texts, conditions with branches,
 * subjects in lists. Text is octets (latin1). Lines that begin with `#` are remarks.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";

const FOLDER = join(import.meta.dirname, "../fixtures/differential/expressions");
const BRANCHES = ["", "{Y}{N}", "{Y}", "{Y}fail", "{Y$1}{N$1}"];
const LIST_ITEMS = [
  (list: string) => `\${listcount:${list}}`,
  (list: string) => `\${map{${list}}{[$item]}}`,
  (list: string) => `\${listextract{2}{${list}}}`,
  (list: string) => `\${filter{${list}}{!eq{$item}{b}}}`,
  (list: string) => `\${reduce{${list}}{}{$value($item)}}`,
  (list: string) => `\${if forany{${list}}{eq{$item}{b}}{$item}{N}}`,
  (list: string) => `\${if inlist{b}{${list}}{Y$value}{N}}`,
  (list: string) => `\${listquote{;}{${list}}}`,
];

function lines(name: string): string[] {
  const text = readFileSync(join(FOLDER, `${name}.txt`), "latin1");
  return text.split("\n").filter((line) => line !== "" && !line.startsWith("# "));
}

export function operatorExpressions(): string[] {
  const texts = lines("texts").map((line) => line.slice(1, -1));
  return lines("operators").flatMap((name) => texts.map((text) => `|\${${name}:${text}}|`));
}

export function itemExpressions(): string[] {
  return lines("items");
}

export function conditionExpressions(): string[] {
  return lines("conditions").flatMap((condition) => BRANCHES.map((branches) => `|\${if ${condition}${branches}}|`));
}

export function listExpressions(): string[] {
  const plain = lines("lists").map((line) => line.slice(1, -1));
  return plain.flatMap((list) => LIST_ITEMS.map((item) => `|${item(list)}|`));
}

/** `< subject >` and `{ list }`: each with each, with and without the value that is left. */
export function matchExpressions(condition: string): string[] {
  const all = lines(condition);
  const inner = (mark: string): string[] => all.filter((line) => line.startsWith(mark)).map((line) => line.slice(2, -2));
  const branches = ["{Y}{N}", "{Y$value/$1/$2}{N}"];
  const tests = inner("{").flatMap((list) => inner("<").map((subject) => `${condition}{${subject}}{${list}}`));
  return tests.flatMap((each) => branches.map((end) => `|\${if ${each}${end}}|`));
}
