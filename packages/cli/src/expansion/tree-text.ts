/** The evaluation of a string as a tree, for people: source, outcome, reason; for `--json` as plain objects. Pure. */
import { clipped, hasFailed } from "@mailkit/expand";
import type { Explained, LookupOutcome } from "@mailkit/expand";
import { printableAddress, unicodeOf } from "@mailkit/sdk";
import type { Paint } from "../logs/life.ts";
import { traceLine } from "../trace-text.ts";

type Painter = (text: string, what: Paint) => string;

/** Room for a source and for a value, characters. */
const SOURCE = 60;
const VALUE = 120;
/** Steps of the same kind in a row (items of a list) that are shown. */
const ROW = 10;

/** Lines without their ends, octets. */
export function treeLines(tree: Explained, paint: Painter): string[] {
  const lines = [clipped(printableAddress(tree.source), SOURCE)];
  branch(shortened(tree), { prefix: "", lines, paint });
  if (lines.length === 1) lines.push("└─ nothing in it to evaluate");
  return lines;
}

interface Place {
  readonly prefix: string;
  readonly lines: string[];
  readonly paint: Painter;
}

function branch(children: readonly Row[], { prefix, lines, paint }: Place): void {
  children.forEach((child, i) => {
    const last = i === children.length - 1;
    const edge = `${prefix}${last ? "└─" : "├─"} `;
    const inner = `${prefix}${last ? "   " : "│  "}`;
    if ("more" in child) return void lines.push(`${edge}${paint(`${child.more} more`, "dim")}`);
    lines.push(edge + stepText(child, paint));
    branch(shortened(child), { prefix: inner, lines, paint });
  });
}

type Row = Explained | { readonly more: number };

/** The first steps of a long row, and the last one, which decided. What a condition says itself is not said again. */
function shortened(step: Explained): readonly Row[] {
  const children = step.children.filter(({ kind, event }) => !(kind === "event" && event?.kind === "list" && step.kind === "condition"));
  const items = children.filter(({ role }) => role?.startsWith("item ") === true);
  if (items.length <= ROW + 1) return children;
  const hidden = new Set(items.slice(ROW, -1));
  const first = items[ROW];
  return children.flatMap((child): Row[] => (child === first ? [{ more: hidden.size }] : hidden.has(child) ? [] : [child]));
}

function stepText(step: Explained, paint: Painter): string {
  if (step.event !== undefined && step.kind === "event") return paint((traceLine(step.event) ?? "").trim(), "dim");
  const role = step.role === undefined ? "" : `${step.role} `;
  const shown = step.kind === "string" ? `{${step.source}}` : step.source;
  const source = step.role === "else" && step.source === "fail" ? "fail" : clipped(printableAddress(shown), SOURCE);
  return `${role}${source}  ${outcomeText(step, paint)}`;
}

function outcomeText(step: Explained, paint: Painter): string {
  const { outcome, why } = step;
  switch (outcome?.kind) {
    case undefined:
      return paint("not finished", "bad");
    case "value": {
      const taken = step.role === "then" || step.role === "else" ? paint("taken ", "good") : "";
      return `${taken}= ${quoted(outcome.text)}${outcome.tainted ? paint(" tainted", "dim") : ""}`;
    }
    case "true":
    case "false":
      return `${paint(outcome.kind, outcome.kind === "true" ? "good" : "slow")}${why === undefined ? "" : `: ${why}`}`;
    case "skipped":
      return paint("not taken", "dim");
    case "forcedFailure":
    case "error":
      return failureText(step, outcome.message, paint);
    case "found":
    case "notFound":
    case "defer":
      return lookupText(outcome, step.took, paint);
  }
}

/** The message stands where it came up; what is around it failed, too. */
function failureText(step: Explained, message: string, paint: Painter): string {
  const kind = step.outcome?.kind === "forcedFailure" ? "forced failure" : "error";
  return paint(step.children.some(hasFailed) ? `${kind} inside` : `${kind}: ${printableAddress(message)}`, "bad");
}

function lookupText({ kind, text, kept }: LookupOutcome, took: number | undefined, paint: Painter): string {
  const time = took === undefined ? "" : `${took.toFixed(2)} ms${kept ? ", kept" : ""}`;
  const words = { found: `found ${quoted(text ?? "")}`, notFound: "not found", defer: `deferred: ${printableAddress(text ?? "")}` };
  return `${paint(words[kind], kind === "found" ? "good" : kind === "defer" ? "bad" : "slow")}  ${paint(time, "dim")}`;
}

function quoted(text: string): string {
  return `"${clipped(printableAddress(text), VALUE)}"`;
}

/** For `--json`: no undefined members, times rounded to microseconds, text as Unicode. */
export function treeJson(tree: Explained): object {
  const { children, outcome, took, event, why, source, ...rest } = tree;
  return {
    ...rest,
    source: unicodeOf(source),
    ...outcomeJson(outcome),
    ...(why === undefined ? {} : { why: unicodeOf(why) }),
    ...(took === undefined ? {} : { took: Math.round(took * 1000) / 1000 }),
    ...(event === undefined ? {} : { event: inUnicode(event) }),
    children: children.map(treeJson),
  };
}

function outcomeJson(outcome: Explained["outcome"]): object {
  if (outcome === undefined) return {};
  const { kind, ...rest } = outcome;
  return { result: kind, ...inUnicode(rest) };
}

function inUnicode(members: object): object {
  return Object.fromEntries(Object.entries(members).map(([name, value]) => [name, typeof value === "string" ? unicodeOf(value) : value]));
}
