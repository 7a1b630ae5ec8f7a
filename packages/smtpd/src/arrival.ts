/** What a message gets on arrival: Received line, fixups, rewriting, headers of ACLs. Manual §"Message processing". */
import { chain, type HeaderLine, mapInOrder, type Maybe, SENDER_REWRITTEN, trimSpace } from "@mailkit/sdk";
import {
  addHeaders,
  DEFAULT_RECEIVED_HEADER_TEXT,
  DELETED,
  findHeader,
  fixHeaders,
  hasName,
  makeHeader,
  receivedHeader,
  removeHeaders,
  removeTraceHeaders,
  valueOfHeader,
} from "@mailkit/message";
import { textOption } from "./offers.ts";
import { givenSender, headerQualification } from "./qualify.ts";
import { scopeOf, type PendingRecipient, type Session } from "./session-state.ts";

export interface Prepared {
  readonly headers: readonly HeaderLine[];
  /** Of the Message-ID as it came, or as it was made. */
  readonly messageId: string | undefined;
  readonly messageIdCreated: boolean;
}

export interface LocalOrigin {
  readonly fullName: string;
  /** Not SMTP: stdin with `-t` or recipients as arguments. */
  readonly smtp: boolean;
}

/** Headers before the data ACL sees them. */
export function prepareHeaders(session: Session, arrived: readonly HeaderLine[], local: LocalOrigin | undefined): Maybe<Prepared> {
  const { deps, message } = session;
  const { settings } = deps;
  const kept = removeTraceHeaders(arrived, {
    returnPath: settings.flag("return_path_remove"),
    deliveryDate: settings.flag("delivery_date_remove"),
    envelopeTo: settings.flag("envelope_to_remove"),
  });
  const before = messageIdOf(kept);
  const envelope = local?.smtp === false ? undefined : rewriteRecipients(session);
  return chain(
    chain(envelope, () => fixed(session, kept, local)),
    (headers) =>
      chain(rewritten(session, [...headers, ...(local?.smtp === false ? [] : formerLines(session))]), (rewrittenLines) => {
        message.headers = [...rewrittenLines];
        return chain(received(session), (line): Prepared => {
          const whole = [...(line === undefined ? [] : [line]), ...rewrittenLines];
          message.headers = withAclHeaders(session, whole);
          session.transaction.addedSeen = session.transaction.added.length;
          const after = before ?? messageIdOf(message.headers);
          return { headers: whole, messageId: after, messageIdCreated: before === undefined && after !== undefined };
        });
      }),
  );
}

/** Recipients that came by SMTP; others were rewritten when they were taken in. */
function rewriteRecipients(session: Session): Maybe<void> {
  const { deps, message } = session;
  const { recipients } = session.transaction;
  const scope = scopeOf(session);
  return chain(
    mapInOrder(recipients, ({ address }) => deps.rewrite.recipient(address, scope)),
    (addresses) => {
      for (const [i, address] of addresses.entries()) recipients[i] = { ...(recipients[i] as PendingRecipient), address };
      message.recipients = addresses.slice();
    },
  );
}

/** Header lines, then the sender, unless its verification did it. */
function rewritten(session: Session, headers: readonly HeaderLine[]): Maybe<readonly HeaderLine[]> {
  const { deps, message } = session;
  return chain(deps.rewrite.headers(headers, scopeOf(session), headerQualification(session)), (lines) => {
    const { sender } = message;
    if (sender === undefined || sender === "" || message.listCache.has(SENDER_REWRITTEN)) return lines;
    return chain(deps.rewrite.sender(sender, scopeOf(session)), (now) => {
      message.listCache.set(SENDER_REWRITTEN, true);
      if (now === sender) return lines;
      message.sender = now;
      // Before the Date that the fixups put at the end.
      const last = lines.at(-1);
      const at = last !== undefined && hasName(last, "Date") ? lines.length - 1 : lines.length;
      return [...lines.slice(0, at), { type: DELETED, text: `X-rewrote-sender: ${sender}\n` }, ...lines.slice(at)];
    });
  });
}

/** Lines that ACLs added and removed, as the message stands now. */
export function withAclHeaders({ transaction }: Session, headers: readonly HeaderLine[]): HeaderLine[] {
  let out = [...headers];
  for (const name of transaction.removed) out = removeHeaders(out, name);
  return transaction.added.length === 0 ? out : addHeaders(out, transaction.added);
}

