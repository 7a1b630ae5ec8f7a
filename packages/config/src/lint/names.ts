/** Names that decide nothing, or decide by accident (manual §"Conditional skips in the configuration file"). */
import type { Trap } from "./trap.ts";

export const partialConditions: Trap = ({ details }, report) => {
  for (const { at, macro, word } of details?.partialConditions ?? []) {
    const message = `${word} counts as defined, because the name of macro ${macro} is part of it`;
    report.add("MK0703", message, { at, length: 1, hint: `rename macro ${macro}, or test another name` });
  }
};

/** A macro that was put into the middle of a longer name. */
export const partialReplacements: Trap = ({ details }, report) => {
  for (const { at, macro, word } of details?.partialReplacements ?? []) {
    const message = `macro ${macro} is replaced inside ${word}`;
    report.add("MK0707", message, { at, length: word.length, hint: `rename macro ${macro}, or define ${word} before it` });
  }
};

/** A named list, transport, ACL or macro whose name stands nowhere but in its definition. */
export const unusedNames: Trap = ({ lists, transports, acls, details }, report) => {
  const words = countWords(details?.trail ?? []);
  const unused = (name: string): boolean => (words.get(name) ?? 0) < 2;
  for (const [kind, named] of lists) {
    for (const { name, at } of named.values())
      if (unused(name)) report.add("MK0706", `${kind}list "${name}" is never used`, { at, length: name.length });
  }
  for (const { name, at } of transports.values())
    if (unused(name)) report.add("MK0706", `transport "${name}" is never used`, { at, length: name.length });
  for (const { name, at } of acls.values())
    if (unused(name)) report.add("MK0706", `ACL "${name}" is never used`, { at, length: name.length });
  for (const { name, at } of details?.unusedMacros ?? []) report.add("MK0706", `macro ${name} is never used`, { at, length: name.length });
};

function countWords(
  trail: readonly ({ readonly kind: "file" } | { readonly kind: "line"; readonly text: string })[],
): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const step of trail) {
    if (step.kind === "file") continue;
    for (const [word] of step.text.matchAll(/[A-Za-z0-9_]+/g)) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return counts;
}
