export type * from "./client/types.ts";
export type { ClientState } from "./client/state.ts";
export { newClient, timerOf } from "./client/state.ts";