function fixed(session: Session, headers: readonly HeaderLine[], local: LocalOrigin | undefined): Maybe<readonly HeaderLine[]> {
  const { deps, facts, message, transaction } = session;
  const { submission, suppressFixups } = transaction.controls;
  if (suppressFixups || (local === undefined && submission === undefined)) return headers;
  const { settings } = deps;
  const primary = settings.text("primary_hostname") ?? "";
  return chain(textOption(session, "message_id_header_domain"), (domain) =>
    chain(textOption(session, "message_id_header_text"), (text) => {
      const now = deps.clock.now();
      // Lines that are made name the sender as it was before its verification rewrote it.
      const sender = message.listCache.has(SENDER_REWRITTEN) ? givenSender(session, transaction.originalSender) : (message.sender ?? "");
      const result = fixHeaders({
        headers,
        origin: local !== undefined ? "local" : "submission",
        id: message.id,
        now,
        zone: deps.zone(now),
        sender,
        qualifyDomain: settings.text("qualify_domain") ?? primary,
        messageIdDomain: domain === undefined || domain === "" ? primary : domain,
        ...(text !== undefined && { messageIdText: text }),
        ...(local !== undefined &&
          facts.caller !== undefined && { caller: { login: facts.caller.login, fullName: local.fullName, trusted: session.trusted } }),
        charset: settings.text("headers_charset") ?? "UTF-8",
        localFromCheck: settings.flag("local_from_check"),
        localSenderRetain: settings.flag("local_sender_retain"),
        localFromPrefix: split(settings.text("local_from_prefix")),
        localFromSuffix: split(settings.text("local_from_suffix")),
        ...(submission !== undefined && {
          submission: {
            senderRetain: submission.senderRetain,
            ...(submission.domain !== undefined && { domain: submission.domain }),
            ...(submission.fullName !== undefined && { name: submission.fullName }),
            authenticatedId: facts.authenticatedId ?? "",
          },
        }),
        ...(transaction.reference !== undefined && { report: true }),
        smtp: local?.smtp ?? true,
        ...(local?.smtp === false && { formerRecipients: formerRecipients(transaction.recipients) }),
      });
      if (result.sender !== sender) message.sender = result.sender;
      return result.headers;
    }),
  );
}

/** Recipients as they were, in old lines as Exim keeps them; for messages that did not come by SMTP the fixups do it. */
function formerLines({ transaction }: Session): readonly HeaderLine[] {
  return formerRecipients(transaction.recipients).map((address) => ({ type: DELETED, text: `X-rewrote-original-recipient: ${address}\n` }));
}

function formerRecipients(recipients: readonly PendingRecipient[]): readonly string[] {
  return recipients.flatMap(({ address, original }) => (original === address ? [] : [original]));
}

function split(list: string | undefined): readonly string[] {
  return (list ?? "")
    .split(":")
    .map((item) => trimSpace(item))
    .filter((item) => item !== "");
}

/** The Received line with the time when the message began. */
function received(session: Session): Maybe<HeaderLine | undefined> {
  const { deps, message } = session;
  const template =
    deps.settings.template("received_header_text") ?? scopeOf(session).services.strings.compile(DEFAULT_RECEIVED_HEADER_TEXT);
  return chain(template.evaluate(scopeOf(session)), (result) => {
    if (result.kind === "value") return receivedHeader(result.text, message.received, deps.zone(message.received));
    const line = `expansion of received_header_text failed: ${result.message}`;
    deps.log.main(line);
    deps.log.panic(line);
    return makeHeader(`Received: by ${deps.settings.text("primary_hostname") ?? ""} id ${message.id}`);
  });
}

function messageIdOf(headers: readonly HeaderLine[]): string | undefined {
  const header = findHeader(headers, "Message-ID") ?? findHeader(headers, "Resent-Message-ID");
  if (header === undefined) return undefined;
  const value = valueOfHeader(header.text);
  return /<([^<>]*)>/.exec(value)?.[1] ?? value;
}

export function subjectOf(headers: readonly HeaderLine[]): string | undefined {
  const header = findHeader(headers, "Subject");
  return header === undefined ? undefined : valueOfHeader(header.text);
}
