/** Regular expressions of `match` and `sg`: those that are constant are compiled once for their place. */
import { boundSubject, compileRegex, EMPTY } from "@mailkit/sdk";
import type { CompiledRegex, Scope, Text } from "@mailkit/sdk";
import type { Parts } from "./ast.ts";

const atPlace = new WeakMap<Parts, CompiledRegex>();
const globalAtPlace = new WeakMap<Parts, CompiledRegex>();

/** `text` is what `parts` gave. */
export function regexOf(parts: Parts, text: string, global = false): CompiledRegex {
  if (parts.value === undefined) return compileRegex(text, { global });
  const places = global ? globalAtPlace : atPlace;
  const known = places.get(parts);
  if (known !== undefined) return known;
  const made = compileRegex(text, { global });
  places.set(parts, made);
  return made;
}

/** A match sets `$0`, `$1`...; they carry the taint of the text that was matched. */
export function matchInto(regex: RegExp, subject: Text, scope: Scope): boolean {
  const found = regex.exec(boundSubject(subject.text));
  if (found === null) return false;
  scope.frame.numeric = capturesOf(found, subject.tainted);
  return true;
}

export function capturesOf(found: readonly (string | undefined)[], tainted: boolean): readonly Text[] {
  return found.map((text) => (text === undefined || text === "" ? EMPTY : { text, tainted }));
}
