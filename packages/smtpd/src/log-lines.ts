/** Lines of the main and reject logs that smtpd writes, in Exim's form. Manual §"Log files". */
import { decodeWords } from "@mailkit/message";
import { printable, printableAddress, type MessageFacts, type SessionFacts, trimSpaceStart } from "@mailkit/sdk";

export interface LogContext {
  readonly session: SessionFacts;
  readonly selector: ReadonlySet<string>;
}

/** `name (helo) [1.2.3.4]:port`, or the caller's login for a session without a host: `$sender_fullhost`, `H=` of logs. */
export function fullHost(context: LogContext): string {
  const { session } = context;
  if (session.peer === undefined) return session.ident === "" ? (session.caller?.login ?? "") : session.ident;
  const name = session.hostNames?.[0] ?? "";
  const helo = session.helo === "" || (name !== "" && saysNothing(session)) ? "" : `(${printable(session.helo)})`;
  const names = name === "" || helo === "" ? `${name}${helo}` : `${name} ${helo}`;
  return names === "" ? addressAndPort(context) : `${names} ${addressAndPort(context)}`;
}

/** The host part of a Received line: `$sender_rcvhost`. */
export function receivedHost(context: LogContext): string {
  const { session } = context;
  if (session.peer === undefined) return "";
  const name = session.hostNames?.[0] ?? "";
  const details = [
    ...(session.helo === "" || saysNothing(session) ? [] : [`helo=${session.helo}`]),
    ...(session.ident === "" ? [] : [`ident=${session.ident}`]),
  ];
  const address = addressAndPort(context);
  if (name === "") return details.length === 0 ? address : `${address} (${details.join(" ")})`;
  return `${name} (${[address, ...details].join(" ")})`;
}

function addressAndPort({ session: { peer }, selector }: LogContext): string {
  if (peer === undefined) return "";
  return `[${peer.address}]${selector.has("incoming_port") && peer.port > 0 ? `:${peer.port}` : ""}`;
}

/** HELO gave the verified name, or the address as a literal. */
function saysNothing({ peer, helo, hostNames }: SessionFacts): boolean {
  const literal = /^\[(?:IPv[46]:)?(.*)\]$/i.exec(helo)?.[1];
  return literal === peer?.address || helo.toLowerCase() === (hostNames?.[0] ?? "").toLowerCase();
}

/** `H=... [I=...] [U=...]`, `U=login` for local sessions: what stands before most texts; after "from" without `H=` and `U=`. */
export function hostAndIdent(context: LogContext, flagged = true): string {
  const { session, selector } = context;
  if (session.peer === undefined) return `${flagged ? "U=" : ""}${fullHost(context)}`;
  let text = `${flagged ? "H=" : ""}${fullHost(context)}`;
  if (selector.has("incoming_interface") && session.local !== undefined) text += ` I=[${session.local.address}]:${session.local.port}`;
  return session.ident === "" ? text : `${text} U=${printable(session.ident)}`;
}

/** `SMTP connection from ...`: the host without H=, or the login of who speaks on standard input, whatever `-oMa` says. */
export function connectionName(context: LogContext): string {
  const { session, selector } = context;
  if (session.caller !== undefined) return session.ident === "" ? session.caller.login : session.ident;
  const local =
    session.peer !== undefined && selector.has("incoming_interface") && session.local !== undefined
      ? ` I=[${session.local.address}]:${session.local.port}`
      : "";
  return fullHost(context) + local;
}

export function tlsFields({ session, selector }: LogContext): string {
  const { tls } = session;
  if (tls === undefined) return "";
  let text = selector.has("tls_cipher") ? ` X=${tls.cipher}` : "";
  if (selector.has("tls_certificate_verified")) text += ` CV=${tls.verified === true ? "yes" : "no"}`;
  if (selector.has("tls_peerdn") && tls.peerDn !== undefined) text += ` DN="${printable(tls.peerDn)}"`;
  if (selector.has("tls_sni") && tls.sni !== undefined) text += ` SNI="${printable(tls.sni)}"`;
  return text;
}

/** `1s`, with `millisec` `1.204s`. */
export function lasted({ selector }: LogContext, milliseconds: number): string {
  const time = Math.max(0, milliseconds);
  return `${selector.has("millisec") ? (time / 1000).toFixed(3) : Math.floor(time / 1000)}s`;
}

/** `PRX=`: the proxy that the connection came through. */
export function proxyField({ session, selector }: LogContext): string {
  const address = selector.has("proxy") ? session.extra.get("proxy_local_address")?.text : undefined;
  return address === undefined || address === "" ? "" : ` PRX=${address}`;
}

