/** `self`: what to do when the first host turns out to be this one (manual §"Generic options for routers"). */
import { trimSpace } from "@mailkit/sdk";
import type { RouterOutcome } from "@mailkit/sdk";
import type { Visit } from "./visit.ts";

export type SelfAction =
  | { readonly kind: "freeze" | "defer" | "pass" | "fail" | "send" }
  | { readonly kind: "reroute"; readonly domain: string; readonly rewriteHeaders: boolean };

/** Anything that is not one of the words counts as the default; `check-routers.ts` reports it at load. */
export function parseSelf(written: string | undefined): SelfAction {
  const text = trimSpace(written ?? "freeze");
  const reroute = /^reroute:\s*(rewrite:)?\s*(\S+)$/.exec(text);
  if (reroute !== null) return { kind: "reroute", domain: reroute[2] as string, rewriteHeaders: reroute[1] !== undefined };
  if (text === "defer" || text === "pass" || text === "fail" || text === "send") return { kind: text };
  return { kind: "freeze" };
}

type OkOutcome = Extract<RouterOutcome, { kind: "ok" }>;

/** The outcome as it is after `self` has had its say; hosts of an address that goes on are not touched. */
export function applySelf(action: SelfAction, outcome: OkOutcome, visit: Visit): RouterOutcome {
  const local = outcome.localHost;
  if (local === undefined) return outcome;
  switch (action.kind) {
    case "send":
      return outcome;
    case "pass":
      visit.facts.selfHostname = local.name;
      return { kind: "pass", reason: local.message };
    case "fail":
      return { kind: "fail", message: local.message };
    case "reroute":
      return {
        kind: "rewrite",
        address: `${visit.rawLocalPart}@${action.domain}`,
        reason: `${local.message}, self = reroute`,
        rewriteHeaders: action.rewriteHeaders,
      };
    case "defer":
    case "freeze":
      visit.notes.push({ log: [`${local.message}: ${visit.domain}${routing(visit)}`] });
      return { kind: "defer", message: local.message, freeze: action.kind === "freeze" };
  }
}

/** The message's own log line has its id; a test has none and says what was routed. */
function routing(visit: Visit): string {
  return visit.request.purpose === "deliver" ? "" : ` (while routing <${visit.request.address}>)`;
}
