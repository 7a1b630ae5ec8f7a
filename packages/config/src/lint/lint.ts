/** What is legal and probably not meant (`mailkit lint`): each trap is a named function. Runs on a loaded configuration. */
import type { Diagnostic } from "@mailkit/sdk";
import { reporter } from "../reporter.ts";
import type { Configuration } from "../types.ts";
import { lateMessages, neverAccepting, unreachableStatements, wrongCodes } from "./acl-order.ts";
import { openRelay, rcptUnset } from "./acls.ts";
import { aclConditionTexts, alwaysTrueConditions, forcedTrueConditions, neverTrueConditions } from "./conditions.ts";
import { afterEverything, endsNegated, joinedItems, openPatterns, partialAddresses } from "./list-items.ts";
import { hostListStops, ipv6Separators } from "./lists.ts";
import { partialConditions, partialReplacements, unusedNames } from "./names.ts";
import { retryCatchAll } from "./retry.ts";
import { unreachableRouters } from "./routers.ts";
import type { Trap } from "./trap.ts";
import { commentsBehindValues, lostBackslashes } from "./values.ts";

export const TRAPS: readonly Trap[] = [
  partialConditions,
  partialReplacements,
  commentsBehindValues,
  lostBackslashes,
  rcptUnset,
  openRelay,
  neverAccepting,
  unreachableStatements,
  aclConditionTexts,
  forcedTrueConditions,
  lateMessages,
  wrongCodes,
  hostListStops,
  ipv6Separators,
  endsNegated,
  afterEverything,
  joinedItems,
  openPatterns,
  partialAddresses,
  alwaysTrueConditions,
  neverTrueConditions,
  unreachableRouters,
  retryCatchAll,
  unusedNames,
];

export function lint(configuration: Configuration): readonly Diagnostic[] {
  const report = reporter();
  for (const trap of TRAPS) trap(configuration, report);
  return report.diagnostics;
}
