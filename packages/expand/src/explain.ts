/**
 * From the record of an evaluation to the tree that `expand --explain` shows: each step with its source, its outcome and
 * the reason for it. Pure; how it looks is the caller's business.
 */
import type { Expansion, TraceEvent } from "@mailkit/sdk";
import type { Branches, Condition, Node, Parts } from "./ast.ts";
import { branchesOf, isCondition, isParts, rolesOf } from "./explain-roles.ts";
import type { Role } from "./explain-roles.ts";
import { reasonOf } from "./explain-reason.ts";
import type { Entry, Recording, Said, Visit } from "./record.ts";

export type ExplainedOutcome =
  | Expansion
  | { readonly kind: "true" | "false" }
  /** A string that was not chosen. */
  | { readonly kind: "skipped" }
  | LookupOutcome;

export interface LookupOutcome {
  readonly kind: "found" | "notFound" | "defer";
  readonly text: string | undefined;
  /** The answer was there already: of the same question, or in the index of a file that did not change. */
  readonly kept: boolean;
}

export interface Explained {
  /** `event`: what an ACL, a list or the resolver told meanwhile. */
  readonly kind: "string" | "variable" | "header" | "operator" | "item" | "condition" | "lookup" | "event" | "fault";
  readonly name: string | undefined;
  /** What it is to the step above: "condition", "key", "then", "else". */
  readonly role: string | undefined;
  /** As written. */
  readonly source: string;
  /** Where it begins in the whole string; undefined for text that came into being meanwhile. */
  readonly offset: number | undefined;
  readonly outcome: ExplainedOutcome | undefined;
  /** In Unicode; all other texts are octets. */
  readonly why: string | undefined;
  /** Milliseconds. */
  readonly took: number | undefined;
  readonly event: TraceEvent | undefined;
  readonly children: readonly Explained[];
}

/** The tree of one string; its root is the whole string. */
export function explain(parts: Parts, record: Recording, result: Expansion): Explained {
  const entries = record.entries.flatMap((entry) => (entry.kind === "visit" && entry.step === parts ? entry.entries : [entry]));
  return {
    ...leaf("string", parts.raw),
    offset: 0,
    outcome: result,
    children: childrenOf(parts, entries, { placed: true, offset: 0, from: 0 }),
  };
}

/** The innermost step that failed, to point at it. */
export function failingStep(tree: Explained): Explained | undefined {
  if (!hasFailed(tree)) return undefined;
  for (const child of [...tree.children].reverse()) {
    const inner = failingStep(child);
    if (inner !== undefined) return inner;
  }
  return tree.offset === undefined ? undefined : tree;
}

export function hasFailed({ outcome }: Explained): boolean {
  return outcome?.kind === "error" || outcome?.kind === "forcedFailure";
}

interface Place {
  readonly placed: boolean;
  readonly offset: number | undefined;
  /** When the step began, milliseconds. */
  readonly from: number;
}

function leaf(kind: Explained["kind"], source: string): Explained {
  return {
    kind,
    source,
    name: undefined,
    role: undefined,
    offset: undefined,
    outcome: undefined,
    why: undefined,
    took: undefined,
    event: undefined,
    children: [],
  };
}

function childrenOf(step: Parts | Node | Condition, entries: readonly Entry[], place: Place): Explained[] {
  const roles = rolesOf(step);
  const branches = isParts(step) || isCondition(step) ? undefined : branchesOf(step);
  const children: Explained[] = [];
  let items = 0;
  let mark = place.from;
  for (const entry of entries) {
    if (entry.kind === "said") {
      children.push(explainSaid(entry, mark));
      // What the resolver tells before that is part of the lookup.
      if (entry.event.kind === "lookup") mark = entry.at;
      continue;
    }
    mark = entry.ended;
    if (branches !== undefined && (entry.step === branches.yes || entry.step === branches.no)) continue;
    const role = roles.get(entry.step);
    const shown = role?.role === "item" ? { ...role, role: `item ${++items}` } : role;
    children.push(explainVisit(entry, shown, offsetIn(step, entry.step, place)));
  }
  return children;
}

