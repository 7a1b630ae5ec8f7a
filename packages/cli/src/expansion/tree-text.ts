/** The evaluation of a string as a tree, for people: source, outcome, reason; for `--json` as plain objects. Pure. */
import { clipped, hasFailed } from "@mailkit/expand";
import type { Explained, LookupOutcome } from "@mailkit/expand";
import { printableAddress, unicodeOf } from "@mailkit/sdk";
import type { Paint } from "../logs/life.ts";
import { traceLine } from "../trace-text.ts";

type Painter = (text: string, what: Paint) => string;

/** Room for a source and for what comes of it, characters, where nobody says how wide the terminal is. */
const SOURCE = 60;
const OUTCOME = 160;
/** Steps of the same kind in a row (items of a list) that are shown. */
const ROW = 10;

/** Lines without their ends, Unicode. `width`: columns of the terminal; longer lines are cut to it. */
export function treeLines(tree: Explained, paint: Painter, width?: number): string[] {
  const lines = [clipped(shownText(tree.source), width ?? SOURCE)];
  branch(shortened(tree), { prefix: "", lines, paint, width });
  if (lines.length === 1) lines.push("└─ nothing in it to evaluate");
  return lines;
}

interface Place {
  readonly prefix: string;
  readonly lines: string[];
  readonly paint: Painter;
  readonly width: number | undefined;
}

function branch(children: readonly Row[], place: Place): void {
  const { prefix, lines, paint, width } = place;
  children.forEach((child, i) => {
    const last = i === children.length - 1;
    const edge = `${prefix}${last ? "└─" : "├─"} `;
    if ("more" in child) return void lines.push(`${edge}${paint(`${child.more} more`, "dim")}`);
    const room = width === undefined ? undefined : Math.max(20, width - edge.length);
    lines.push(edge + stepText(child, paint, room));
    branch(shortened(child), { ...place, prefix: `${prefix}${last ? "   " : "│  "}` });
  });
}

function shownText(text: string): string {
  return unicodeOf(printableAddress(text));
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

function stepText(step: Explained, paint: Painter, room: number | undefined): string {
  if (step.event !== undefined && step.kind === "event") {
    const line = unicodeOf(traceLine(step.event) ?? "").trim();
    return paint(clipped(line, room ?? SOURCE + OUTCOME), "dim");
  }
  const role = step.role === undefined ? "" : `${step.role} `;
  const written = step.kind === "string" && step.source !== "fail" ? `{${step.source}}` : step.source;
  const pieces = outcomePieces(step);
  const right = pieces.reduce((sum, [text]) => sum + text.length, 0);
  // A long source gives way to a long outcome, down to half of the line.
  const most = room === undefined ? SOURCE : Math.max(12, Math.floor(room / 2) - role.length, room - right - 2 - role.length);
  const left = role + clipped(shownText(written), most);
  const rest = room === undefined ? OUTCOME : Math.max(8, room - left.length - 2);
  return `${left}  ${cutPieces(pieces, rest, paint)}`;
}

/** Text, and how it is painted. */
type Piece = readonly [text: string, what?: Paint];

function cutPieces(pieces: readonly Piece[], room: number, paint: Painter): string {
  let left = room;
  let line = "";
  for (const [text, what] of pieces) {
    if (left <= 0) break;
    const cut = clipped(text, left);
    line += what === undefined ? cut : paint(cut, what);
    left -= cut.length;
  }
  return line;
}

function outcomePieces(step: Explained): readonly Piece[] {
  const { outcome, why } = step;
  switch (outcome?.kind) {
    case undefined:
      return [["not finished", "bad"]];
    case "value": {
      const taken: Piece[] = step.role === "then" || step.role === "else" ? [["taken ", "good"]] : [];
      return [...taken, [`= "${shownText(outcome.text)}"`], ...(outcome.tainted ? [[" tainted", "dim"] as const] : [])];
    }
    case "true":
    case "false":
      return [[outcome.kind, outcome.kind === "true" ? "good" : "slow"], [why === undefined ? "" : `: ${why}`]];
    case "skipped":
      return [["not taken", "dim"]];
    case "forcedFailure":
    case "error":
      return [[failureText(step, outcome.message), "bad"]];
    case "found":
    case "notFound":
    case "defer":
      return lookupPieces(outcome, step.took);
  }
}

/** The message stands where it came up; what is around it failed, too. */
function failureText(step: Explained, message: string): string {
  const kind = step.outcome?.kind === "forcedFailure" ? "forced failure" : "error";
  return step.children.some(hasFailed) ? `${kind} inside` : `${kind}: ${shownText(message)}`;
}

function lookupPieces({ kind, text, kept }: LookupOutcome, took: number | undefined): readonly Piece[] {
  const words = { found: `found "${shownText(text ?? "")}"`, notFound: "not found", defer: `deferred: ${shownText(text ?? "")}` };
  const painted = { found: "good", notFound: "slow", defer: "bad" } as const;
  const time: Piece[] = took === undefined ? [] : [[`  ${took.toFixed(2)} ms${kept ? ", kept" : ""}`, "dim"]];
  return [[words[kind], painted[kind]], ...time];
}

/** For `--json`: no undefined members, times rounded to microseconds, text as Unicode. */
export function treeJson(tree: Explained): object {
  const { children, outcome, took, event, why, source, ...rest } = tree;
  return {
    ...rest,
    source: unicodeOf(source),
    ...outcomeJson(outcome),
    ...(why === undefined ? {} : { why }),
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
