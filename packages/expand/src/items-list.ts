/** `map`, `filter`, `reduce`, `sort` (manual §"Expansion items"). The output list has the separator of the input. */
import { chain, isPromise, splitList, value } from "@mailkit/sdk";
import type { Expansion, ExpansionFailure, Maybe, Text } from "@mailkit/sdk";
import type { Node } from "./ast.ts";
import { compareNumbers, compareTexts, evaluateCondition } from "./conditions.ts";
import type { Environment } from "./environment.ts";
import { afterwards, isFailure, restoreItem, save, withValue } from "./environment.ts";
import { evaluateParts } from "./evaluate.ts";
import { appendItem } from "./list-output.ts";
import { parseInteger } from "./numbers.ts";

type EachNode = Extract<Node, { kind: "map" | "filter" }>;

export function eachItem(node: EachNode, env: Environment): Maybe<Expansion> {
  const { scope } = env;
  return withValue<Expansion>(evaluateParts(node.list, env), (list) => {
    const { separator, items } = splitList(list.text);
    const saved = save(scope);
    let output: string | undefined;
    let tainted = false;
    const step = (text: string): Maybe<ExpansionFailure | undefined> => {
      const item: Text = { text, tainted: list.tainted };
      scope.frame.items.set("item", item);
      return chain(oneItem(node, item, env), (result) => {
        if (result === undefined) return undefined;
        if (isFailure(result)) return insideItem(result, node.kind);
        output = appendItem(output, result.text, separator);
        tainted ||= result.tainted;
        return undefined;
      });
    };
    return afterwards(
      chain(inTurn(items, step), (failed) => failed ?? value(output ?? "", tainted)),
      () => restoreItem(scope, "item", saved),
    );
  });
}

/** The text for the output list; undefined = filtered out. */
function oneItem(node: EachNode, item: Text, env: Environment): Maybe<Text | ExpansionFailure | undefined> {
  if (node.condition === undefined) return evaluateParts(node.body, env) as Maybe<Text | ExpansionFailure>;
  return chain(evaluateCondition(node.condition, env), (yes) => (typeof yes === "boolean" ? (yes ? item : undefined) : yes));
}

/** Says where it happened; of forced failures too, unlike in conditions. */
function insideItem(failure: ExpansionFailure, item: string): ExpansionFailure {
  return { ...failure, message: `${failure.message} inside "${item}" item` };
}

/** Runs `step` over all items; a failure ends it. */
function inTurn(
  items: readonly string[],
  step: (item: string, index: number) => Maybe<ExpansionFailure | undefined>,
  from = 0,
): Maybe<ExpansionFailure | undefined> {
  for (let i = from; i < items.length; i++) {
    const failed = step(items[i] as string, i);
    if (isPromise(failed)) return failed.then((found) => found ?? inTurn(items, step, i + 1));
    if (failed !== undefined) return failed;
  }
  return undefined;
}

export function reduceItem(node: Extract<Node, { kind: "reduce" }>, env: Environment): Maybe<Expansion> {
  const { scope } = env;
  return withValue<Expansion>(evaluateParts(node.list, env), (list) =>
    withValue<Expansion>(evaluateParts(node.start, env), (start) => {
      const saved = save(scope);
      let current: Expansion & Text = start;
      const step = (text: string): Maybe<ExpansionFailure | undefined> => {
        scope.frame.items.set("item", { text, tainted: list.tainted });
        scope.frame.items.set("value", current);
        return chain(evaluateParts(node.body, env), (result) => {
          if (result.kind !== "value") return insideItem(result, "reduce");
          current = result;
          return undefined;
        });
      };
      return afterwards(
        chain(inTurn(splitList(list.text).items, step), (failed): Expansion => failed ?? current),
        () => {
          restoreItem(scope, "item", saved);
          restoreItem(scope, "value", saved);
        },
      );
    }),
  );
}

export function sortItem(node: Extract<Node, { kind: "sort" }>, env: Environment): Maybe<Expansion> {
  const { scope } = env;
  return withValue<Expansion>(evaluateParts(node.list, env), (list) => {
    const { separator, items } = splitList(list.text);
    const saved = save(scope);
    const keys: string[] = [];
    const step = (text: string): Maybe<ExpansionFailure | undefined> => {
      scope.frame.items.set("item", { text, tainted: list.tainted });
      return chain(evaluateParts(node.extractor, env), (key) => {
        if (key.kind !== "value") return insideItem(key, "sort");
        keys.push(key.text);
        return undefined;
      });
    };
    const done = chain(inTurn(items, step), (failed): Expansion => {
      if (failed !== undefined) return failed;
      const sorted = sortByKeys(items, keys, node.comparator);
      const output = sorted.reduce<string | undefined>((text, item) => appendItem(text, item, separator), undefined);
      return value(output ?? "", list.tainted);
    });
    return afterwards(done, () => restoreItem(scope, "item", saved));
  });
}

/**
 * Each item goes before the first one that it should precede. So equal ones keep their order with `<`, and are turned
 * round with `<=`. Keys that are no numbers precede nothing, as in Exim.
 */
function sortByKeys(items: readonly string[], keys: readonly string[], comparator: string): string[] {
  const precedes = comparison(comparator);
  const order = items.map((_, i) => i);
  if (/=|[lg]e/.test(comparator)) order.reverse();
  const strictly = (a: number, b: number): boolean =>
    precedes(keys[a] as string, keys[b] as string) && !precedes(keys[b] as string, keys[a] as string);
  order.sort((a, b) => (strictly(a, b) ? -1 : strictly(b, a) ? 1 : 0));
  return order.map((i) => items[i] as string);
}

function comparison(name: string): (a: string, b: string) => boolean {
  if (!/^[<>]/.test(name)) return (a, b) => compareTexts(name, a, b);
  return (a, b) => {
    const [x, y] = [parseInteger(a), parseInteger(b)];
    return typeof x !== "string" && typeof y !== "string" && compareNumbers(name, x, y);
  };
}
