/**
 * From the last octet of the data to the reply: header work, ACLs, the spool. A message is durable before its 250 goes
 * out. Manual §"Message processing", §"The SMTP PRDR ACL", §"The SMTP DATA ACL".
 */
import {
  chain,
  mapInOrder,
  printable,
  reply,
  rescue,
  type HeaderLine,
  type Maybe,
  type MessageFacts,
  type Recipient,
  type Reply,
} from "@mailkit/sdk";
import { printHeaders, restampReceived } from "@mailkit/message";
import { refusalReply, type CloseReason } from "@mailkit/smtp-core";
import { applyEffects, envelopeShown, logRefusal, plainVerdict, runAcl } from "./acl-effects.ts";
import { prepareHeaders, subjectOf, withAclHeaders, type LocalOrigin, type Prepared } from "./arrival.ts";
import type { AclVerdict } from "./deps.ts";
import { envelopeOf, queueing } from "./envelope.ts";
import type { Received } from "./incoming.ts";
import { unstoredReply } from "./room.ts";
import { settleSender } from "./local-sender.ts";
import { arrivalLine, hostAndIdent } from "./log-lines.ts";
import { aclRequest, resetMessage, type PendingRecipient, type Session } from "./session-state.ts";

export interface Outcome {
  readonly replies: readonly Reply[];
  readonly close?: CloseReason | undefined;
  /** Set when the message is in the spool. */
  readonly id?: string;
}

type Whole = Extract<Received, { kind: "message" }>;

/** `local`: the fixups of local messages apply. */
export function settleMessage(session: Session, received: Received, local: LocalOrigin | undefined): Maybe<Outcome> {
  const { message } = session;
  if (received.kind === "tooBig") {
    logTooBig(session, received.size, received.headers);
    return refusedWith("Message size exceeds maximum permitted");
  }
  if (received.kind === "headerTooLong") {
    logHeaderTooLong(session, received.what);
    return refusedWith(received.what === "line" ? "A message header line is too long" : "Message header is ridiculously long");
  }
  if (received.kind === "unstored") return { replies: [unstoredReply(session, received.error)] };
  noteBody(message, received);
  return chain(settleSender(session), () =>
    chain(prepareHeaders(session, received.headers, local), (prepared) => decide(session, received, prepared)),
  );
}

/** What variables tell of a body. */
export function noteBody(message: MessageFacts, { facts, body }: Extract<Received, { kind: "message" }>): void {
  message.bodySize = body.size;
  message.bodyLines = facts.bodyLines;
  message.bodyZeros = facts.bodyZeros;
  message.maxReceivedLine = facts.maxLine;
  message.bodyStart = facts.start;
  message.bodyEnd = facts.end;
  message.size = facts.size;
}

export function logTooBig({ deps, message, log, sizeLimit }: Session, size: number, headers: readonly HeaderLine[]): void {
  const line = `${message.id} rejected from <${printable(message.sender ?? "")}> ${hostAndIdent(log)}: message too big: read=${size} max=${sizeLimit}`;
  if (!log.selector.has("size_reject")) return;
  deps.log.main(line);
  deps.log.reject(line, headers, envelopeShown(message));
}

/** `header_maxsize`, `header_line_maxsize`: nothing of such a message is kept, not even an id. */
export function logHeaderTooLong({ deps, log }: Session, what: "section" | "line"): void {
  const limit = deps.settings.number(what === "line" ? "header_line_maxsize" : "header_maxsize");
  const text = what === "line" ? "overlong message header line" : "ridiculously long message header";
  deps.log.main(`${text} received from ${hostAndIdent(log, false)} (more than ${limit} characters): message abandoned`);
}

function refusedWith(text: string): Outcome {
  return { replies: [reply(552, text, { enhanced: "3.4" })] };
}

