export type * from "./client/types.ts";
export type { ClientPhase, ClientState } from "./client/state.ts";
export { newClient, timerOf } from "./client/state.ts";
export { clientStep } from "./client/step.ts";
export type { ClientMove } from "./client/moves.ts";
export { TIMERS } from "./client/timers.ts";
export { newReplyReader, readReplies, type ReplyRead, type ReplyReader } from "./client/replies.ts";
export { encodeEnd, encodeLines, type Encoded, type LinePlace } from "./data-encoder.ts";
export { decodeXtext, encodeXtext } from "./xtext.ts";
