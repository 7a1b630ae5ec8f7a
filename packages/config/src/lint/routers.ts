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
  /** The first router that lets nothing of these domains go on, and its place in the order. */
  const swallowing = new Map<string, { readonly router: RouterInstance; readonly index: number }>();
  for (const [index, router] of routers.entries()) {
    const all = swallowing.get(EVERYTHING);
    const same = swallowing.get(router.source?.("domains") ?? EVERYTHING);
    const before = all !== undefined && (same === undefined || all.index < same.index) ? all.router : same?.router;
    if (before !== undefined && !jumps.has(router.name))
      report.add("MK0731", `router "${router.name}" is never reached`, {
        at: router.at,
        length: router.name.length,
        hint: hintFor(before),
      });
    const domains = swallowedBy(router);
    if (domains !== undefined && !swallowing.has(domains)) swallowing.set(domains, { router, index });
  }
};

const EVERYTHING = "*";

function hintFor(before: RouterInstance): string {
  const domains = before.source?.("domains");
  const which = domains === undefined || domains === "*" ? "every address" : `every address in ${domains}`;
  const place = `"${before.name}" (line ${before.at.line})`;
  return takesAll(before) ? `${place} accepts ${which} first` : `${place} has no_more, and looks at ${which} first`;
}

/** The list of domains, as it is written, of which nothing goes on; undefined = something may. */
function swallowedBy(router: RouterInstance): string | undefined {
  const domains = router.source?.("domains") ?? EVERYTHING;
  if (PRECONDITIONS.some((option) => option !== "domains" && router.isSet(option))) return undefined;
  if (router.isSet("unseen") || router.isSet("pass_router") || router.source?.("self") === "pass") return undefined;
  return takesAll(router) || router.generic["more"] === false ? domains : undefined;
}

/** The router has an answer for every address that it looks at. */
function takesAll(router: RouterInstance): boolean {
  if (!router.isSet("transport")) return false;
  if (router.driver.name === "accept") return true;
  if (router.driver.name !== "manualroute") return false;
  const goesOn = ["host_find_failed", "host_all_ignored"].some((option) => /^(?:decline|pass)$/.test(router.source?.(option) ?? ""));
  return !goesOn && /^\*\s+[^$;\s]+/.test(router.source?.("route_list") ?? "");
}
