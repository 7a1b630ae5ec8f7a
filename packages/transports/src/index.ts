export type { FilterOrder } from "./filter.ts";
export { genericTransportOptions } from "./generic-options.ts";
export type { HelperAnswer } from "./frames.ts";
export type { HelperCalls, HelperTask, LocalDriver } from "./helper.ts";
export { runHelper } from "./helper.ts";
export type { HelperLease, HelperPool, HelperStart, PoolOptions, PoolTask } from "./helper-pool.ts";
export { newHelperPool, startHelperAsChild } from "./helper-pool.ts";
export { runAttempt } from "./run-attempt.ts";
export type { AttemptRecipient, AttemptRequest, GenericValues, RouterFacts, TransportPorts } from "./types.ts";
