/** The lookup runner, the lookups that need no other package, and the real files and accounts behind the ports. */
import type { LookupDriver } from "@mailkit/sdk";
import { cdb, dbm, dbmjz, dbmnz } from "./drivers/cdb.ts";
import { dnsdb } from "./drivers/dnsdb.ts";
import { dsearch } from "./drivers/dsearch.ts";
import { iplsearch } from "./drivers/iplsearch.ts";
import { json } from "./drivers/json.ts";
import { lsearch } from "./drivers/lsearch.ts";
import { passwd } from "./drivers/passwd.ts";
import { readsock } from "./drivers/readsock.ts";
import { sqlite } from "./drivers/sqlite.ts";
import { testdb } from "./drivers/testdb.ts";
import { nwildlsearch, wildlsearch } from "./drivers/wildlsearch.ts";

export type { AccountServiceOptions } from "./accounts.ts";
export { makeAccountService } from "./accounts.ts";
export type { CdbEntry } from "./cdb.ts";
export { buildCdb } from "./cdb.ts";
export type { TextEntry } from "./drivers/text-file.ts";
export { textEntries } from "./drivers/text-file.ts";
export type { FileServiceOptions } from "./files.ts";
export { makeFileService } from "./files.ts";
export { parseLookupType } from "./parse-type.ts";
export type { LookupRunner, LookupServiceParts } from "./service.ts";
export { makeLookupService } from "./service.ts";

/** The drivers that come with mailkit; those of plugins are added to them. */
export function builtinLookups(): readonly LookupDriver[] {
  return [lsearch, wildlsearch, nwildlsearch, iplsearch, cdb, dbm, dbmjz, dbmnz, dnsdb, dsearch, json, passwd, readsock, sqlite(), testdb];
}