/** `A=authenticator[:id[:sender]]`. */
export function authField({ session, selector }: LogContext, authenticatedSender = ""): string {
  if (session.authenticator === undefined) return "";
  let text = ` A=${session.authenticator}`;
  if (session.authenticatedId !== undefined && session.authenticatedId !== "") text += `:${printable(session.authenticatedId)}`;
  if (selector.has("smtp_mailauth") && authenticatedSender !== "") text += `:${printable(authenticatedSender)}`;
  return text;
}

export interface Arrival {
  readonly id: string;
  readonly sender: string;
  readonly protocol: string;
  readonly size: number;
  /** Of the Message-ID line, without brackets. */
  readonly messageId: string | undefined;
  readonly subject: string | undefined;
  readonly recipients: readonly string[];
  /** `-oMr`-like reference of a bounce: `R=id`. */
  readonly reference?: string;
  readonly chunking: boolean;
  readonly prdr: boolean;
  /** What BODY said; 0 = nothing. */
  readonly bits: 0 | 7 | 8;
  /** Undefined: PIPELINING was not offered. */
  readonly pipelined: boolean | undefined;
  /** PIPECONNECT: "." offered, "*" used, "" not offered. */
  readonly early: "" | "." | "*";
  readonly queueName: string;
  /** From the first octet to acceptance. */
  readonly milliseconds: number;
  /** Sender before rewriting, for `received_sender`. */
  readonly original: string;
  readonly authenticatedSender: string;
  /** The Message-ID line was made here (`msg_id_created`). */
  readonly messageIdCreated: boolean;
}

/** `id <= sender H=host P=protocol S=size id=...`. */
export function arrivalLine(context: LogContext, arrival: Arrival): string {
  const { selector, session } = context;
  let line = `${arrival.id} <= ${arrival.sender === "" ? "<>" : printableAddress(arrival.sender)}`;
  if (arrival.reference !== undefined) line += ` R=${arrival.reference}`;
  const who = session.peer === undefined ? fullHost(context) : "";
  if (session.peer !== undefined || who !== "") line += ` ${hostAndIdent(context)}`;
  line += ` P=${arrival.protocol}`;
  if (selector.has("pipelining") && arrival.pipelined !== undefined) line += ` L${arrival.pipelined ? "" : "-"}${arrival.early}`;
  line += tlsFields(context) + authField(context, arrival.authenticatedSender);
  if (arrival.prdr) line += " PRDR";
  line += proxyField(context);
  if (arrival.chunking) line += " K";
  line += ` S=${arrival.size}`;
  if (selector.has("8bitmime")) line += ` M8S=${arrival.bits}`;
  if (selector.has("receive_time")) line += ` RT=${lasted(context, arrival.milliseconds)}`;
  if (arrival.queueName !== "") line += ` Q=${arrival.queueName}`;
  if (arrival.messageId !== undefined && selector.has(arrival.messageIdCreated ? "msg_id_created" : "msg_id")) {
    line += ` id${arrival.messageIdCreated ? "*" : ""}=${printable(arrival.messageId)}`;
  }
  if (selector.has("subject") && arrival.subject !== undefined)
    line += ` T="${printable(decodeWords(arrival.subject).replace(/["\\]/g, "\\$&"))}"`;
  if (selector.has("received_sender")) line += ` from <${printableAddress(arrival.original)}>`;
  if (selector.has("received_recipients") && arrival.recipients.length > 0)
    line += ` for ${arrival.recipients.map((address) => printableAddress(address)).join(" ")}`;
  return line;
}

export interface Rejection {
  /** `RCPT <x>`, `MAIL <x>`, `after DATA`, `EHLO or HELO x`, ... */
  readonly what: string;
  readonly temporary: boolean;
  readonly text: string | undefined;
  /** The sender is known and the text shows it. */
  readonly withSender: boolean;
  /** Messages that did not come by SMTP are shown by their sender alone. */
  readonly withoutHost?: boolean;
  readonly id?: string;
}

export function rejectionLine(context: LogContext, message: MessageFacts, rejection: Rejection): string {
  const id = rejection.id === undefined || rejection.id === "" ? "" : `${rejection.id} `;
  const sender = rejection.withSender && message.sender !== undefined ? ` F=<${printableAddress(message.sender)}>` : "";
  const text = rejection.text === undefined || rejection.text === "" ? "" : `: ${printable(rejection.text)}`;
  const kind = rejection.temporary ? "temporarily rejected" : "rejected";
  const who =
    rejection.withoutHost === true ? trimSpaceStart(sender) : `${hostAndIdent(context)}${tlsFields(context)}${sender}${authField(context)}`;
  return `${id}${who} ${kind} ${printable(rejection.what)}${text}`;
}
