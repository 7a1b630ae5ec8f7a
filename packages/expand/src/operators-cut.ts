/** `length`, `substr`, `hash`, `nhash`, as operators (`${substr_1_2:...}`) and as items (`${substr{1}{2}{...}}`). */
import { expansionError, value } from "@mailkit/sdk";
import type { Expansion, ExpansionFailure, Text } from "@mailkit/sdk";
import { numericHash, substring, textHash } from "./hashes.ts";
import type { Operator, OperatorCall } from "./operators.ts";

interface Numbers {
  readonly first: number;
  readonly second: number | undefined;
  /** `-0` counts from the right too. */
  readonly negative: boolean;
}

type Cut = (text: Text, numbers: Numbers) => Expansion;

const cutLength: Cut = (text, { first }) => value(text.text.slice(0, first), text.tainted);
const cutSubstr: Cut = (text, { first, second, negative }) => value(substring(text.text, first, second, negative), text.tainted);

const cutHash: Cut = (text, { first, second }) => {
  const hash = second === 0 ? undefined : textHash(text.text, first, second);
  return hash === undefined ? expansionError(`hash count "${second}" too big`) : value(hash, text.tainted);
};

const cutNhash: Cut = (text, { first, second }) =>
  first === 0 || second === 0
    ? expansionError('"0" is not a positive number (in "nhash" expansion)')
    : value(numericHash(text.text, first, second));

/** `-` is for `substr` alone, a second number for all but `length`. */
const SUFFIX = /^(-?)([0-9]*)(?:_([0-9]+))?$/;

function operatorOf(kind: string, cut: Cut): Operator {
  return {
    run: (text, call) => {
      const numbers = numbersOf(call, kind);
      return "kind" in numbers ? numbers : cut(text, numbers);
    },
  };
}

function numbersOf({ name, suffix }: OperatorCall, kind: string): Numbers | ExpansionFailure {
  if (suffix === undefined) return expansionError(`missing values after ${name}`);
  const found = SUFFIX.exec(suffix);
  const wrong =
    found === null || (found[1] !== "" && kind !== "substr") || (found[3] !== undefined && (kind === "length" || found[2] === ""));
  if (wrong) return expansionError(`non-digit after underscore in "${name}"`);
  const second = found[3] === undefined ? undefined : bounded(found[3]);
  const size = bounded(found[2] ?? "");
  return { first: found[1] === "-" ? -size : size, second, negative: found[1] === "-" };
}

/** Larger than any text. */
function bounded(digits: string): number {
  return Math.min(Number(digits), 0x7fffffff);
}

export const lengthOperator = operatorOf("length", cutLength);
export const substrOperator = operatorOf("substr", cutSubstr);
export const hashOperator = operatorOf("hash", cutHash);
export const nhashOperator = operatorOf("nhash", cutNhash);

const CUTS: Readonly<Record<string, Cut>> = { length: cutLength, substr: cutSubstr, hash: cutHash, nhash: cutNhash };

/** The item: one or two numbers and the text, which comes last. */
export function cutItem(name: string, args: readonly Text[]): Expansion {
  const text = args.at(-1) as Text;
  const numbers = args.slice(0, -1).map((arg) => arg.text);
  for (const [i, digits] of numbers.entries()) {
    const signed = i === 0 && name !== "length";
    const wrong = (kind: string): Expansion => expansionError(`"${digits}" is not a ${kind} (in "${name}" expansion)`);
    if (!WRITTEN.test(digits)) return wrong(signed ? "number" : "positive number");
    if (/-0*[1-9]/.test(digits) && !(signed && name === "substr")) return wrong("positive number");
  }
  const [first = "", second] = numbers;
  const negative = first.includes("-");
  const size = magnitude(first);
  return (CUTS[name] as Cut)(text, {
    first: negative ? -size : size,
    second: second === undefined ? undefined : magnitude(second),
    negative,
  });
}

/** White space may come before the sign, not behind the digits; nothing at all counts as 0. */
const WRITTEN = /^(?:[ \t\n\v\f\r]*[+-]?[0-9]+)?$/;

function magnitude(written: string): number {
  return bounded(written.replace(/[^0-9]+/, ""));
}
