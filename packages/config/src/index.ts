/** Exim's configuration language: text to typed settings, with every diagnostic. */
export { ACL_CONDITIONS, ACL_MODIFIERS, ACL_VERBS, readAclStatements, type AclVerb } from "./sections/acl.ts";
export { CODES, severityOf, type Code } from "./codes.ts";
export type { CodeEntry } from "./codes/entry.ts";
export { textOnly, type Compilers, type ListExtra } from "./compilers.ts";
export { loadConfiguration, type LoadRequest } from "./load.ts";
export { checkLogSelector, LOG_SELECTORS } from "./log-selectors.ts";
export { ACL_OPTIONS, MAIN_OPTIONS } from "./main-options.ts";
export type { MachineDefaults } from "./main-settings.ts";
export { DEFAULT_FEATURES } from "./predefined.ts";
export { eximReport, isFatal, reporter, type Reporter } from "./reporter.ts";
export { parseRewriteRules, type RewriteRulesRead } from "./sections/rewrite.ts";
export type { FileReadFault, LogicalLine, ReadFile } from "./source/reader.ts";
export type { ConfigAccounts } from "./values/accounts.ts";
export { parseFixed, parseInteger, parseOctal, parseTime, showSize, showTime, type NumberRead } from "./values/numbers.ts";
export { splitList, type ListItem } from "./values/scan.ts";
export type * from "./types.ts";
