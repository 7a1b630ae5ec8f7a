/** What follows when a router declines, and the end of the list: `more`, `cannot_route_message`, "Unrouteable address". */
import { chain, trimSpace } from "@mailkit/sdk";
import type { Maybe } from "@mailkit/sdk";
import type { CompiledRouter } from "./compile.ts";
import { explained, note } from "./explain.ts";
import { deferred, failed } from "./results.ts";
import type { RouteResult } from "./types.ts";
import type { Visit } from "./visit.ts";

/** Undefined = the next router. `more` is only looked at here (manual §"Generic options for routers"). */
export function declined(router: CompiledRouter, visit: Visit, reason: string): Maybe<RouteResult | undefined> {
  note(router, visit, { result: "declined", detail: reason });
  return chain(flag(router, visit, "more", true), (more) => {
    if (more === true) return undefined;
    if (more === false) return unrouteable(router, visit);
    return explained(router, visit, deferred(router, visit, more));
  });
}

/** A text is why it cannot be said. */
export function flag(router: CompiledRouter, visit: Visit, name: "more" | "unseen", fallback: boolean): Maybe<boolean | string> {
  const option = router.generic[name];
  if (typeof option === "boolean") return option;
  return chain(option.evaluate(visit.scope), (result) => {
    if (result.kind === "forcedFailure") return fallback;
    if (result.kind === "error") return `failed to expand "${name}" in ${router.name} router: ${result.message}`;
    const text = trimSpace(result.text);
    if (/^(?:yes|true)$/i.test(text)) return true;
    if (/^(?:no|false)$/i.test(text)) return false;
    return `"${result.text}" is not a valid value for the "${name}" option in the ${router.name} router`;
  });
}

/**
 * Nobody took it. A router that declined and said why is believed, as by Exim; else the message is that of the last
 * router that was considered, even if it was skipped.
 */
export function unrouteable(last: CompiledRouter | undefined, visit: Visit): Maybe<RouteResult> {
  if (visit.declined !== undefined) return failed(undefined, visit, { message: visit.declined, forUser: false });
  const template = last?.generic.cannot_route_message;
  const fallback = { message: "Unrouteable address", forUser: true };
  if (last === undefined || template === undefined) return failed(undefined, visit, fallback);
  return chain(template.evaluate(visit.scope), (result) => {
    if (result.kind === "error") {
      const line = `failed to expand "${template.source}" (cannot_route_message) in ${last.name} router: ${result.message}`;
      visit.notes.push({ log: [line], panic: [line] });
    }
    return failed(undefined, visit, result.kind === "value" ? { message: result.text, forUser: true } : fallback);
  });
}