/** Nodes know how they are written, not where: that follows from those before them. */
function offsetIn(step: object, inner: object, { placed, offset }: Place): number | undefined {
  if (!placed || offset === undefined) return undefined;
  if (!isParts(step)) return (inner as { at?: number }).at;
  let at = offset;
  for (const node of step.nodes) {
    if (node === inner) return at;
    at += node.raw.length;
  }
  return undefined;
}

function explainVisit(visit: Visit, role: Role | undefined, offset: number | undefined): Explained {
  const step = visit.step as Parts | Node | Condition;
  const placed = role?.placed === true && offset !== undefined;
  const at = placed ? offset : undefined;
  const place: Place = { placed, offset: at, from: visit.began };
  if (isParts(step)) {
    const children = childrenOf(step, visit.entries, place);
    const only = step.nodes.length === 1 && children.length === 1 ? children[0] : undefined;
    if (only !== undefined) return { ...only, role: role?.role ?? only.role };
    return { ...leaf("string", step.raw), role: role?.role, offset: at, outcome: visit.result as Expansion, children };
  }
  const children = childrenOf(step, visit.entries, place);
  const shared = { role: role?.role, offset: at, took: visit.ended - visit.began };
  if (isCondition(step)) {
    const outcome = verdictOf(visit.result);
    return { ...leaf("condition", step.raw), ...shared, name: nameOf(step), outcome, why: reasonOf(step, visit, outcome), children };
  }
  const branches = branchesOf(step);
  if (branches !== undefined) children.push(...branchChildren(branches, visit, placed));
  return { ...leaf(kindOf(step), step.raw), ...shared, name: nameOf(step), outcome: visit.result as Expansion, children };
}

function verdictOf(result: unknown): ExplainedOutcome | undefined {
  if (typeof result === "boolean") return { kind: result ? "true" : "false" };
  return result as Expansion | undefined;
}

function kindOf(node: Node): Explained["kind"] {
  switch (node.kind) {
    case "variable":
    case "numeric":
      return "variable";
    case "header":
    case "operator":
    case "fault":
      return node.kind;
    default:
      return "item";
  }
}

function nameOf(step: Node | Condition): string {
  if (step.kind === "numeric") return String(step.index);
  return "name" in step ? step.name : step.kind;
}

/** `{yes}` and `{no}` as they stand: the chosen one with what came of it, the other one as skipped. */
function branchChildren(branches: Branches, visit: Visit, placed: boolean): Explained[] {
  if (visit.chose === undefined) return [];
  const shown = [
    { role: "then", parts: branches.yes, chosen: visit.chose },
    { role: "else", parts: branches.no, chosen: !visit.chose },
  ];
  const children = shown.flatMap(({ role, parts, chosen }) =>
    parts === undefined ? [] : [explainBranch({ parts, role, chosen, placed }, visit)],
  );
  if (branches.fail && !visit.chose) {
    const outcome: Expansion = { kind: "forcedFailure", message: `"${branches.item}" failed and "fail" requested` };
    children.push({ ...leaf("string", "fail"), role: "else", outcome });
  }
  return children;
}

interface Branch {
  readonly parts: Parts;
  readonly role: string;
  readonly chosen: boolean;
  readonly placed: boolean;
}

function explainBranch({ parts, role, chosen, placed }: Branch, visit: Visit): Explained {
  const offset = placed ? parts.at : undefined;
  const written = { ...leaf("string", parts.raw), role, offset };
  if (!chosen) return { ...written, outcome: { kind: "skipped" } };
  const done = visit.entries.find((entry): entry is Visit => entry.kind === "visit" && entry.step === parts);
  return done === undefined ? { ...written, outcome: parts.value } : explainVisit(done, { role, placed }, offset);
}

function explainSaid({ event, at }: Said, mark: number): Explained {
  if (event.kind !== "lookup") return { ...leaf("event", ""), event };
  const source = `${event.type} "${event.key}"${event.file === undefined ? "" : ` in ${event.file}`}`;
  const outcome: LookupOutcome = { kind: event.result, text: event.text, kept: event.kept === true };
  return { ...leaf("lookup", source), name: event.type, outcome, took: at - mark, event };
}
