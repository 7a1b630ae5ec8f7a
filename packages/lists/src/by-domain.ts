/**
 * `@@lookup`: the entry of the domain is a list of patterns for the local part; an entry of a single-key lookup may go on
 * in another one (`>key`), fifty times at most. Manual §"Address lists".
 */
import { chain, splitList, trimSpaceStart, type Maybe, type Scope } from "@mailkit/sdk";
import type { AddressTarget } from "./address.ts";
import { lookupFinder } from "./lookup-item.ts";
import { parseTextPattern } from "./parse-list.ts";
import type { ListItem, Pattern } from "./syntax.ts";
import { compileText, type CompileContext, type TextSubject } from "./text-matcher.ts";
import { firstDecision, type Outcome, type Step, type Verdict, type Walk } from "./walk.ts";

const MAX_CHAIN = 50;
const MAX_KEPT = 64;

interface Entry {
  readonly steps: readonly Step<TextSubject>[];
  /** Key of the continuation. */
  readonly next: string | undefined;
}

export function byDomainTest(
  pattern: Extract<Pattern, { kind: "byDomain" }>,
  written: string,
  context: CompileContext,
): (target: AddressTarget, walk: Walk) => Maybe<Outcome> {
  const finder = lookupFinder({ ...pattern, tainted: context.tainted }, context.environment);
  const kept = new Map<string, Entry>();
  const entryOf = (text: string, scope: Scope): Entry => {
    let entry = kept.get(text);
    if (entry === undefined) {
      const spec = finder.spec(scope);
      entry = readEntry(text, typeof spec !== "string" && spec.style === "single-key", context);
      if (kept.size >= MAX_KEPT) kept.clear();
      kept.set(text, entry);
    }
    return entry;
  };
  const follow = (key: string, target: AddressTarget, walk: Walk, depth: number): Maybe<Outcome> => {
    if (depth > MAX_CHAIN) {
      return { kind: "error", message: `Loop detected in lookup of local part of ${target.whole.text} in ${written}` };
    }
    return chain(finder.find(key, walk.scope), (found): Maybe<Outcome> => {
      if (found?.kind !== "hit") return found;
      const entry = entryOf(found.data?.text ?? "", walk.scope);
      return chain(firstDecision(entry.steps, target.localPart, walk, 0), (verdict): Maybe<Outcome> => {
        if (verdict !== undefined) return outcomeOf(verdict, written);
        return entry.next === undefined ? undefined : follow(entry.next, target, walk, depth + 1);
      });
    });
  };
  return (target, walk) => follow(target.domain.text, target, walk, 1);
}

/** The end of an entry decides nothing, whatever the sense of its last item. */
function outcomeOf(verdict: Verdict, written: string): Outcome {
  if (verdict.kind === "defer" || verdict.kind === "error") return verdict;
  const inner = { negated: verdict.kind === "no", text: written };
  return { kind: "hit", data: verdict.data, inner, captures: [] };
}

function readEntry(text: string, mayChain: boolean, context: CompileContext): Entry {
  const { items } = splitList(text);
  const last = items.at(-1);
  const next = mayChain && last?.startsWith(">") ? trimSpaceStart(last.slice(1)) : undefined;
  const patterns = next === undefined ? items : items.slice(0, -1);
  return { steps: patterns.map((item) => localPartStep(item, { ...context, tainted: false })), next };
}

function localPartStep(written: string, context: CompileContext): Step<TextSubject> {
  const negated = written.startsWith("!");
  const text = negated ? trimSpaceStart(written.slice(1)) : written;
  const item: ListItem = { negated, text: written, pattern: parseTextPattern(text) };
  const matcher = compileText(item.pattern, context);
  return { item, test: (subject, walk) => matcher.match(subject, walk.caseful, walk.scope) };
}
