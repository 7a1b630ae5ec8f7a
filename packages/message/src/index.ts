export { type Scanned, skipComments } from "./address-scan.ts";
export { checkHeaderSyntax, extractAddresses, type ListItem, type ListRules, parseAddressList } from "./address-list.ts";
export {
  type BounceInput,
  bounceReturns,
  composeBounce,
  composeSuccessNotice,
  type FailedAddress,
  parseTemplateFile,
  type ReturnedBody,
  type ReturnSettings,
  type SuccessInput,
} from "./bounce.ts";
export { referencesOf, type ReportedAddress, type ReportedMessage, type ReportSettings } from "./bounce-parts.ts";
export { logDate, mailboxDate, mailDate, parseMailDate, zoneOffset, zoneText } from "./dates.ts";
export { composeDelayWarning, type DelayWarningInput, delayText } from "./delay-warning.ts";
export {
  addHeader,
  addHeaders,
  type HeaderPosition,
  parsePlacedHeaders,
  type PlacedHeader,
  removeHeaders,
  withoutHeaders,
} from "./edit-headers.ts";
export { decodeWords, encodeWords, needsEncoding } from "./encoded-words.ts";
export { constructAddress, type FixupInput, type FixupResult, fixHeaders, removeTraceHeaders } from "./fixups.ts";
export {
  DELETED,
  findHeader,
  hasName,
  isDeleted,
  makeHeader,
  nameOfHeader,
  printHeaders,
  splitHeaderText,
  typeOfHeader,
  valueOfHeader,
} from "./header-lines.ts";
export { domainOf, fixPhrase, qualify, quoteLocalPart, unquoteLocalPart } from "./local-parts.ts";
export { type Mailbox, type MailboxFault, type MailboxRules, parseMailbox, type ParsedMailbox } from "./mailbox.ts";
export {
  base62,
  fromBase62,
  isMessageId,
  type MessageIdParts,
  messageIds,
  type MessageIdSource,
  parseMessageId,
  timeOfMessageId,
} from "./message-ids.ts";
export {
  DEFAULT_LIMITS,
  type HeaderLimits,
  type HeadersTooLong,
  isHeaderStart,
  type ParsedHeaders,
  parseHeaders,
} from "./parse-headers.ts";
export { DEFAULT_RECEIVED_HEADER_TEXT, receivedHeader, restampReceived } from "./received.ts";
