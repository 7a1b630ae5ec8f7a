/** String expansion: text to tree, tree to value. */
export type { Branches, Condition, Node, Parts } from "./ast.ts";
export { decodeCharset, encodeCharset } from "./charsets.ts";
export { formatInterval, parseInterval } from "./intervals.ts";
export { evaluateArithmetic, parseInteger } from "./numbers.ts";
export { operatorNames } from "./operators.ts";
export { conditionNames } from "./parse-conditions.ts";
export { itemNames } from "./parse-items.ts";
export type { ParsedString } from "./parse.ts";
export { parse } from "./parse.ts";
export { print } from "./print.ts";
export { decodeRfc2047, encodeRfc2047 } from "./rfc2047.ts";
export type { CompiledTemplate } from "./template.ts";
export { compile, makeStringService } from "./template.ts";
export { CONDITION_VARIABLES, isKnownVariable, variableFamilies } from "./variables/names.ts";
export type { KnownVariable } from "./variables/table.ts";
export { knownVariables } from "./variables/table.ts";
