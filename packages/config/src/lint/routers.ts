/** Traps of the order of routers (manual §"Router preconditions", §"more"). */
import type { RouterInstance } from "../types.ts";
import type { Trap } from "./trap.ts";

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
