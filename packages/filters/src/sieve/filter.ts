/** Sieve scripts: text to run, with parsed trees kept by text. */
import { chain } from "@mailkit/sdk";
import type { ChildAddress, Maybe } from "@mailkit/sdk";
import { fileChild } from "../children.ts";
import type { SieveCommand } from "./ast.ts";
import { evaluateSieve } from "./evaluate.ts";
import type { SieveAction, SieveRequest, SieveRun } from "./evaluate.ts";
import { parseSieve } from "./parse.ts";

export interface SieveFilters {
  run(request: SieveRequest): Maybe<SieveRun>;
}

const CACHE_LIMIT = 64;
const CACHED_TEXT = 65_536;

export function makeSieveFilters(): SieveFilters {
  const cache = new Map<string, readonly SieveCommand[]>();
  return {
    run(request) {
      const rules = rulesOf(request);
      const key = (rules.vacation ? "v" : "-") + (rules.enotify ? "n" : "-") + request.text;
      const known = cache.get(key);
      const commands = known ?? parseSieve(request.text, rules);
      if (known === undefined && key.length <= CACHED_TEXT) {
        if (cache.size >= CACHE_LIMIT) cache.delete(cache.keys().next().value as string);
        cache.set(key, commands);
      }
      return evaluateSieve(commands, request);
    },
  };
}

export function runSieve(request: SieveRequest): Maybe<SieveRun> {
  return evaluateSieve(parseSieve(request.text, rulesOf(request)), request);
}

function rulesOf({ vacationDirectory, enotifyMailtoOwner, test }: SieveRequest): { readonly vacation: boolean; readonly enotify: boolean } {
  return { vacation: test || vacationDirectory !== undefined, enotify: enotifyMailtoOwner !== undefined };
}

/** Notifications are no children: they are submitted at once, by `submit`. */
export function sieveChildren(actions: readonly SieveAction[]): ChildAddress[] {
  return actions.flatMap((action): ChildAddress[] => {
    switch (action.kind) {
      case "fileinto":
        return [fileChild(action.folder)];
      case "redirect":
        return [{ kind: "address", address: action.address }];
      case "vacation":
        return [{ kind: "reply", reply: action.reply }];
      case "notify":
        return [];
    }
  });
}

/** What `exim -bf` prints; the exit code is 0 in any case. */
export function printSieveRun({ fault, implicitKeep }: SieveRun): string {
  if (fault !== undefined) return `Sieve error: ${fault.message} in line ${fault.line}\n`;
  return implicitKeep ? "Implicit keep\n" : "No implicit keep\n";
}

/** Hands over notifications in order; a fault of one does not stop the message. */
export function submitAll(
  actions: readonly SieveAction[],
  submit: (action: Extract<SieveAction, { kind: "notify" }>) => Maybe<void>,
): Maybe<void> {
  let done: Maybe<void> = undefined;
  for (const action of actions) if (action.kind === "notify") done = chain(done, () => submit(action));
  return done;
}
