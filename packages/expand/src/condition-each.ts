/** `forany`, `forall` and their JSON forms (manual §"forall"). The condition sees each element as `$item`. */
import { expansionError, isPromise, splitList } from "@mailkit/sdk";
import type { Maybe } from "@mailkit/sdk";
import type { Condition } from "./ast.ts";
import type { Verdict } from "./conditions.ts";
import { evaluateCondition, withSuffix } from "./conditions.ts";
import type { Environment } from "./environment.ts";
import { afterwards, restoreItem, save, withValue } from "./environment.ts";
import { evaluateParts } from "./evaluate.ts";
import { jsonArray, unquoteJson } from "./json.ts";

type EachCondition = Extract<Condition, { kind: "each" }>;

export function eachCondition(condition: EachCondition, env: Environment): Maybe<Verdict> {
  const { scope } = env;
  const verdict = withValue<Verdict>(evaluateParts(condition.list, env), (list) => {
    const items = elementsOf(condition.name, list.text);
    if (typeof items === "string") return expansionError(items);
    // Nothing at all is false for both of them, as Exim has it.
    if (items.length === 0) return false;
    const saved = save(scope);
    const walk = inTurn(condition, { items, tainted: list.tainted, from: 0 }, env);
    return afterwards(walk, () => restoreItem(scope, "item", saved));
  });
  return verdict as Maybe<Verdict>;
}

function elementsOf(name: string, text: string): readonly string[] | string {
  if (!name.includes("_")) return splitList(text).items;
  const elements = jsonArray(text, name);
  if (typeof elements === "string" || !name.endsWith("s")) return elements;
  const bare = elements.map(unquoteJson);
  return bare.every((element) => element !== undefined) ? (bare as string[]) : `missing '"' wrapping string result for extract jsons`;
}

interface Walk {
  readonly items: readonly string[];
  readonly tainted: boolean;
  readonly from: number;
}

function inTurn(condition: EachCondition, walk: Walk, env: Environment): Maybe<Verdict> {
  const decisive = condition.name.startsWith("forany");
  for (let i = walk.from; i < walk.items.length; i++) {
    env.scope.frame.items.set("item", { text: walk.items[i] as string, tainted: walk.tainted });
    const verdict = evaluateCondition(condition.condition, env);
    const settle = (found: Verdict): Verdict | undefined => {
      if (typeof found !== "boolean") return withSuffix(found, ` inside "${condition.name}" condition`);
      return found === decisive ? decisive : undefined;
    };
    if (isPromise(verdict)) return verdict.then((found) => settle(found) ?? inTurn(condition, { ...walk, from: i + 1 }, env));
    const settled = settle(verdict);
    if (settled !== undefined) return settled;
  }
  return !decisive;
}
