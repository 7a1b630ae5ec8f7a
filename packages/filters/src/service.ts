/** The port `FilterService` of routers, made of Exim filters and Sieve. */
import { chain } from "@mailkit/sdk";
import type { FilterRequest, FilterResult, FilterService, Maybe, RouterAddress } from "@mailkit/sdk";
import type { EximRun } from "./actions.ts";
import { makeChildren } from "./children.ts";
import { makeEximFilters } from "./exim/filter.ts";
import { variableText } from "./exim/filter-scope.ts";
import type { LogWrite } from "./exim/run.ts";
import { makeSieveFilters, sieveChildren, submitAll } from "./sieve/filter.ts";
import type { SieveRequest } from "./sieve/evaluate.ts";
import type { Notification } from "./sieve/replies.ts";

export interface FilterPorts {
  /** Appends to a file as the user of the address; the answer is a fault's text. Absent: no filter may write a log. */
  readonly writeLog?: (entry: LogWrite, address: RouterAddress) => Maybe<string | undefined>;
  /** Submits a message of Sieve's `notify`. Absent: `enotify` is disabled. */
  readonly notify?: (message: Notification, address: RouterAddress) => Maybe<void>;
  /** The address after the rewriting rules: one more address of the user (`personal`). */
  readonly rewritten?: (address: string) => Maybe<string>;
}

export function makeFilterService(ports: FilterPorts = {}): FilterService {
  const exim = makeEximFilters();
  const sieve = makeSieveFilters();
  return {
    run: (request) =>
      chain(ownAddresses(request.address, ports), (own) => {
        if (request.kind === "sieve") return runSieve(request, own);
        return chain(exim.run(eximRequest(request, own, ports)), (run) =>
          chain(request.prependHome ? variableText(request.scope, "home") : "", (home) => resultOf(run, home)),
        );
      }),
  };

  function runSieve(request: FilterRequest, own: readonly string[]): Maybe<FilterResult> {
    const { notify } = ports;
    return chain(sieve.run(sieveRequest(request, own, notify !== undefined)), ({ actions }) => {
      const submitted =
        notify !== undefined && request.address.purpose === "deliver"
          ? submitAll(actions, (action) => notify(action.notification, request.address))
          : undefined;
      return chain(submitted, () => ({ kind: "done", delivered: true, children: sieveChildren(actions) }));
    });
  }
}

/** `$local_part@$domain` first; then as it was addressed, with affixes; then rewritten. */
function ownAddresses(address: RouterAddress, { rewritten }: FilterPorts): Maybe<readonly string[]> {
  const bare = `${address.localPart}@${address.domain}`;
  const own = [bare];
  const whole = recipientOf(address);
  if (whole !== bare) own.push(whole);
  if (rewritten === undefined) return own;
  return chain(rewritten(bare), (other) => (own.includes(other) ? own : [...own, other]));
}

function recipientOf({ prefix, localPart, suffix, domain }: RouterAddress): string {
  return `${prefix}${localPart}${suffix}@${domain}`;
}

function eximRequest(
  request: FilterRequest,
  own: readonly string[],
  { writeLog }: FilterPorts,
): Parameters<ReturnType<typeof makeEximFilters>["run"]>[0] {
  const { address } = request;
  return {
    text: request.text,
    system: false,
    scope: request.scope,
    forbid: request.forbid,
    qualifyDomain: request.qualifyDomain,
    ownAddresses: own,
    purpose: address.purpose === "deliver" ? "deliver" : "verify",
    ...(writeLog === undefined ? {} : { writeLog: (entry) => writeLog(entry, address) }),
  };
}

function sieveRequest(request: FilterRequest, own: readonly string[], canNotify: boolean): SieveRequest {
  const { inbox, enotifyMailtoOwner, ...settings } = request.sieve;
  return {
    text: request.text,
    scope: request.scope,
    qualifyDomain: request.qualifyDomain,
    ownAddresses: own,
    recipient: recipientOf(request.address),
    inbox,
    ...settings,
    ...(canNotify && enotifyMailtoOwner !== undefined ? { enotifyMailtoOwner } : {}),
    test: false,
  };
}

function resultOf({ end, actions, delivered }: EximRun, home: string): FilterResult {
  switch (end.kind) {
    case "error":
      return end;
    case "done":
      return { kind: "done", delivered, children: makeChildren(actions, home) };
    default: {
      const children = makeChildren(actions, home);
      return { kind: end.kind, message: end.text, ...(children.length > 0 ? { children } : {}) };
    }
  }
}
