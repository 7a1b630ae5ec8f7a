/** Steps of domain lists and local part lists: one text against each item (manual §"Domain lists", §"Local part lists"). */
import { lower } from "@mailkit/sdk";
import { matchNamed } from "./named.ts";
import { directiveStep, fileStep, type StepFamily } from "./steps.ts";
import { printPattern, type ListItem } from "./syntax.ts";
import { compileText, type CompileContext, type TextSubject } from "./text-matcher.ts";
import type { Step } from "./walk.ts";

export function textFamily(kind: "domain" | "localpart", source: string, context: CompileContext): StepFamily<TextSubject> {
  return {
    kind,
    make: (item) => makeStep(item, kind, source, context),
    literalKey: (pattern, caseful) => (pattern.kind !== "literal" ? undefined : caseful ? pattern.text : lower(pattern.text)),
    subjectKey: (subject, caseful) => (caseful ? subject.text : subject.folded),
    literalHit: (item) => ({ kind: "hit", data: { text: printPattern(item.pattern), tainted: context.tainted } }),
  };
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
  return {
    item,
    test: (subject, walk) =>
      matchNamed<TextSubject>(
        {
          kind,
          name,
          subject,
          key: subject.text,
          caseful: walk.caseful,
          foreign: (list) => (list.kind === "host" ? { kind: "no" } : list.match(subject.text, walk.scope)),
        },
        walk,
      ),
  };
}
