/**
 * A message on standard input that is looked at and not stored (`-bf`, `-bF`): read and fixed up like one that is taken
 * in. Filter manual §"Testing a new filter file".
 */
import type { MessageFacts, SessionFacts } from "@mailkit/sdk";
import { findHeader, valueOfHeader } from "@mailkit/message";
import { prepareHeaders } from "./arrival.ts";
import type { SmtpdDeps } from "./deps.ts";
import { readMessage } from "./local-input.ts";
import { callerAddress } from "./local-sender.ts";
import { qualifyDomain } from "./qualify.ts";
import { noteBody } from "./receive-body.ts";
import { createSession, newTransaction } from "./session-state.ts";
import type { LocalRequest } from "./receive-local.ts";

export type TestRequest = Pick<LocalRequest, "input" | "caller" | "fullName" | "trusted" | "sender" | "recipients" | "dotEnds" | "facts">;

export interface TestMessage {
  readonly session: SessionFacts;
  readonly message: MessageFacts;
  /** The message had header lines of its own. */
  readonly hadHeaders: boolean;
  readonly fromLine: boolean;
  /** Of a `Return-path:` line that came with the message. */
  readonly returnPath: string | undefined;
}

/** Whoever tests may name any sender. Undefined: the header is too long. */
export async function readTestMessage(deps: SmtpdDeps, request: TestRequest): Promise<TestMessage | undefined> {
  const facts = { ident: request.caller.login, ...request.facts, caller: request.caller };
  const read = await readMessage(createSession(deps, { kind: "stdin", trusted: true, facts }), request);
  const { received, fromLine } = read;
  if (received.kind !== "message") return undefined;
  const chosen = request.sender ?? fromLine;
  const trusted = request.trusted || chosen !== undefined;
  const session = createSession(deps, { kind: "stdin", trusted, facts, chosenSender: chosen });
  const now = deps.clock.now();
  session.transaction = newTransaction(now);
  const { message } = session;
  message.received = now;
  message.receivedProtocol = "local";
  message.id = deps.spool.newId();
  message.sender =
    chosen === undefined ? callerAddress(session) : chosen === "" || chosen.includes("@") ? chosen : `${chosen}@${qualifyDomain(session)}`;
  message.recipients = [...request.recipients];
  noteBody(message, received);
  await prepareHeaders(session, received.headers, { fullName: request.fullName, smtp: false });
  // A filter sees a message before its Received line is made.
  message.headers = (message.headers ?? []).filter((line, at) => !(at === 0 && line.type === "P"));
  const path = findHeader(received.headers, "Return-path");
  return {
    session: session.facts,
    message,
    hadHeaders: received.headers.length > 0,
    fromLine: request.sender === undefined && fromLine !== undefined,
    returnPath: path === undefined ? undefined : valueOfHeader(path.text).replace(/^<(.*)>$/, "$1"),
  };
}
