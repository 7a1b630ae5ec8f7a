/**
 * The answer of `mailkit route`: a tree of addresses and routers, each with its reason and where that stands. Plain
 * text, no colour; the requests must have been routed with `explain`.
 */
import { trimSpace, trimSpaceEnd } from "@mailkit/sdk";
import type { HostTarget, Position } from "@mailkit/sdk";
import { walkTree } from "./tree.ts";
import type { RouteNode, RouteStep } from "./types.ts";

export function renderRoute(nodes: readonly RouteNode[]): string {
  const width = Math.min(24, Math.max(0, ...[...walkTree(nodes)].flatMap((node) => stepsOf(node).map((step) => step.router.length))));
  const lines: string[] = [];
  for (const node of nodes) {
    lines.push(node.address);
    branch(node, { prefix: "", depth: 0, width, lines });
  }
  lines.push(summary(nodes));
  return lines.join("\n") + "\n";
}

interface Place {
  readonly prefix: string;
  readonly depth: number;
  readonly width: number;
  readonly lines: string[];
}

/** One line under an address: a router that was considered, or why there is none; with what hangs below it. */
interface Entry {
  readonly text: (place: Place) => string;
  readonly at?: Position | undefined;
  readonly hosts: readonly HostTarget[];
  readonly children: readonly RouteNode[];
}

function branch(node: RouteNode, place: Place): void {
  const entries = entriesOf(node);
  entries.forEach((entry, index) => {
    const last = index === entries.length - 1;
    const inner = place.prefix + (last ? "   " : "│  ");
    place.lines.push(`${place.prefix}${last ? "└─" : "├─"} ${withPosition(entry.text(place), entry.at)}`);
    for (const line of hostLines(entry.hosts)) place.lines.push(trimSpaceEnd(`${inner}   ${line}`));
    entry.children.forEach((child, i) => {
      const end = i === entry.children.length - 1;
      place.lines.push(`${inner}${end ? "└─" : "├─"} ${child.address}`);
      branch(child, { ...place, prefix: inner + (end ? "   " : "│  "), depth: place.depth + 1 });
    });
  });
}

function stepsOf(node: RouteNode): readonly RouteStep[] {
  return node.result.steps;
}

function entriesOf(node: RouteNode): Entry[] {
  const { result } = node;
  if (result.kind === "accepted" && result.generated !== undefined) {
    const why = result.problem?.message ?? `transport ${result.transport ?? "unset"}`;
    return [{ text: () => why, hosts: [], children: [] }];
  }
  const entries = stepsOf(node).map((step): Entry => ({ text: (place) => stepText(step, place), at: step.at, hosts: [], children: [] }));
  const last = entries.at(-1);
  if (result.kind === "accepted" && last !== undefined) entries[entries.length - 1] = { ...last, hosts: result.hosts };
  if (result.kind === "redirected" && last !== undefined) entries[entries.length - 1] = { ...last, children: node.children };
  if (result.kind === "copied") return copied(node, entries);
  const ranOut = (result.kind === "failed" || result.kind === "deferred") && result.router === undefined;
  if (ranOut) entries.push({ text: () => `${result.kind}: ${oneLine(result.message)}`, hosts: [], children: [] });
  return entries;
}

/** The copy's deliveries hang below the router that made it; the address goes on in the same column. */
function copied(node: RouteNode, entries: readonly Entry[]): Entry[] {
  const result = node.result;
  if (result?.kind !== "copied") return [...entries];
  const clone = node.children.find((child) => child.key === result.rest.key);
  const copy = node.children.find((child) => child.key === result.seen.key);
  const last = entries.at(-1);
  const own =
    last === undefined
      ? []
      : [{ ...last, hosts: result.seen.kind === "accepted" ? result.seen.hosts : [], children: copy?.children ?? [] }];
  return [...entries.slice(0, -1), ...own, ...(clone === undefined ? [] : entriesOf(clone))];
}

function stepText(step: RouteStep, place: Place): string {
  const detail = step.result === "skipped" ? skippedText(step, place) : oneLine(step.detail ?? "");
  return trimSpaceEnd(`${step.router.padEnd(place.width)}  ${step.result.padEnd(9)} ${detail}`);
}

/** Below the first level the name of the precondition is enough. */
function skippedText(step: RouteStep, place: Place): string {
  const by = step.by ?? "";
  return place.depth > 0 || step.detail === undefined ? by : oneLine(`${by}${step.detail.startsWith("=") ? " " : ": "}${step.detail}`);
}

function oneLine(text: string): string {
  return trimSpace(text.replace(/\s*\n\s*/g, " "));
}

function withPosition(text: string, at: Position | undefined): string {
  return at === undefined ? text : `${text}   ${at.file.slice(at.file.lastIndexOf("/") + 1)}:${at.line}`;
}

function hostLines(hosts: readonly HostTarget[]): string[] {
  const width = Math.max(0, ...hosts.map((host) => host.name.length));
  return hosts.map((host) => {
    const mx = host.mx === undefined ? "" : `${String(host.mx).padStart(2)} `;
    const port = host.port === undefined ? "" : `:${host.port}`;
    return `${mx}${host.name.padEnd(width)}  ${host.address}${port}`;
  });
}

function summary(nodes: readonly RouteNode[]): string {
  const counts = { accepted: 0, failed: 0, deferred: 0, discarded: 0 };
  for (const { result } of walkTree(nodes)) {
    if (result === undefined || result.kind === "redirected" || result.kind === "copied") continue;
    counts[result.kind === "accepted" ? (result.problem?.kind ?? "accepted") : result.kind]++;
  }
  const rest = (["failed", "deferred", "discarded"] as const).filter((kind) => counts[kind] > 0).map((kind) => `${counts[kind]} ${kind}`);
  return [`${counts.accepted} ${counts.accepted === 1 ? "delivery" : "deliveries"}`, ...rest].join(", ");
}
