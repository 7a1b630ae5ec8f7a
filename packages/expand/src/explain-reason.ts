/** Why a condition came out as it did, in a few words, as Unicode: people read it. */
import { printableAddress, unicodeOf } from "@mailkit/sdk";
import type { Expansion } from "@mailkit/sdk";
import type { Condition, Parts } from "./ast.ts";
import type { Visit } from "./record.ts";

type Outcome = { readonly kind: string } | undefined;

export function reasonOf(condition: Condition, visit: Visit, outcome: Outcome): string | undefined {
  if (outcome?.kind !== "true" && outcome?.kind !== "false") return undefined;
  const yes = outcome.kind === "true";
  switch (condition.kind) {
    case "not":
      return undefined;
    case "group":
      return groupReason(condition, visit, yes);
    case "number":
    case "text":
    case "pair":
      return `${quoted(condition.a, visit)} ${relation(condition.name, yes)} ${quoted(condition.b, visit)}`;
    case "single":
      return quoted(condition.a, visit);
    case "def":
      return yes ? `$${condition.name} has a value` : `$${condition.name} is empty`;
    case "defHeader":
      return yes ? "the message has this header" : "the message has no such header";
    case "each":
      return eachReason(condition, visit, yes);
    case "list":
      return listReason(visit, quoted(condition.a, visit));
    case "flag":
    case "acl":
    case "saslauthd":
      return undefined;
  }
}

const RELATIONS: ReadonlyMap<string, readonly [string, string]> = new Map([
  ["match", ["matches", "does not match"]],
  ["inlist", ["is in", "is not in"]],
  ["inlisti", ["is in", "is not in"]],
  ["crypteq", ["is the password of", "is not the password of"]],
  ["inbound_srs", ["is signed with", "is not signed with"]],
]);

function relation(name: string, yes: boolean): string {
  const [positive, negative] = RELATIONS.get(name) ?? [name, `is not ${name}`];
  return yes ? positive : negative;
}

/** The value of an operand; a constant is never a step of its own. */
function quoted(parts: Parts, visit: Visit): string {
  const done = visit.entries.find((entry): entry is Visit => entry.kind === "visit" && entry.step === parts);
  const value = parts.value ?? (done?.result as Expansion | undefined);
  return value?.kind === "value" ? `"${clipped(unicodeOf(printableAddress(value.text)))}"` : "?";
}

export function clipped(text: string, room = 60): string {
  return text.length > room ? `${text.slice(0, room - 1)}…` : text;
}

function stepsOf(visit: Visit): Visit[] {
  return visit.entries.filter((entry): entry is Visit => entry.kind === "visit");
}

function groupReason(condition: Extract<Condition, { kind: "group" }>, visit: Visit, yes: boolean): string {
  const decided = yes === (condition.name === "or");
  if (!decided) return yes ? "all of them are true" : "none of them is true";
  const count = stepsOf(visit).length;
  const rest = condition.members.length - count;
  return `number ${count} is ${yes}${rest > 0 ? `, ${rest} not looked at` : ""}`;
}

function eachReason(condition: Extract<Condition, { kind: "each" }>, visit: Visit, yes: boolean): string {
  const looked = stepsOf(visit).filter((step) => step.step === condition.condition);
  if (looked.length === 0) return "the list is empty";
  if (yes !== condition.name.startsWith("forany")) return yes ? "it is true of all items" : "it is true of no item";
  return `item ${looked.length} is ${yes}`;
}

function listReason(visit: Visit, subject: string): string {
  const told = visit.entries.flatMap((entry) => (entry.kind === "said" && entry.event.kind === "list" ? [entry.event] : []));
  const event = told.at(-1);
  if (event?.item === undefined) return event?.result === "yes" ? `${subject} is in it` : `no item matches ${subject}`;
  // Named lists told of their own items before, the innermost first.
  let [decided, of] = [event, ""];
  for (const inner of told.slice(0, -1).reverse()) {
    if (inner.list === decided.item && inner.item !== undefined && inner.result === "yes") [decided, of] = [inner, ` of ${inner.list}`];
  }
  const where = decided.at === undefined ? "" : ` at ${unicodeOf(decided.at.file)}:${decided.at.line}`;
  return `${subject} by item "${clipped(unicodeOf(printableAddress(decided.item ?? "")))}"${of}${where}`;
}
