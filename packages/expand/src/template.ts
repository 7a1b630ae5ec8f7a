/** Strings of the configuration, compiled once at load (the `Template` of `@mailkit/sdk`). */
import { chain, expansionError } from "@mailkit/sdk";
import type { Expansion, Maybe, Position, Scope, StringService, Template } from "@mailkit/sdk";
import type { Parts } from "./ast.ts";
import { newEnvironment } from "./environment.ts";
import { evaluateParts } from "./evaluate.ts";
import { parse } from "./parse.ts";

/** A template, with its tree for `expand --explain`, `fmt` and `lint`. */
export interface CompiledTemplate extends Template {
  readonly parts: Parts;
}

const NO_MENTIONS: ReadonlySet<string> = new Set();

/** Never throws: a fault of syntax is `fault`, and what evaluation gives, when it comes to it. */
export function compile(source: string, at?: Position): CompiledTemplate {
  const parsed = parse(source);
  const { parts, fault } = parsed;
  const mentions = parsed.mentions.size === 0 ? NO_MENTIONS : parsed.mentions;
  const shared = { source, parts, mentions, constant: parts.value?.text, ...(at !== undefined && { at }) };
  if (fault !== undefined) {
    // What stands before the fault is evaluated first: it may fail by itself.
    const failure = expansionError(fault.message);
    const evaluate = (scope: Scope): Maybe<Expansion> =>
      chain(evaluateParts(parts, newEnvironment(scope)), (result) => (result.kind === "value" ? failure : result));
    return { ...shared, fault, evaluate };
  }
  const { value } = parts;
  if (value !== undefined) return { ...shared, evaluate: () => value };
  return { ...shared, evaluate: (scope) => evaluateParts(parts, newEnvironment(scope)) };
}

/** Of each of the two generations. */
const CACHE_LIMIT = 256;

/**
 * The port behind `services.strings`: configuration text that only turned up at run time; at least the last 256 are kept.
 * A full generation becomes the older one as a whole: taking out the oldest of a map one by one costs more than parsing.
 */
export function makeStringService(): StringService {
  let young = new Map<string, CompiledTemplate>();
  let old: typeof young = new Map();
  const compiled = (source: string): CompiledTemplate => {
    const known = young.get(source);
    if (known !== undefined) return known;
    const made = old.get(source) ?? compile(source);
    if (young.size >= CACHE_LIMIT) {
      old = young;
      young = new Map();
    }
    young.set(source, made);
    return made;
  };
  return { compile: compiled, expand: (source, scope) => compiled(source).evaluate(scope) };
}
