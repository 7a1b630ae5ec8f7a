/** Which timer applies while the machine waits, by phase: one row a state. RFC 5321 §4.5.3.2. */
import type { ClientTimer } from "./types.ts";
import type { ClientPhase } from "./state.ts";

export const TIMERS = {
  idle: "none",
  greeting: "command",
  hello: "command",
  starttls: "command",
  tls: "command",
  authChoice: "none",
  auth: "command",
  ready: "none",
  envelope: "command",
  data: "data",
  final: "final",
  rset: "command",
  quit: "command",
  closed: "none",
} as const satisfies Record<ClientPhase, ClientTimer>;
