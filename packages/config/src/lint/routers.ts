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
    report.add("MK0731", `router "${router.name}" is never reached`, { at: router.at, length: router.name.length, hint: hintFor(before) });
  }
};

function hintFor(before: RouterInstance): string {
  const domains = before.source?.("domains");
  const which = domains === undefined || domains === "*" ? "every address" : `every address in ${domains}`;
  const place = `"${before.name}" (line ${before.at.line})`;
  return takesAll(before) ? `${place} accepts ${which} first` : `${place} has no_more, and looks at ${which} first`;
}

function swallows(before: RouterInstance, after: RouterInstance): boolean {
  const conditions = PRECONDITIONS.filter((option) => before.isSet(option) && !(option === "domains" && before.source?.(option) === "*"));
  const sameDomains = conditions.length === 1 && conditions[0] === "domains" && before.source?.("domains") === after.source?.("domains");
  if (conditions.length > 0 && !sameDomains) return false;
  if (before.isSet("unseen") || before.isSet("pass_router") || before.source?.("self") === "pass") return false;
  return takesAll(before) || before.generic["more"] === false;
}

/** The router has an answer for every address that it looks at. */
function takesAll(router: RouterInstance): boolean {
  if (!router.isSet("transport")) return false;
  if (router.driver.name === "accept") return true;
  if (router.driver.name !== "manualroute") return false;
  const goesOn = ["host_find_failed", "host_all_ignored"].some((option) => /^(?:decline|pass)$/.test(router.source?.(option) ?? ""));
  return !goesOn && /^\*\s+[^$;\s]+/.test(router.source?.("route_list") ?? "");
}
