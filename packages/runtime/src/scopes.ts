/** Facts to scopes: the one place where `$variables` meet sessions, messages and addresses. */
import { decodeRfc2047 } from "@mailkit/expand";
import { chain, childScope, expansionError, makeScope, newMessageFacts, newSessionFacts, tainted } from "@mailkit/sdk";
import type {
  AddressFacts,
  HostNames,
  Maybe,
  MessageFacts,
  Scope,
  Services,
  SessionFacts,
  StoredMessage,
  Text,
  VariableSource,
} from "@mailkit/sdk";
import { addressVariables } from "./variables/address.ts";
import { messageHeader, messageVariables } from "./variables/message.ts";
import { sessionOfOrigin, sessionVariables } from "./variables/session.ts";

export interface ScopeMakerOptions {
  readonly services: Services;
  readonly environment: VariableSource;
  /** Reverse lookup of the peer, remembered in the facts. */
  readonly lookupHost: (session: SessionFacts) => Maybe<HostNames>;
  /** `message_body_visible`, octets. */
  readonly bodyVisible: number;
  /** `message_body_newlines`. */
  readonly bodyNewlines: boolean;
  /** Names of `log_selector` that are on. */
  readonly logSelector: ReadonlySet<string>;
}

export interface AttemptFacts {
  readonly queueRunning: boolean;
  /** `$sn0` to `$sn9`. */
  readonly filterNumbers?: readonly number[];
}

export interface Scopes {
  /** While a message is received, or without one. */
  forSession(session: SessionFacts, message: MessageFacts): Scope;
  /** While a message is delivered; `facts` are those of `factsOf`, for whoever changes them. */
  forMessage(message: StoredMessage, attempt?: AttemptFacts, facts?: MessageFacts): Scope;
  factsOf(message: StoredMessage): MessageFacts;
  forAddress(facts: AddressFacts, base: Scope): Scope;
  /** A plain scope for commands (`-be`). */
  bare(): Scope;
}

export function makeScopes(options: ScopeMakerOptions): Scopes {
  const { services } = options;
  const about = {
    now: (): number => services.clock.now(),
    decode: (text: string): string => decoded(text, services.expansion),
    body: (text: string): string => visibleText(text, options),
  };
  const scopeOf = (session: SessionFacts, message: MessageFacts, queueRunning = false): Scope => {
    const lookupName = (): ReturnType<VariableSource> => hostNameVariable(session, options);
    return makeScope({
      services,
      sources: [
        sessionVariables({ session, lookupName, logSelector: options.logSelector }),
        messageVariables(message, { ...about, queueRunning }),
        options.environment,
      ],
      header: messageHeader(message),
      assign: (name, value) => assign(session, message, name, value),
      listCache: message.listCache,
    });
  };
  return {
    forSession: scopeOf,
    factsOf: (stored) => messageFactsOf(stored, options),
    forMessage: (stored, attempt, facts = messageFactsOf(stored, options)) => {
      if (attempt?.filterNumbers !== undefined) facts.filterNumbers = [...Array.from({ length: 10 }, () => 0), ...attempt.filterNumbers];
      const { envelope, body } = stored;
      const session = sessionOfOrigin(envelope.origin, newSessionFacts({ aclConnection: aclMap(stored, "c") }));
      const scope = scopeOf(session, facts, attempt?.queueRunning);
      return body.bytes === undefined ? childScope(scope, [storedBody(body, options)]) : scope;
    },
    forAddress: (facts, base) => childScope(base, [addressVariables(facts)]),
    bare: () => scopeOf(newSessionFacts({ hostLookup: "ok" }), newMessageFacts()),
  };
}

function decoded(text: string, settings: Services["expansion"]): string {
  return decodeRfc2047(text, { charset: settings?.headersCharset ?? "UTF-8", checkLength: settings?.checkRfc2047Length !== false });
}

/** A body that is not in memory is read when a string asks for its text. */
function storedBody(body: StoredMessage["body"], options: Visible): VariableSource {
  const { bodyVisible } = options;
  const show = async (from: number): Promise<Text> => tainted(visibleBody(await body.read(from, bodyVisible), options));
  return (name) => {
    if (name === "message_body") return show(0);
    return name === "message_body_end" ? show(Math.max(0, body.size - bodyVisible)) : undefined;
  };
}

type Visible = Pick<ScopeMakerOptions, "bodyVisible" | "bodyNewlines">;

function visibleBody(octets: Buffer, { bodyNewlines }: Visible): string {
  return visibleText(octets.toString("latin1"), { bodyNewlines });
}

function visibleText(octets: string, { bodyNewlines }: Pick<Visible, "bodyNewlines">): string {
  const text = octets.replaceAll("\0", " ");
  return bodyNewlines ? text : text.replaceAll("\n", " ");
}

function hostNameVariable(session: SessionFacts, options: ScopeMakerOptions): ReturnType<VariableSource> {
  return chain(options.lookupHost(session), (found): Text | ReturnType<typeof expansionError> => {
    if (found.kind === "defer") return expansionError(found.message, true);
    return tainted(found.kind === "names" ? (found.names[0] ?? "") : "");
  });
}

function assign(session: SessionFacts, message: MessageFacts, name: string, value: Text): boolean {
  if (name.startsWith("acl_c")) session.aclConnection.set(name.slice(4), value);
  else if (name.startsWith("acl_m")) message.aclMessage.set(name.slice(4), value);
  else message.extra.set(name, value);
  return true;
}

function aclMap(stored: StoredMessage, letter: "c" | "m"): Map<string, Text> {
  return new Map(stored.envelope.aclVariables.filter(([name]) => name.startsWith(letter)));
}

/** A message of the spool as the facts that variables are made of. */
export function messageFactsOf(stored: StoredMessage, options: Visible): MessageFacts {
  const { envelope, body, state } = stored;
  const visible = options.bodyVisible;
  const show = (octets: Buffer | undefined): string => (octets === undefined ? "" : visibleBody(octets, options));
  const extra = new Map(Object.entries(envelope.extra ?? {}).map(([name, text]) => [name, tainted(text)] as const));
  return newMessageFacts({
    id: envelope.id,
    sender: envelope.sender,
    recipients: envelope.recipients.map((recipient) => recipient.address),
    rcptCount: envelope.recipients.length,
    headers: [...stored.headers],
    bodyStart: show(body.bytes?.subarray(0, visible)),
    bodyEnd: show(body.bytes?.subarray(Math.max(0, body.bytes.length - visible))),
    bodySize: envelope.bodySize,
    bodyLines: envelope.bodyLines,
    maxReceivedLine: envelope.maxReceivedLine,
    // The empty line counts.
    size: envelope.bodySize + 1 + stored.headers.reduce((sum, header) => sum + (header.type === "*" ? 0 : header.text.length), 0),
    received: envelope.received,
    receivedProtocol: envelope.protocol,
    aclMessage: aclMap(stored, "m"),
    authenticatedSender: envelope.origin.authenticatedSender ?? "",
    smtputf8: envelope.smtputf8 ?? false,
    eightBit: envelope.eightBit ?? false,
    queueName: envelope.queueName,
    delivery: { first: state.first, manuallyThawed: state.manuallyThawed },
    origin: envelope.origin,
    extra,
  });
}
