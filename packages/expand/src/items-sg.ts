/** `${sg{subject}{regex}{replacement}}`: replaces every match (manual §"sg"). The replacement is expanded for each. */
import { boundSubject, chain, expansionError, isPromise, value } from "@mailkit/sdk";
import type { Expansion, Maybe, Text } from "@mailkit/sdk";
import type { Parts } from "./ast.ts";
import type { Environment } from "./environment.ts";
import { afterwards, restoreNumeric, save } from "./environment.ts";
import { evaluateParts } from "./evaluate.ts";
import { expandText } from "./operators-services.ts";
import { parse } from "./parse.ts";
import { capturesOf, regexOf } from "./regexes.ts";
import { taintRefusal } from "./taint.ts";

interface Substitution {
  readonly subject: Text;
  readonly regex: string;
  readonly replacement: Text;
  /** The three strings as written. */
  readonly sources: readonly Parts[];
}

export function substitute(what: Substitution, env: Environment): Maybe<Expansion> {
  const made = regexOf(what.sources[1] as Parts, what.regex, true);
  if (!made.ok) return expansionError(made.message);
  const { subject, replacement } = what;
  const expanding = /[$\\]/.test(replacement.text);
  if (expanding && replacement.tainted) {
    return taintRefusal(`attempt to expand tainted string '${replacement.text}'`, what.sources[2]);
  }
  const bounded = boundSubject(subject.text);
  const matches = allMatches(made.regex, bounded);
  const saved = save(env.scope);
  const result = join({ what, matches, expanding }, env, { index: 0, end: 0, text: "", tainted: false });
  return afterwards(result, () => restoreNumeric(env.scope, saved));
}

/** As Perl finds them: after an empty match one octet on, and an empty one may follow a full one. */
function allMatches(regex: RegExp, subject: string): RegExpExecArray[] {
  const matches: RegExpExecArray[] = [];
  regex.lastIndex = 0;
  for (let found = regex.exec(subject); found !== null; found = regex.exec(subject)) {
    matches.push(found);
    if (found[0] === "") regex.lastIndex++;
  }
  return matches;
}

interface Work {
  readonly what: Substitution;
  readonly matches: readonly RegExpExecArray[];
  readonly expanding: boolean;
}
interface Progress {
  readonly index: number;
  /** How far the subject has been copied. */
  readonly end: number;
  readonly text: string;
  readonly tainted: boolean;
}

function join(work: Work, env: Environment, from: Progress): Maybe<Expansion> {
  const { subject, replacement } = work.what;
  let { end, text, tainted } = from;
  for (let i = from.index; i < work.matches.length; i++) {
    const found = work.matches[i] as RegExpExecArray;
    if (found.index > end) {
      text += subject.text.slice(end, found.index);
      tainted ||= subject.tainted;
    }
    end = found.index + found[0].length;
    if (!work.expanding) {
      text += replacement.text;
      tainted ||= replacement.tainted;
      continue;
    }
    env.scope.frame.numeric = capturesOf(found, subject.tainted);
    const result = expandReplacement(work.what, env);
    if (isPromise(result)) {
      const before = { end, text, tainted };
      return result.then((piece) =>
        piece.kind === "value"
          ? join(work, env, { index: i + 1, end: before.end, text: before.text + piece.text, tainted: before.tainted || piece.tainted })
          : piece,
      );
    }
    if (result.kind !== "value") return result;
    text += result.text;
    tainted ||= result.tainted;
  }
  const rest = subject.text.slice(end);
  return value(text + rest, tainted || (rest !== "" && subject.tainted));
}

/** Trees of replacements that are constant. */
const trees = new WeakMap<Parts, ReturnType<typeof parse>>();

function expandReplacement({ replacement, sources }: Substitution, env: Environment): Maybe<Expansion> {
  const place = sources[2] as Parts;
  if (place.value === undefined) return expandText(replacement.text, env);
  let tree = trees.get(place);
  if (tree === undefined) {
    tree = parse(replacement.text);
    trees.set(place, tree);
  }
  const { fault } = tree;
  const result = evaluateParts(tree.parts, env);
  return fault === undefined ? result : chain(result, (found) => (found.kind === "value" ? expansionError(fault.message) : found));
}