function decide(session: Session, whole: Whole, prepared: Prepared): Maybe<Outcome> {
  // Without a recipient there is nothing left to decide (manual §"ACL return codes").
  if (isDiscarded(session)) return stored(session, whole, prepared, []);
  return chain(scanParts(session, whole), (stopped) => {
    if (stopped !== undefined) return stopped;
    return chain(prdr(session, whole), (perRecipient) => {
      const early = perRecipient === undefined ? [] : [reply(353, "PRDR content analysis beginning"), ...perRecipient];
      return chain(runAcl(session, "data", "after DATA", { body: whole.body }), (verdict): Maybe<Outcome> => {
        if (verdict.kind === "deny" || verdict.kind === "defer") {
          const answer = refusalReply(verdict, { code: 550, text: "Administrative prohibition" });
          return { replies: [...early, answer], ...dropped(verdict) };
        }
        if (session.gone()) return lostAfterDot(session);
        if (verdict.kind === "discard") discarded(session, "DATA", verdict.logMessage);
        return stored(session, whole, prepared, early, verdict.kind === "accept" ? verdict.message : undefined);
      });
    });
  });
}

function isDiscarded({ kind, transaction }: Session): boolean {
  return kind !== "batch" && (transaction.discardedBy !== undefined || transaction.recipients.length === 0);
}

// oxlint-disable-next-line max-params -- the message, and what is said of it
function stored(session: Session, whole: Whole, prepared: Prepared, early: readonly Reply[], text?: string): Maybe<Outcome> {
  return rescue<Outcome>(
    () => chain(store(session, whole, prepared), () => ({ replies: [...early, takenReply(session, text)], id: session.message.id })),
    (error) => ({ replies: [...early, unstoredReply(session, error)] }),
  );
}

function dropped({ close }: { readonly close?: boolean }): Pick<Outcome, "close"> {
  return close === true ? { close: "acl-drop" } : {};
}

/** Nobody would hear the reply, and the client sends it all again: the message is not taken twice. */
function lostAfterDot(session: Session): Outcome {
  const { deps, message, log } = session;
  deps.log.main(`${message.id} SMTP connection lost after final dot ${hostAndIdent(log)} P=${message.receivedProtocol}`);
  session.lossTold = true;
  resetMessage(session);
  return { replies: [], close: "connection-lost" };
}

function discarded({ transaction }: Session, acl: string, why: string | undefined): void {
  transaction.discardedBy = acl;
  transaction.discardedWhy = why;
}

/** `acl_smtp_mime` on each part. Undefined: nothing against it. */
function scanParts(session: Session, { body }: Whole): Maybe<Outcome | undefined> {
  const { mime } = session.deps;
  if (mime === undefined) return undefined;
  return chain(mime.run(session.facts, session.message, body, false), (verdict): Maybe<Outcome | undefined> => {
    if (verdict === undefined) return undefined;
    return chain(applyEffects(session, verdict.effects), () => {
      if (verdict.kind === "discard") discarded(session, "MIME", verdict.logMessage);
      if (verdict.kind !== "deny" && verdict.kind !== "defer") return undefined;
      logRefusal(session, "mime", "during MIME ACL checks", verdict);
      return {
        replies: [refusalReply(plainVerdict(verdict), { code: 550, text: "Administrative prohibition" })],
        ...dropped(verdict),
      };
    });
  });
}

/** One verdict a recipient, when the client asked for PRDR and there are several. Undefined: not done. */
function prdr(session: Session, whole: Whole): Maybe<readonly Reply[] | undefined> {
  const { transaction } = session;
  if (!transaction.prdr || transaction.recipients.length < 2 || !session.deps.acl.isSet("prdr")) return undefined;
  const kept: PendingRecipient[] = [];
  const verdicts = mapInOrder(transaction.recipients, (recipient): Maybe<Reply> =>
    chain(session.deps.acl.run(aclRequest(session, "prdr", { recipient: recipient.address, body: whole.body })), (verdict) =>
      prdrReply(session, recipient, verdict, kept),
    ),
  );
  return chain(verdicts, (replies) => {
    transaction.recipients.splice(0, transaction.recipients.length, ...kept);
    session.message.recipients = kept.map(({ address }) => address);
    return replies;
  });
}

function prdrReply(session: Session, recipient: PendingRecipient, verdict: AclVerdict, kept: PendingRecipient[]): Maybe<Reply> {
  return chain(applyEffects(session, verdict.effects), () => {
    if (verdict.kind === "accept") kept.push(recipient);
    if (verdict.kind === "accept" || verdict.kind === "discard") return reply(250, `PRDR R=<${recipient.address}> acceptance`);
    logRefusal(session, "prdr", `PRDR <${recipient.address}>`, verdict);
    return refusalReply(plainVerdict({ ...verdict, message: verdict.message ?? `PRDR R=<${recipient.address}> refusal` }), {
      code: 550,
      text: "",
    });
  });
}

