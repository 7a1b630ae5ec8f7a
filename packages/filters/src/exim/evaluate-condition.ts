/** Conditions of Exim filters, evaluated (filter manual §"String testing conditions" to §"Testing delivery status"). */
import { boundSubject, chain, compileRegex, isPromise, lower } from "@mailkit/sdk";
import type { Maybe, Text } from "@mailkit/sdk";
import { parseAddressList } from "@mailkit/message";
import type { Condition } from "./ast.ts";
import { describe } from "./describe.ts";
import { expandIn } from "./filter-scope.ts";
import { parseScaled } from "./numbers.ts";
import { isPersonal } from "./personal.ts";
import type { Run } from "./run.ts";

/** `error` is the fault's text. */
export type Verdict = boolean | { readonly error: string };

export function evaluateCondition(condition: Condition, run: Run, whole = true): Maybe<Verdict> {
  const raw = evaluateBare(condition, run);
  return isPromise(raw) ? raw.then((known) => finish(known, condition, run, whole)) : finish(raw, condition, run, whole);
}

function finish(raw: Verdict, condition: Condition, run: Run, whole: boolean): Verdict {
  if (typeof raw !== "boolean") return raw;
  const verdict = raw !== condition.negated;
  tell(run, verdict, condition, whole);
  return verdict;
}

function tell({ explain, depth }: Run, verdict: boolean, condition: Condition, whole: boolean): void {
  explain?.(`${indent(depth)}${whole ? "Condition" : "Sub-condition"} is ${verdict}: ${describe(condition)} `);
}

function indent(depth: number): string {
  return " ".repeat(1 + 2 * depth);
}

function evaluateBare(condition: Condition, run: Run): Maybe<Verdict> {
  switch (condition.kind) {
    case "and":
    case "or":
      return evaluateAll(condition, run);
    case "text":
      return compareTexts(condition, run);
    case "number":
      return compareNumbers(condition, run);
    case "flag":
      return evaluateFlag(condition.flag, run);
    case "personal":
      return isPersonal(condition.aliases, run);
    case "foranyaddress":
      return forAnyAddress(condition, run);
  }
}

type Compound = Extract<Condition, { kind: "and" | "or" }>;

/** Stops as soon as the result is clear. */
function evaluateAll({ kind, items }: Compound, run: Run): Maybe<Verdict> {
  const deciding = kind === "or";
  const walk = (from: number): Maybe<Verdict> => {
    for (let i = from; i < items.length; i++) {
      const verdict = evaluateCondition(items[i] as Condition, run, false);
      if (isPromise(verdict)) return verdict.then((known) => settle(known, i) ?? walk(i + 1));
      const settled = settle(verdict, i);
      if (settled !== undefined) return settled;
    }
    return !deciding;
  };
  const settle = (verdict: Verdict, at: number): Verdict | undefined => {
    if (run.explain !== undefined && typeof verdict === "boolean") tellParts(kind, items, { at, verdict, done: verdict === deciding }, run);
    return verdict === deciding || typeof verdict !== "boolean" ? verdict : undefined;
  };
  return walk(0);
}

/** Exim's tree has two branches a node: `or` leans to the left, `and` to the right; each inner node is told of. */
function tellParts(
  kind: "and" | "or",
  items: readonly Condition[],
  { at, verdict, done }: { readonly at: number; readonly verdict: boolean; readonly done: boolean },
  run: Run,
): void {
  const last = items.length - 1;
  if (kind === "or") {
    const until = done ? last - 1 : Math.min(at, last - 1);
    for (let end = Math.max(at, 1); end <= until; end++) {
      tell(run, verdict, { kind, items: items.slice(0, end + 1), negated: false }, false);
    }
  } else if (done || at === last) {
    for (let start = Math.min(at, last - 1); start > 0; start--) {
      tell(run, verdict, { kind, items: items.slice(start), negated: false }, false);
    }
  }
}

