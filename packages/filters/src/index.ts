/** Exim filters and Sieve: text to actions. Nothing is delivered or written here. */
export type { EximRun, FilterAction, FilterEnd } from "./actions.ts";
export { fileChild, makeChildren } from "./children.ts";
export type { ParsedFilter } from "./exim/ast.ts";
export { type EximFilters, makeEximFilters, runEximFilter, splitFailText } from "./exim/filter.ts";
export { parseEximFilter, type ParseRules } from "./exim/parse.ts";
export { type EximRequest, type LogWrite, MANUALLY_THAWED } from "./exim/run.ts";
export { printAction, printRun, testHeading } from "./test-output.ts";
export { type FilterPorts, makeFilterService } from "./service.ts";
export type { SieveAction, SieveRequest, SieveRun } from "./sieve/evaluate.ts";
export { makeSieveFilters, printSieveRun, runSieve, sieveChildren, type SieveFilters } from "./sieve/filter.ts";
export { parseSieve, type SieveRules } from "./sieve/parse.ts";
export type { Notification } from "./sieve/replies.ts";