/** Log line and spool; nothing is said to the client before the spool has it. */
export function store(session: Session, whole: Whole, prepared: Prepared): Maybe<void> {
  const { deps, message, transaction } = session;
  const now = deps.clock.now();
  const stamped = prepared.headers.map((header, i) =>
    i === 0 && header.type === "P" ? restampReceived(header, now, deps.zone(now)) : header,
  );
  const headers = withAclHeaders(session, stamped);
  message.headers = headers;
  const recipients = transaction.discardedBy !== undefined ? [] : transaction.recipients.map(recipientOf);
  const size = printHeaders(headers).length + 1 + whole.body.size;
  const arrived = (): void => {
    deps.log.main(
      arrivalLine(session.log, {
        id: message.id,
        sender: message.sender ?? "",
        protocol: message.receivedProtocol,
        size,
        messageId: prepared.messageId,
        messageIdCreated: prepared.messageIdCreated,
        subject: subjectOf(headers),
        recipients: transaction.recipients.map(({ original }) => original),
        ...(transaction.reference !== undefined && { reference: transaction.reference }),
        chunking: transaction.chunking,
        prdr: transaction.prdr,
        bits: transaction.bits,
        pipelined: session.machine.offered?.pipelining === true ? session.pipelined : undefined,
        early: session.machine.offered?.pipeConnect === true ? (session.early ? "*" : ".") : "",
        queueName: message.queueName,
        milliseconds: now - transaction.started,
        original: transaction.originalSender,
        authenticatedSender: message.authenticatedSender,
      }),
    );
  };
  if (recipients.length === 0) {
    arrived();
    const { discardedBy, discardedWhy } = transaction;
    const why = discardedWhy === undefined || discardedBy === "MAIL" ? "" : `: ${printable(discardedWhy)}`;
    deps.log.main(`${message.id} => blackhole (${discardedBy ?? "RCPT"} ACL discarded recipients)${why}`);
    deps.log.main(`${message.id} Completed`);
    return undefined;
  }
  if (session.facts.hostChecking) {
    arrived();
    return undefined;
  }
  const { freeze } = transaction.controls;
  const { why } = queueing(session);
  const accepted = {
    envelope: { ...envelopeOf(session, recipients, whole, now), size },
    headers,
    body: whole.body,
    ...(freeze !== undefined && { frozen: { why: "frozen by ACL", tell: freeze.tell } }),
    ...(transaction.nonRecipients.length > 0 && { nonRecipients: transaction.nonRecipients }),
  };
  return deps.spool.accept(accepted).then(() => {
    arrived();
    session.accepted++;
    if (freeze !== undefined) deps.log.main(`${message.id} frozen by ACL`);
    else if (why !== undefined && deps.logSelector.has("delay_delivery")) deps.log.main(`${message.id} no immediate delivery: ${why}`);
    if (freeze !== undefined) return;
    if (accepted.envelope.queueOnly !== true) deps.deliver(message.id);
    else if (why !== undefined && transaction.controls.routeFirst) deps.deliver(message.id, { routeOnly: true });
  });
}

function recipientOf({ address, dsn }: PendingRecipient): Recipient {
  return dsn.notify === undefined && dsn.orcpt === undefined ? { address } : { address, dsn };
}

/** `control = fakereject`: taken, but the client hears otherwise. Manual §"control". */
function takenReply({ transaction, message, deps }: Session, custom: string | undefined): Reply {
  const { fake } = transaction.controls;
  if (fake !== undefined) {
    deps.log.main(`${message.id} ${fake.kind === "fakereject" ? "fakereject" : "fakedefer"}`);
    const reject = fake.kind === "fakereject";
    const text = `Your message has been ${reject ? "rejected" : "deferred"} but is being kept for evaluation.\nIf it was a legitimate message, it may still be delivered to the target recipient(s).`;
    return refusalReply({ kind: reject ? "deny" : "defer", message: fake.message ?? text, code: reject ? 550 : 450 }, { code: 550, text });
  }
  if (custom !== undefined && custom !== "")
    return refusalReply({ kind: "accept", code: 250, message: custom }, { code: 250, text: custom });
  return reply(250, `OK id=${message.id}`, { enhanced: "0.0" });
}