type Pair = { readonly left: Text; readonly right: Text } | { readonly error: string };

function expandPair({ left, right }: Extract<Condition, { kind: "text" | "number" }>, run: Run): Maybe<Pair> {
  return chain(expandIn(run.scope, left, "filter file"), (first) =>
    "error" in first
      ? first
      : chain(expandIn(run.scope, right, "filter file"), (second) => ("error" in second ? second : { left: first, right: second })),
  );
}

function compareTexts(condition: Extract<Condition, { kind: "text" }>, run: Run): Maybe<Verdict> {
  return chain(expandPair(condition, run), (pair) => {
    if ("error" in pair) return pair;
    if (condition.test === "matches") return matches(pair.left, pair.right.text, condition.caseful, run);
    const fold = condition.caseful ? (text: string): string => text : lower;
    const [left, right] = [fold(pair.left.text), fold(pair.right.text)];
    switch (condition.test) {
      case "is":
        return left === right;
      case "begins":
        return left.startsWith(right);
      case "ends":
        return left.endsWith(right);
      case "contains":
        // Exim's search without regard to case finds an empty string nowhere.
        return (condition.caseful || right !== "") && left.includes(right);
    }
  });
}

/** A match leaves `$0`, `$1`, ...; a failure leaves them alone. */
function matches(subject: Text, pattern: string, caseful: boolean, run: Run): Verdict {
  const show = (text: string): void => run.explain?.(`${indent(run.depth)}${text}`);
  show("Match expanded arguments:");
  show(`  Subject = ${subject.text}`);
  show(`  Pattern = ${pattern}`);
  const compiled = compileRegex(pattern, { caseless: !caseful });
  if (!compiled.ok) return { error: compiled.message.replace(/^regular expression error in/, "error while compiling regular expression") };
  const found = compiled.regex.exec(boundSubject(subject.text));
  if (found === null) return false;
  run.scope.frame.numeric = Array.from(found, (text: string | undefined) => ({ text: text ?? "", tainted: subject.tainted }));
  return true;
}

function compareNumbers(condition: Extract<Condition, { kind: "number" }>, run: Run): Maybe<Verdict> {
  return chain(expandPair(condition, run), (pair) => {
    if ("error" in pair) return pair;
    const left = parseScaled(pair.left.text);
    if (left === undefined) return { error: `malformed numerical string "${pair.left.text}"` };
    const right = parseScaled(pair.right.text);
    if (right === undefined) return { error: `malformed numerical string "${pair.right.text}"` };
    return condition.test === "above" ? left > right : left < right;
  });
}

function evaluateFlag(flag: Extract<Condition, { kind: "flag" }>["flag"], run: Run): Maybe<Verdict> {
  switch (flag) {
    case "delivered":
      return run.delivered;
    case "error_message":
      return run.isBounce();
    case "first_delivery":
      return run.isFirstDelivery();
    case "manually_thawed":
      return run.isManuallyThawed();
  }
}

/** `$thisaddress` stays at the address that decided, or the last one. */
function forAnyAddress({ list, condition }: Extract<Condition, { kind: "foranyaddress" }>, run: Run): Maybe<Verdict> {
  return chain(expandIn(run.scope, list, "filter file"), (value) => {
    if ("error" in value) return value;
    const addresses = parseAddressList(value.text).flatMap(({ mailbox }) => (mailbox.ok ? [mailbox.address] : []));
    const walk = (from: number): Maybe<Verdict> => {
      for (let i = from; i < addresses.length; i++) {
        const address = addresses[i] as string;
        run.setThisAddress({ text: address, tainted: value.tainted });
        run.explain?.(`${indent(run.depth)}Extracted address ${address}`);
        const verdict = evaluateCondition(condition, run, false);
        if (isPromise(verdict)) return verdict.then((known) => (known === false ? walk(i + 1) : known));
        if (verdict !== false) return verdict;
      }
      return false;
    };
    return walk(0);
  });
}
