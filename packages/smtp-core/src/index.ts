export type * from "./client/types.ts";
export type { ClientPhase, ClientState } from "./client/state.ts";
export { newClient, timerOf } from "./client/state.ts";
export { clientStep } from "./client/step.ts";
export type { ClientMove } from "./client/moves.ts";
export { TIMERS } from "./client/timers.ts";
export { newReplyReader, readReplies, type ReplyRead, type ReplyReader } from "./client/replies.ts";
export { encodeEnd, encodeLines, type Encoded, type LinePlace } from "./data-encoder.ts";
export { decodeXtext, encodeXtext } from "./xtext.ts";
export { BodyReader, type BodyCounts, type Dots } from "./framing/body.ts";
export { Input, type LineRead } from "./framing/input.ts";
export { parseAddress, type AddressRules, type ParsedAddress } from "./grammar/address.ts";
export { isIp, isLiteral } from "./grammar/ip.ts";
export { parseBdat, parseCommand, type Command, type Verb } from "./grammar/command.ts";
export { isHeloSound, type HeloRules } from "./grammar/helo.ts";
export {
  cutMailParameters,
  cutRcptParameters,
  noMailParameters,
  type Cut,
  type MailParameters,
  type Offered,
} from "./grammar/parameters.ts";
export { extensionLines } from "./server/extensions.ts";
export { customCode, refusalReply, type ServerMove } from "./server/moves.ts";
export { REFUSALS, SEQUENCE, type Phase } from "./server/sequence.ts";
export { newServer, type ServerState } from "./server/state.ts";
export { isOutOfSync } from "./server/commands.ts";
export { step } from "./server/step.ts";
export type * from "./server/types.ts";
