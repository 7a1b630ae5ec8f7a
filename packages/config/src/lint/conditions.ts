/** Traps of `condition` in routers and ACLs (manual §"Generic options for routers", §"ACL conditions"). */
import type { Position } from "@mailkit/sdk";
import type { Configuration } from "../types.ts";
import { holdsTrue, isFalseForRouter, isTruthForAcl, outcomesOf, type Outcomes } from "./outcomes.ts";
import type { Trap } from "./trap.ts";

interface Condition {
  readonly owner: string;
  readonly text: string;
  readonly locate: (offset: number) => Position;
}

/** Text beside `${if...}`, or no expansion at all: a router takes any text but "", 0, no and false for true. */
export const alwaysTrueConditions: Trap = (configuration, report) => {
  for (const { owner, text, locate } of routerConditions(configuration)) {
    const outcomes = outcomesOf(text);
    if (outcomes === undefined || /^(?:true|yes|\d+)$/i.test(text)) continue;
    const { literal, texts, expands } = outcomes;
    const certain = literal !== undefined && holdsTrue(literal.text);
    if (!certain && (texts === undefined || texts.some(isFalseForRouter))) continue;
    const why = !expands ? `"${text}" is a text` : certain ? `"${literal.text}" stands beside the expansion` : "no alternative is false";
    report.add("MK0701", `condition of router "${owner}" is always true: ${why}`, {
      at: locate(certain ? literal.offset : 0),
      length: certain ? literal.text.length : text.length,
      hint: text.includes("${if") ? "put the alternatives into the braces of ${if" : "write ${if ...}, or leave the condition out",
    });
  }
};

/** Every alternative is "", 0, no or false. */
export const neverTrueConditions: Trap = (configuration, report) => {
  for (const { owner, text, locate } of routerConditions(configuration)) {
    const { texts, expands } = outcomesOf(text) ?? { texts: undefined, expands: false };
    if (!expands || texts === undefined || texts.length === 0 || !texts.every(isFalseForRouter)) continue;
    report.add("MK0713", `condition of router "${owner}" is never true`, {
      at: locate(0),
      length: text.length,
      hint: "the first braces after the test hold the text for true, as in {yes}{no}",
    });
  }
};

/** An ACL takes digits, yes, true, no, false and nothing; any other text is an error, and the client gets a 451. */
export const aclConditionTexts: Trap = ({ acls }, report) => {
  for (const acl of acls.values()) {
    for (const item of acl.statements.flatMap(({ items }) => items)) {
      if (item.name !== "condition") continue;
      const outcomes = outcomesOf(item.value);
      const wrong = outcomes === undefined ? undefined : wrongText(outcomes);
      if (wrong === undefined) continue;
      report.add("MK0714", `condition in ACL "${acl.name}" can be "${wrong}", which is neither true nor false`, {
        at: item.locate?.(0) ?? item.at,
        length: item.value.length,
        hint: "an ACL takes yes, true, no, false and digits, and answers 451 to any other text",
      });
    }
  }
};

function wrongText({ literal, texts, expands }: Outcomes): string | undefined {
  if (texts !== undefined) return texts.find((text) => !isTruthForAcl(text));
  return expands && literal !== undefined && /[^\d]/.test(literal.text) ? `...${literal.text}` : undefined;
}

/** `condition` and `dnslists` are expanded before they are judged: a forced failure skips them, as if they were true. */
const SKIPPED = new Set(["condition", "dnslists"]);

export const forcedTrueConditions: Trap = ({ acls }, report) => {
  for (const acl of acls.values()) {
    for (const item of acl.statements.flatMap(({ items }) => items)) {
      const forced = SKIPPED.has(item.name) ? outcomesOf(item.value)?.forced : undefined;
      if (forced === undefined) continue;
      report.add("MK0715", `${item.name} in ACL "${acl.name}" counts as true when it ends in fail`, {
        at: item.locate?.(forced) ?? item.at,
        length: item.value.length - forced,
        hint: "write {no} instead of fail",
      });
    }
  }
};

function* routerConditions({ routers }: Configuration): Generator<Condition> {
  for (const router of routers) {
    for (const { text, locate } of router.parts?.("condition") ?? []) yield { owner: router.name, text, locate };
  }
}
