/**
 * The table of main options: every name that Exim knows, with its type and default (manual chapter "Main
 * configuration"). Split by job into `main-options/`; this file joins the parts and knows what cuts across them.
 */
import type { OptionSpec, OptionTable } from "@mailkit/sdk";
import { contentOptions } from "./main-options/content.ts";
import { dnsOptions } from "./main-options/dns.ts";
import { identityOptions } from "./main-options/identity.ts";
import { limitOptions } from "./main-options/limits.ts";
import { listeningOptions } from "./main-options/listening.ts";
import { logOptions } from "./main-options/logging.ts";
import { messageOptions } from "./main-options/messages.ts";
import { policyOptions } from "./main-options/policy.ts";
import { queueOptions } from "./main-options/queue.ts";
import { sourceOptions } from "./main-options/sources.ts";
import { tlsOptions } from "./main-options/tls.ts";

export const MAIN_OPTIONS: OptionTable = sorted({
  ...identityOptions,
  ...listeningOptions,
  ...limitOptions,
  ...policyOptions,
  ...messageOptions,
  ...queueOptions,
  ...logOptions,
  ...tlsOptions,
  ...dnsOptions,
  ...contentOptions,
  ...sourceOptions,
});

export type MainOptionName = keyof typeof MAIN_OPTIONS & string;

/** Options whose value names an ACL (manual §"Specifying when ACLs are used"). */
export const ACL_OPTIONS: readonly string[] = Object.keys(policyOptions).filter((name) => name.startsWith("acl_"));

/** Options that Exim fills in at run time and shows so. */
export const TIME_LISTS: ReadonlySet<string> = new Set(["delay_warning"]);
export const USER_LISTS: ReadonlySet<string> = new Set(["never_users", "trusted_users", "owners"]);
export const GROUP_LISTS: ReadonlySet<string> = new Set(["trusted_groups", "admin_groups", "owngroups"]);

function sorted(table: Readonly<Record<string, OptionSpec>>): OptionTable {
  const names = Object.keys(table).sort((a, b) => (a < b ? -1 : 1));
  return Object.fromEntries(names.map((name) => [name, table[name] as OptionSpec]));
}
