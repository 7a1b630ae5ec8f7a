export type * from "./address.ts";
export { joinAddress, splitAddress } from "./address.ts";
export type * from "./argon2.ts";
export { ARGON2_PREFIX, argon2Tag, verifyArgon2 } from "./argon2.ts";
export type * from "./authenticator.ts";
export { defineAuthenticator } from "./authenticator.ts";
export type * from "./diagnostics.ts";
export { nearest } from "./diagnostics.ts";
export type * from "./command-line.ts";
export { splitCommand } from "./command-line.ts";
export type * from "./dns.ts";
export type * from "./envelope.ts";
export { errnoOf, strerror } from "./errno.ts";
export type * from "./expansion.ts";
export { expansionError, forcedFailure, value } from "./expansion.ts";
export type * from "./facts.ts";
export { newAddressFacts, newMessageFacts, newSessionFacts, SENDER_REWRITTEN } from "./facts.ts";
export type * from "./hints.ts";
export { CLOCK_SET_BACK } from "./hints.ts";
export type * from "./ip.ts";
export { arpaName, fullIp, inNetwork, maskIp, parseIp, parseNetwork, shortIp, unmapIp } from "./ip.ts";
export type * from "./list-text.ts";
export { joinItem, joinList, listHead, splitItems, splitList, trimSpace, trimSpaceEnd, trimSpaceStart } from "./list-text.ts";
export type * from "./lists.ts";
export type * from "./lookups.ts";
export { defineLookup, lookupOption } from "./lookups.ts";
export type * from "./lookup-servers.ts";
export { askServers, chooseServers, serverName, splitServer } from "./lookup-servers.ts";
export type { Maybe } from "./maybe.ts";
export type * from "./message-text.ts";
export { messageOctets, messageSize } from "./message-text.ts";
export { chain, firstOf, isPromise, mapInOrder, rescue } from "./maybe.ts";
export type * from "./options.ts";
export { option } from "./options.ts";
export type * from "./plugin.ts";
export { API_VERSION, defineCondition } from "./plugin.ts";
export type { CompiledRegex, RegexOptions } from "./regex.ts";
export { boundSubject, compileRegex, REGEX_SUBJECT_LIMIT } from "./regex.ts";
export type * from "./reply.ts";
export { formatReply, reply } from "./reply.ts";
export type * from "./route-hosts.ts";
export { findRouteHosts, parseHostItem, splitHostItems } from "./route-hosts.ts";
export type * from "./router.ts";
export type * from "./filter-service.ts";
export type * from "./host-finder.ts";
export { defineRouter } from "./router.ts";
export type * from "./scope.ts";
export { childScope, makeScope, newFrame } from "./scope.ts";
export type * from "./services.ts";
export { isFault } from "./services.ts";
export type { Text } from "./text.ts";
export {
  clean,
  EMPTY,
  equalCaseless,
  fromUnicode,
  lower,
  octetsOf,
  pathOf,
  printable,
  printableAddress,
  tainted,
  textOf,
  unicodeOf,
  upper,
} from "./text.ts";
export type * from "./trace.ts";
export { silent } from "./trace.ts";
export type * from "./transport.ts";
export type * from "./transport-report.ts";
export type * from "./callout.ts";
export { quoteSqlValue, sqlRows } from "./sql-rows.ts";
export { defineTransport } from "./transport.ts";
export type * from "./verify.ts";
