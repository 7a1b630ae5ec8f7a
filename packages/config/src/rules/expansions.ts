/** Faults inside strings that are expanded, and inside lists, found before they are ever evaluated. */
import type { CompiledList, Template } from "@mailkit/sdk";
import { place, writtenSettings, type Rule, type RuleInput } from "./input.ts";
import { isListType } from "../compilers.ts";
import { lookupHint } from "./lookup-types.ts";
import { splitList, type Located } from "../values/scan.ts";
import type { Setting } from "../values/settings.ts";

/** Syntax of every expanded string: options, ACLs have their own rule, rewriting replacements. */
export const expansionSyntax: Rule = (input) => {
  for (const { setting, owner } of writtenSettings(input)) {
    if (setting.spec.type === "rewrites") continue;
    if (setting.spec.type === "expanded" && (setting.spec.repeat === "colon" || setting.spec.repeat === "lines")) {
      checkItems(setting, `${setting.name} of ${owner}`, input);
      continue;
    }
    for (const template of templatesOf(setting.value)) {
      reportTemplate(
        template,
        `${setting.name} of ${owner}`,
        setting.parts.length > 1 ? partOf(setting.parts, template) : setting.located,
        input,
      );
    }
  }
  for (const rule of input.configuration.rewrite) {
    const { fault } = rule.replacement;
    const at = fault === undefined ? undefined : (rule.locate?.(fault.offset) ?? rule.at);
    if (fault !== undefined)
      input.report.add("MK0401", `the replacement of this rewriting rule: ${fault.message}`, { at, length: 1, hint: fault.hint });
  }
};

/** What `@mailkit/lists` finds wrong in a list: bad regular expressions, unknown lookups. */
export const listFaults: Rule = (input) => {
  for (const { setting, owner } of writtenSettings(input)) {
    if (isListType(setting.spec.type)) reportList(setting.value as CompiledList, `${setting.name} of ${owner}`, setting.located, input);
  }
  for (const [kind, lists] of input.configuration.lists) {
    for (const named of lists.values()) {
      const located = {
        text: named.list.source,
        at: named.at,
        locate: named.locate ?? (() => named.at),
        width: (_: number, n: number) => n,
      };
      reportList(named.list, `${kind}list ${named.name}`, located, input);
    }
  }
};

/** `headers_add`, `headers_remove`: the list is taken apart first, then its items are expanded one by one. */
function checkItems({ located, spec }: Setting, what: string, input: RuleInput): void {
  const items = spec.repeat === "lines" ? splitList(`<\n${located.text}`) : splitList(located.text);
  const shift = spec.repeat === "lines" ? 2 : 0;
  for (const item of items) {
    if (!/[$\\]/.test(item.text)) continue;
    const { fault } = input.compilers.template(item.text);
    if (fault !== undefined) {
      const where = place(located, item.offset - shift + fault.offset, 1);
      input.report.add("MK0401", `${what}: ${fault.message}`, { ...where, hint: fault.hint });
    }
  }
}

function templatesOf(value: unknown): readonly Template[] {
  if (Array.isArray(value)) {
    return value.flatMap((item) => templatesOf(isAssignment(item) ? item.template : item));
  }
  return isTemplate(value) ? [value] : [];
}

function isTemplate(value: unknown): value is Template {
  return typeof value === "object" && value !== null && "evaluate" in value && "source" in value;
}

function isAssignment(value: unknown): value is { readonly template: Template } {
  return typeof value === "object" && value !== null && "template" in value;
}

function partOf(parts: readonly Located[], template: Template): Located {
  return parts.find((part) => part.text === template.source) ?? (parts[0] as Located);
}

function reportTemplate(template: Template, what: string, located: Located, { report }: RuleInput): void {
  if (template.fault === undefined) return;
  // A template that is part of the value (`set`, a value with affixes) starts at its own position.
  const shift = Math.max(0, located.text.indexOf(template.source));
  report.add("MK0401", `${what}: ${template.fault.message}`, {
    ...place(located, shift + template.fault.offset, 1),
    hint: template.fault.hint,
  });
}

interface Faulty {
  readonly faults?: readonly { readonly message: string; readonly item: string | undefined }[];
}

function reportList(list: CompiledList, what: string, located: Located, { report, lookups }: RuleInput): void {
  for (const fault of (list as Faulty).faults ?? []) {
    const type = /^unknown lookup type "([^"]*)"/.exec(fault.message)?.[1];
    const hint = type === undefined ? undefined : lookupHint(type, lookups);
    const offset = fault.item === undefined ? 0 : Math.max(0, located.text.indexOf(fault.item));
    const length = fault.item === undefined ? located.text.length : fault.item.length;
    report.add("MK0203", `${what}: ${fault.message}`, { ...place(located, offset, length), hint });
  }
}
