/** Which variable names exist, and what the parser has to know of each. Values come from the scope; those of the table stand for nothing. */
import { knownVariables } from "./table.ts";

/** Names that are open sets. `pattern` matches a whole name. */
export const variableFamilies: readonly { readonly pattern: RegExp; readonly written: string; readonly doc: string }[] = [
  { pattern: /^acl_c(?:[0-9_][A-Za-z0-9_]*)?$/, written: "acl_c...", doc: "set by an ACL, for the rest of the connection" },
  { pattern: /^acl_m(?:[0-9_][A-Za-z0-9_]*)?$/, written: "acl_m...", doc: "set by an ACL, for this message" },
  { pattern: /^r_[A-Za-z0-9_]+$/, written: "r_...", doc: "set by a router, for later routers and the transport" },
  { pattern: /^auth[1-4]$/, written: "auth1...", doc: "what the client sent in AUTH" },
  { pattern: /^regex[1-9]$/, written: "regex1...", doc: "what the groups of the regex condition matched" },
];

/** Known to filter files alone: without a value from the scope they are unknown names. */
const FILTER_ONLY = /^s?n[0-9]$/;
const CERTIFICATES = new Set(["tls_in_ourcert", "tls_in_peercert", "tls_out_ourcert", "tls_out_peercert"]);

export function isFilterVariable(name: string): boolean {
  return FILTER_ONLY.test(name);
}

export function isCertificate(name: string): boolean {
  return CERTIFICATES.has(name);
}

export function isKnownVariable(name: string): boolean {
  return knownVariables.has(name) || variableFamilies.some((family) => family.pattern.test(name));
}

/** What Exim adds to "unknown variable name" when the name looks like one of an ACL. */
export function unknownVariableHint(name: string): string {
  if (!name.startsWith("acl_")) return "";
  if (name[4] !== "c" && name[4] !== "m") return " (user-defined ACL variables must start acl_c or acl_m)";
  return " (6th character of a user-defined ACL variable must be a digit or underscore)";
}

/**
 * Names under which `queue_running` and `first_delivery` ask the scope ("1" or ""). No configuration can write them
 * as variables.
 */
export const CONDITION_VARIABLES = { queueRunning: "condition queue_running", firstDelivery: "condition first_delivery" } as const;
