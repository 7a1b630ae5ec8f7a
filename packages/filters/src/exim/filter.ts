/** Exim filters: text to run, with parsed trees kept by text (a user's filter runs for every message). */
import type { Maybe } from "@mailkit/sdk";
import type { EximRun } from "../actions.ts";
import type { ParsedFilter, Refusal } from "./ast.ts";
import { evaluateFilter } from "./evaluate.ts";
import { parseEximFilter } from "./parse.ts";
import type { EximRequest } from "./run.ts";

export interface EximFilters {
  run(request: EximRequest): Maybe<EximRun>;
}

const REFUSALS: readonly Refusal[] = ["fail", "freeze", "defer"];
/** Trees kept, and octets of text that are worth keeping. */
const CACHE_LIMIT = 64;
const CACHED_TEXT = 65_536;

export function makeEximFilters(): EximFilters {
  const cache = new Map<string, ParsedFilter>();
  return {
    run(request) {
      const key = keyOf(request);
      const known = cache.get(key);
      const filter = known ?? parseRequest(request);
      if (known === undefined && key.length <= CACHED_TEXT) {
        if (cache.size >= CACHE_LIMIT) cache.delete(cache.keys().next().value as string);
        cache.set(key, filter);
      }
      return evaluateFilter(filter, request);
    },
  };
}

/** For `-bf`, and for the system filter, which is read once a message. */
export function runEximFilter(request: EximRequest): Maybe<EximRun> {
  return evaluateFilter(parseRequest(request), request);
}

function parseRequest({ text, system, forbid }: EximRequest): ParsedFilter {
  return parseEximFilter(text, { system, refusals: new Set(REFUSALS.filter((word) => system || !forbid.has(word))) });
}

/** What the tree depends on. */
function keyOf({ text, system, forbid }: EximRequest): string {
  return (system ? "s" : "u") + REFUSALS.map((word) => (forbid.has(word) ? "-" : "+")).join("") + text;
}

/**
 * Text of a system filter's `fail`: what stands between `<<` and `>>` at its start goes to the log, the rest to the
 * sender (manual §"Defer, freeze, and fail commands for system filters").
 */
export function splitFailText(text: string): { readonly log: string; readonly user: string } {
  const end = text.startsWith("<<") ? text.indexOf(">>", 2) : -1;
  return end < 0 ? { log: text, user: text } : { log: text.slice(2, end), user: text.slice(end + 2) };
}
