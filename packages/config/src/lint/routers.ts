/** Traps of routers (manual §"Router preconditions", §"condition", §"more"). */
import type { RouterInstance } from "../types.ts";
import type { Trap } from "./trap.ts";

/** Text beside `${if...}`: a router takes any text but "", 0, no and false for true. */
export const alwaysTrueConditions: Trap = ({ routers }, report) => {
  for (const router of routers) {
    const source = router.source?.("condition");
    if (source === undefined) continue;
    const rest = literalRest(source);
    if (rest === undefined) continue;
    report.add("MK0701", `condition of router "${router.name}" is always true: "${rest.text}" stands beside the expansion`, {
      at: router.locate?.("condition", rest.offset) ?? router.at,
      length: rest.text.length,
      hint: "put the alternatives into the braces of ${if",
    });
  }
};

/** Literal text outside of all expansions, when there is an expansion too. */
export function literalRest(source: string): { readonly text: string; readonly offset: number } | undefined {
  let expansions = 0;
  let found: { text: string; offset: number } | undefined;
  for (let i = 0; i < source.length; i++) {
    const c = source[i] as string;
    if (c === "$") {
      expansions++;
      i = source[i + 1] === "{" ? closing(source, i + 1) : i + (/^[A-Za-z0-9_]*/.exec(source.slice(i + 1))?.[0].length ?? 0);
    } else if (found === undefined && !/\s/.test(c)) {
      found = { text: /^[^$]*/.exec(source.slice(i))?.[0].trimEnd() ?? c, offset: i };
    }
  }
  return expansions > 0 && source.includes("${if") ? found : undefined;
}

function closing(source: string, open: number): number {
  let depth = 0;
  for (let i = open; i < source.length; i++) {
    if (source[i] === "\\") i++;
    else if (source[i] === "{") depth++;
    else if (source[i] === "}" && --depth === 0) return i;
  }
  return source.length;
}

const PRECONDITIONS = [
  "domains",
  "local_parts",
  "condition",
  "check_local_user",
  "senders",
  "require_files",
  "local_part_prefix",
  "local_part_suffix",
  "verify_only",
  "expn",
  "verify",
  "verify_sender",
  "verify_recipient",
  "address_test",
];

/** A router below one that takes everything, or that lets nothing it saw go on. */
export const unreachableRouters: Trap = ({ routers }, report) => {
  const jumps = new Set(routers.flatMap((router) => [router.source?.("redirect_router"), router.source?.("pass_router")]));
  for (const [index, router] of routers.entries()) {
    if (jumps.has(router.name)) continue;
    const before = routers.slice(0, index).find((candidate) => swallows(candidate, router));
    if (before === undefined) continue;
    const domains = before.source?.("domains");
    const what = before.driver.name === "accept" ? "accepts" : "is the last for";
    const which = domains === undefined ? "every address" : `every address in ${domains}`;
    report.add("MK0731", `router "${router.name}" is never reached`, {
      at: router.at,
      length: router.name.length,
      hint: `"${before.name}" (line ${before.at.line}) ${what} ${which} first`,
    });
  }
};

function swallows(before: RouterInstance, after: RouterInstance): boolean {
  const conditions = PRECONDITIONS.filter((option) => before.isSet(option));
  const sameDomains = conditions.length === 1 && conditions[0] === "domains" && before.source?.("domains") === after.source?.("domains");
  if (conditions.length > 0 && !sameDomains) return false;
  if (before.isSet("unseen") || before.isSet("pass_router") || before.source?.("self") === "pass") return false;
  const takesAll = before.driver.name === "accept" && before.isSet("transport");
  return takesAll || before.generic["more"] === false;
}
