/** Steps of domain lists and local part lists: one text against each item (manual §"Domain lists", §"Local part lists"). */
import { lower } from "@mailkit/sdk";
import { keptUnder, matchNamed } from "./named.ts";
import { directiveStep, fileStep, LITERAL, type Slot, type StepFamily } from "./steps.ts";
import type { ListItem, Pattern } from "./syntax.ts";
import { compileText, type CompileContext, type TextSubject } from "./text-matcher.ts";
import type { Step } from "./walk.ts";

export function textFamily(kind: "domain" | "localpart", source: string, context: CompileContext): StepFamily<TextSubject> {
  return {
    kind,
    make: (item) => makeStep(item, kind, source, context),
    slotOf: (pattern, caseful) => textSlot(pattern, caseful),
    keyIn: (subject, slot, caseful) => textKey(caseful ? subject.text : subject.folded, slot),
  };
}

/** Literals, and suffixes by their length. */
export function textSlot(pattern: Pattern, caseful: boolean): Slot | undefined {
  if (pattern.kind !== "literal" && pattern.kind !== "suffix") return undefined;
  const written = pattern.kind === "literal" ? pattern.text : pattern.suffix;
  return { slot: pattern.kind === "literal" ? LITERAL : 1 + written.length, key: caseful ? written : lower(written) };
}

export function textKey(text: string, slot: number): string | undefined {
  if (slot === LITERAL) return text;
  const length = slot - 1;
  return length > text.length ? undefined : text.slice(text.length - length);
}

function makeStep(item: ListItem, kind: "domain" | "localpart", source: string, context: CompileContext): Step<TextSubject> {
  const pattern = item.pattern;
  switch (pattern.kind) {
    case "directive":
      return directiveStep(item, pattern.word);
    case "file":
      return fileStep(item, pattern.path, { source, tainted: context.tainted }, textFamily(kind, source, context));
    case "named":
      return namedTextStep(item, kind, pattern.name);
    default: {
      const matcher = compileText(pattern, context);
      return { item, test: (subject, walk) => matcher.match(subject, walk.caseful, walk.scope) };
    }
  }
}

function namedTextStep(item: ListItem, kind: "domain" | "localpart", name: string): Step<TextSubject> {
  const kept = keptUnder(kind, name);
  return {
    item,
    test: (subject, walk) =>
      matchNamed<TextSubject>(
        {
          kind,
          name,
          kept,
          subject,
          key: subject.text,
          caseful: walk.caseful,
          foreign: (list) => (list.kind === "host" ? { kind: "no" } : list.match(subject.text, walk.scope)),
        },
        walk,
      ),
  };
}
