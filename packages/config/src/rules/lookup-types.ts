/** Types of lookups that do not exist: Exim says so when a message comes, and then only to the log. */
import { parse, type Node, type Parts } from "@mailkit/expand";
import { nearest } from "@mailkit/sdk";
import { place, type Rule, type RuleInput } from "./input.ts";
import { childrenOf, writtenTexts, type WrittenText } from "./written-texts.ts";

export const lookupTypes: Rule = (input) => {
  for (const text of writtenTexts(input))
    if (/\$\{(?:lookup|quote_)/.test(text.located.text)) check(parse(text.located.text).parts, 0, text, input);
};

function check(parts: Parts, base: number, text: WrittenText, input: RuleInput): void {
  let offset = base;
  for (const node of parts.nodes) {
    const type = typeOf(node);
    if (type !== undefined && !input.lookups.has(baseType(type))) {
      const start = offset + Math.max(0, node.raw.indexOf(type));
      input.report.add("MK0401", `${text.what}: unknown lookup type "${baseType(type)}"`, {
        ...place(text.located, start, type.length),
        hint: lookupHint(type, input.lookups),
      });
    }
    for (const inner of childrenOf(node)) check(inner, offset + Math.max(0, node.raw.indexOf(inner.raw)), text, input);
    offset += node.raw.length;
  }
}

/** The type of a lookup, or of the lookup that `${quote_type:...}` quotes for. */
function typeOf(node: Node): string | undefined {
  if (node.kind === "lookup") return node.type;
  return node.kind === "operator" && node.name.startsWith("quote_") && node.suffix !== undefined ? node.suffix : undefined;
}

/** `partial-lsearch*@,ret=full` is an lsearch (manual §"Single-key lookup types", §"Partial matching in single-key lookups"). */
function baseType(type: string): string {
  return type.replace(/^partial[0-9]*(?:\([^)]*\)|-)/, "").replace(/(?:,|\*@?).*$/s, "");
}

export function lookupHint(type: string, lookups: ReadonlySet<string>): string {
  const near = nearest(baseType(type), lookups);
  return near === undefined ? "mailkit info lists the lookup types" : `did you mean "${near}"?`;
}
