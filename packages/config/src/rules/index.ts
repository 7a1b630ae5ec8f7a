/**
 * Rules that look at a whole configuration. Each is a named function that reports what it finds. Order matters only for
 * the faults that Exim has too: main options, then routers, transports, authenticators, as Exim starts its drivers.
 */
import { aclNames, aclTexts } from "./acls.ts";
import { authenticatorNames } from "./authenticators.ts";
import { driverChecks, routerTransports, selfValues, shadowTransports } from "./drivers.ts";
import { expansionSyntax, listFaults } from "./expansions.ts";
import type { Rule, RuleInput } from "./input.ts";
import { expandedNumbers, identityLists, logOptionValues, mainValues, retainedSender } from "./main-values.ts";
import { lookupTypes } from "./lookup-types.ts";
import { missingOptions } from "./missing.ts";
import { namedListReferences } from "./named-lists.ts";
import { unquotedQueries } from "./queries.ts";
import { routerNames, transportNames } from "./references.ts";
import { taintedNames } from "./taint.ts";
import { taintedArguments } from "./tainted-arguments.ts";

export const RULES: readonly Rule[] = [
  identityLists,
  mainValues,
  expandedNumbers,
  logOptionValues,
  retainedSender,
  driverChecks,
  routerTransports,
  selfValues,
  routerNames,
  shadowTransports,
  authenticatorNames,
  missingOptions,
  transportNames,
  aclNames,
  aclTexts,
  expansionSyntax,
  listFaults,
  lookupTypes,
  namedListReferences,
  taintedNames,
  taintedArguments,
  unquotedQueries,
];

export function checkRules(input: RuleInput): void {
  for (const rule of RULES) rule(input);
}
