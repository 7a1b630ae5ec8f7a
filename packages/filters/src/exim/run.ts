/** What is known and gathered while an Exim filter runs. Made by `evaluate.ts`; conditions and commands look at it. */
import { chain } from "@mailkit/sdk";
import type { FilterForbidden, Maybe, Scope, Text } from "@mailkit/sdk";
import { CONDITION_VARIABLES } from "@mailkit/expand";
import type { FilterAction } from "../actions.ts";
import { makeFilterScope, variableText } from "./filter-scope.ts";

/** A line for a log file of the filter's own. */
export interface LogWrite {
  readonly path: string;
  /** For a file that has to be made. */
  readonly mode: number;
  readonly text: string;
}

export interface EximRequest {
  readonly text: string;
  /** A system filter (manual chapter "System-wide message filtering"). */
  readonly system: boolean;
  readonly scope: Scope;
  readonly forbid: ReadonlySet<FilterForbidden>;
  /** Domain for addresses without one. */
  readonly qualifyDomain: string;
  /** The user, for `errors_to` and `personal`: `$local_part@$domain` first, then with affixes, rewritten, ... */
  readonly ownAddresses: readonly string[];
  /** Log files are written in deliveries alone; in a test (`-bf`) times are shown as they stand. */
  readonly purpose: "deliver" | "verify" | "test";
  /** Absent: the scope is asked. */
  readonly firstDelivery?: boolean;
  readonly manuallyThawed?: boolean;
  /** Appends to a file as the user; the answer is a fault's text (`No such file or directory`). */
  readonly writeLog?: (entry: LogWrite) => Maybe<string | undefined>;
  /** Changes the message at once, so that `$h_...` shows it (system filter). */
  readonly changeHeaders?: (change: "add" | "remove", text: string) => void;
  /** Results of conditions, a line each (`-v`). */
  readonly explain?: (line: string) => void;
}

/** Scope variable for `manually_thawed`, named like those of `@mailkit/expand`. */
export const MANUALLY_THAWED = "condition manually_thawed";

export interface Run {
  readonly request: EximRequest;
  readonly scope: Scope;
  readonly numbers: number[];
  readonly actions: FilterAction[];
  readonly explain: ((line: string) => void) | undefined;
  readonly qualifyDomain: string;
  delivered: boolean;
  /** How deep in `if`s, for what is shown. */
  depth: number;
  logfile: { readonly path: string; readonly mode: number } | undefined;
  thisAddress(): Text;
  setThisAddress(address: Text): void;
  setCharset(name: string): void;
  isBounce(): Maybe<boolean>;
  isFirstDelivery(): Maybe<boolean>;
  isManuallyThawed(): Maybe<boolean>;
}

export function newRun(request: EximRequest): Run {
  const made = makeFilterScope(request.scope, request.forbid, request.system);
  const { scope } = made;
  return {
    request,
    scope,
    numbers: made.numbers,
    actions: [],
    explain: request.explain,
    qualifyDomain: request.qualifyDomain,
    delivered: false,
    depth: 0,
    logfile: undefined,
    thisAddress: () => made.thisAddress,
    setThisAddress: (address) => {
      made.thisAddress = address;
    },
    setCharset: (name) => made.setCharset(name),
    isBounce: () => chain(variableText(scope, "sender_address"), (sender) => sender === ""),
    isFirstDelivery: () => request.firstDelivery ?? chain(variableText(scope, CONDITION_VARIABLES.firstDelivery), (text) => text !== ""),
    isManuallyThawed: () => request.manuallyThawed ?? chain(variableText(scope, MANUALLY_THAWED), (text) => text !== ""),
  };
}
