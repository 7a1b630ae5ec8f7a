/** Domain, host, address and local part lists: parse, compile, match. */
export type { CheckedList, CompileListOptions } from "./compile-list.ts";
export { compileList } from "./compile-list.ts";
export type { HostAddresses, ListEnvironment, LocalMxAnswer, LocalMxQuestion } from "./environment.ts";
export type { ListFault } from "./faults.ts";
export { parseItem, parseList, parseListFile } from "./parse-list.ts";
export type { Directive, ListItem, ListSyntax, Pattern } from "./syntax.ts";
export { printItem, printList, printPattern } from "./syntax.ts";
