/** A condition in words, as `exim -bf -v` tells its result. */
import type { Condition } from "./ast.ts";

export function describe(condition: Condition, whole = true): string {
  const not = condition.negated ? "not " : "";
  switch (condition.kind) {
    case "and": {
      const text = condition.items.map((item) => describe(item, false)).join(" and ");
      return condition.negated ? `not (${text})` : text;
    }
    case "or":
      return describeChoice(
        condition.items.map((item) => describe(item, false)),
        whole && !condition.negated,
        not,
      );
    case "text":
      return `${condition.left.source} ${verbOf(condition)} ${condition.right.source}`;
    case "number":
      return `${condition.left.source} ${not}${condition.test} ${condition.right.source}`;
    case "flag":
      return not + condition.flag;
    case "personal":
      return `${not}personal`;
    case "foranyaddress":
      return `${not}foranyaddress ${condition.list.source} (${describe(condition.condition)})`;
  }
}

/** Grouped from the left; without parentheses when nothing stands around it. */
function describeChoice(items: readonly string[], whole: boolean, not: string): string {
  const text = items.slice(1).reduce((left, item, at) => (at === 0 ? `${left} or ${item}` : `(${left}) or ${item}`), items[0] ?? "");
  return whole ? text : `${not}(${text})`;
}

function verbOf({ test, caseful, negated }: Extract<Condition, { kind: "text" }>): string {
  const name = (word: string): string => (caseful ? word.toUpperCase() : word);
  if (test === "is") return negated ? `${name("is")} not` : name("is");
  if (!negated) return name(test);
  return `does not ${name(test === "matches" ? "match" : test.slice(0, -1))}`;
}
