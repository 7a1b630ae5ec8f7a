/** What is legal and probably not meant (`mailkit lint`): each trap is a named function. Runs on a loaded configuration. */
import type { Diagnostic } from "@mailkit/sdk";
import { reporter } from "../reporter.ts";
import type { Configuration } from "../types.ts";
import { openRelay, rcptUnset } from "./acls.ts";
import type { Trap } from "./trap.ts";
import { hostListStops, ipv6Separators } from "./lists.ts";
import { retryCatchAll } from "./retry.ts";
import { alwaysTrueConditions, unreachableRouters } from "./routers.ts";
import { partialConditions, unusedNames } from "./names.ts";

export const TRAPS: readonly Trap[] = [
  partialConditions,
  rcptUnset,
  openRelay,
  hostListStops,
  ipv6Separators,
  alwaysTrueConditions,
  unreachableRouters,
  retryCatchAll,
  unusedNames,
];

export function lint(configuration: Configuration): readonly Diagnostic[] {
  const report = reporter();
  for (const trap of TRAPS) trap(configuration, report);
  return report.diagnostics;
}
