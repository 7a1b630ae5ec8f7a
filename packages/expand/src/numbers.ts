/** Integers as Exim reads them (manual §"Expansion conditions": sign, K, M, G), and the arithmetic of `${eval`. */

export type Integer = number | bigint;

const LARGEST = 2n ** 63n;
const INTEGER = /^[ \t\n\v\f\r]*([+-]?[0-9]+)([kKmMgG]?)[ \t\n\v\f\r]*$/;
const FACTORS: Readonly<Record<string, bigint>> = { "": 1n, k: 1024n, m: 1024n ** 2n, g: 1024n ** 3n };

/** The number, or the fault as a text. Nothing at all counts as 0. */
export function parseInteger(text: string): Integer | string {
  const found = INTEGER.exec(text);
  if (found === null) return integerFault(text);
  const [, digits = "", suffix = ""] = found;
  const factor = FACTORS[suffix.toLowerCase()] as bigint;
  if (digits.length < 16 && suffix === "") return Number(digits) || 0;
  const number = bigOf(digits.replace("+", "")) * factor;
  if (number >= LARGEST || number < -LARGEST) return `absolute value of integer "${text}" is too large (overflow)`;
  return number >= -9007199254740991n && number <= 9007199254740991n ? Number(number) : number;
}

/** Digits beyond what 64 bits can hold are not worth converting. */
function bigOf(digits: string, prefix = ""): bigint {
  if (prefix === "" && digits.length < 16) return BigInt(Number(digits));
  const plain = digits.replace(/^(-?)0+(?=.)/, "$1");
  return plain.length > 30 ? (plain.startsWith("-") ? -LARGEST * 2n : LARGEST * 2n) : BigInt(prefix + plain);
}

function integerFault(text: string): Integer | string {
  if (/^[ \t\n\v\f\r]*$/.test(text)) return 0;
  return /^[ \t\n\v\f\r]*[+-]?[0-9]/.test(text) ? `invalid integer "${text}"` : `integer expected but "${text}" found`;
}

function isSpace(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13);
}

export type EvalResult = { readonly number: bigint } | { readonly fault: string };

interface Arithmetic {
  readonly text: string;
  at: number;
  readonly decimal: boolean;
  fault: string | undefined;
  depth: number;
}

const wrap = (number: bigint): bigint => BigInt.asIntN(64, number);

/** Operators by rank, loosest first; all go from left to right, as in C. */
const RANKS: readonly (readonly string[])[] = [["|"], ["^"], ["&"], ["<<", ">>"], ["+", "-"], ["*", "/", "%"]];

/** `${eval:` and, with `decimal`, `${eval10:` (manual §"eval"). 64 bits, wrapping where Exim does. */
export function evaluateArithmetic(text: string, decimal: boolean): EvalResult {
  const state: Arithmetic = { text, at: 0, decimal, fault: undefined, depth: 0 };
  const number = readRank(state, 0);
  if (state.fault === undefined && state.at < text.length) state.fault = "expecting operator";
  if (state.fault === undefined) return { number };
  return { fault: `error in expression evaluation: ${state.fault} (after processing "${text.slice(0, state.at)}")` };
}

function skip(state: Arithmetic): void {
  while (isSpace(state.text.charCodeAt(state.at))) state.at++;
}

function readRank(state: Arithmetic, rank: number): bigint {
  const operators = RANKS[rank];
  if (operators === undefined) return readUnary(state);
  let left = readRank(state, rank + 1);
  for (;;) {
    const operator = operators.find((candidate) => state.text.startsWith(candidate, state.at));
    if (operator === undefined || state.fault !== undefined) return left;
    state.at += operator.length;
    const right = readRank(state, rank + 1);
    if (state.fault !== undefined) return 0n;
    left = apply(state, operator, left, right);
  }
}

// oxlint-disable-next-line max-params -- a binary operation has three parts
function apply(state: Arithmetic, operator: string, left: bigint, right: bigint): bigint {
  switch (operator) {
    case "|":
      return left | right;
    case "^":
      return left ^ right;
    case "&":
      return left & right;
    case "<<":
      return wrap(left << (right & 63n));
    case ">>":
      return left >> (right & 63n);
    case "+":
      return overflowing(state, "sum", left + right);
    case "-":
      return overflowing(state, "difference", left - right);
    case "*":
      return wrap(left * right);
    default:
      if (right === 0n) {
        state.fault = operator === "/" ? "divide by zero" : "modulo by zero";
        return 0n;
      }
      return wrap(operator === "/" ? left / right : left % right);
  }
}

function overflowing(state: Arithmetic, what: string, exact: bigint): bigint {
  if (exact >= LARGEST || exact < -LARGEST) state.fault = `overflow in ${what}`;
  return exact;
}

function readUnary(state: Arithmetic): bigint {
  skip(state);
  const c = state.text[state.at];
  if (c === "+" || c === "-" || c === "~") {
    state.at++;
    if (++state.depth > 200) state.fault ??= "too deeply nested";
    const number = state.fault === undefined ? readUnary(state) : 0n;
    state.depth--;
    return c === "-" ? wrap(-number) : c === "~" ? ~number : number;
  }
  return readNumber(state);
}

const HEXADECIMAL = /0[xX]([0-9A-Fa-f]*)/y;
const OCTAL = /0[0-7]*/y;
const DECIMAL = /[0-9]+/y;

function readNumber(state: Arithmetic): bigint {
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = state.at;
    const found = pattern.exec(state.text);
    if (found !== null) state.at += found[0].length;
    return found;
  };
  let number: bigint;
  const hexadecimal = state.decimal ? null : take(HEXADECIMAL);
  const octal = state.decimal || hexadecimal !== null ? null : take(OCTAL);
  if (hexadecimal !== null) number = bigOf(hexadecimal[1] || "0", "0x");
  else if (octal !== null) number = bigOf(octal[0], "0o");
  else {
    const digits = take(DECIMAL);
    if (digits === null) return readParenthesis(state);
    number = bigOf(digits[0]);
  }
  if (number >= LARGEST) number = LARGEST - 1n;
  const suffix = /[kKmMgG]/.test(state.text[state.at] ?? "") ? (state.text[state.at++] as string).toLowerCase() : "";
  skip(state);
  return wrap(number * (FACTORS[suffix] as bigint));
}

function readParenthesis(state: Arithmetic): bigint {
  if (state.text[state.at] !== "(") {
    state.fault ??= "expecting number or opening parenthesis";
    return 0n;
  }
  state.at++;
  if (++state.depth > 200) state.fault ??= "too deeply nested";
  const number = state.fault === undefined ? readRank(state, 0) : 0n;
  state.depth--;
  if (state.fault !== undefined) return 0n;
  if (state.text[state.at] === ")") state.at++;
  else state.fault = "expecting closing parenthesis";
  skip(state);
  return number;
}
