/** Steps that both halves of the client machine take: send and wait, be ready, and what a reply's class means. */
import type { ClientPhase, ClientState, PendingCommand } from "./state.ts";
import type { ClientAsk, ClientFailure, ReceivedReply } from "./types.ts";

export interface ClientMove {
  readonly state: ClientState;
  readonly asks: readonly ClientAsk[];
}

export function ready(state: ClientState): ClientMove {
  return { state: { ...state, phase: "ready", transaction: undefined }, asks: [{ kind: "ready", extensions: state.extensions }] };
}

export function send(state: ClientState, phase: ClientPhase, command: PendingCommand, secret = ""): ClientMove {
  return { state: wait(state, phase, command), asks: [write(`${command.text}${secret}\r\n`)] };
}

export function wait(state: ClientState, phase: ClientPhase, ...commands: readonly PendingCommand[]): ClientState {
  return { ...state, phase, pending: [...state.pending, ...commands] };
}

export function write(text: string): ClientAsk {
  return { kind: "write", octets: Buffer.from(text, "latin1") };
}

export function good(reply: ReceivedReply): boolean {
  return reply.code >= 200 && reply.code < 300;
}

export function nameOf(command: PendingCommand): string {
  return command.name ?? command.text;
}

export function refusal(command: PendingCommand, reply: ReceivedReply): ClientFailure {
  return { kind: "refused", after: nameOf(command), pipelined: command.pipelined, reply };
}
