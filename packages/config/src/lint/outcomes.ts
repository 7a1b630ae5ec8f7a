/**
 * What a string can come to, as far as can be told without evaluating it: the texts that its literal parts and the
 * alternatives of its conditions allow (manual §"Expansion items", if). Pure.
 */
import { trimSpace } from "@mailkit/sdk";
import { parse, type Branches, type Node, type Parts } from "@mailkit/expand";

export interface Outcomes {
  /** Every text that can come out; undefined when something in it depends on more than a choice between literals. */
  readonly texts: readonly string[] | undefined;
  /** Literal text of the top level, with the offset of its first character that is no white space. */
  readonly literal: { readonly text: string; readonly offset: number } | undefined;
  /** The string holds an expansion. */
  readonly expands: boolean;
  /** Offset of an item that can end in a forced failure (`fail`). */
  readonly forced: number | undefined;
}

/** Two dozen choices make more texts than anyone needs to look at. */
const MAX_TEXTS = 64;

/** Undefined for a string with a fault of syntax, which is reported elsewhere. */
export function outcomesOf(source: string): Outcomes | undefined {
  const { parts, fault } = parse(source);
  if (fault !== undefined) return undefined;
  let offset = 0;
  let literal: Outcomes["literal"];
  let forced: number | undefined;
  for (const node of parts.nodes) {
    const start = node.kind === "literal" ? node.text.search(/[^ \t]/) : -1;
    if (node.kind === "literal" && start >= 0) literal ??= { text: trimSpace(node.text), offset: offset + start };
    if ("branches" in node && node.branches.fail) forced ??= offset;
    offset += node.raw.length;
  }
  return { texts: textsOf(parts), literal, expands: parts.nodes.some((node) => node.kind !== "literal"), forced };
}

function textsOf(parts: Parts): readonly string[] | undefined {
  let texts: readonly string[] = [""];
  for (const node of parts.nodes) {
    const next = textsOfNode(node);
    if (next === undefined || texts.length * next.length > MAX_TEXTS) return undefined;
    texts = texts.flatMap((text) => next.map((more) => text + more));
  }
  return texts;
}

function textsOfNode(node: Node): readonly string[] | undefined {
  if (node.kind === "literal") return [node.text];
  return node.kind === "if" ? alternatives(node.branches) : undefined;
}

/** Without any branch the text of a condition is `true` or nothing. */
function alternatives({ yes, no, fail }: Branches): readonly string[] | undefined {
  const first = yes === undefined ? ["true"] : textsOf(yes);
  const second = fail ? [] : no === undefined ? [""] : textsOf(no);
  return first === undefined || second === undefined ? undefined : [...first, ...second];
}

/** The texts that a router's condition takes for false; every other one is true (manual §"condition"). */
export function isFalseForRouter(text: string): boolean {
  return /^(?:|0|no|false)$/i.test(text);
}

/** No text with such a character in it is false for a router. */
export function holdsTrue(literal: string): boolean {
  return /[^0nofalse]/i.test(literal);
}

/** What an ACL's condition takes: digits, yes, true; nothing, no, false (manual §"ACL conditions"). */
export function isTruthForAcl(text: string): boolean {
  return /^(?:|\d+|yes|true|no|false)$/i.test(trimSpace(text));
}
