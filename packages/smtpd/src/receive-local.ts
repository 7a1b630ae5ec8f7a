/**
 * A message on standard input, not by SMTP: `-t`, `-i`, `-f`, recipients as arguments. Manual §"Command line options",
 * §"Message processing", §"Trusted and admin users".
 */
import { isPromise, mapInOrder, type HeaderLine, type SessionFacts } from "@mailkit/sdk";
import { isDeleted } from "@mailkit/message";
import { runAclNow, runStartAcl } from "./acl-effects.ts";
import { prepareHeaders, type LocalOrigin } from "./arrival.ts";
import type { SmtpdDeps } from "./deps.ts";
import { qualifiedRecipient, qualifyDomain } from "./qualify.ts";
import { memoryBody, type Received } from "./incoming.ts";
import { readMessage, type Kept } from "./local-input.ts";
import { errorMail, problemText, type LocalProblem } from "./local-errors.ts";
import { localRecipients } from "./local-recipients.ts";
import { callerAddress, maySetSender, noteChosenSender } from "./local-sender.ts";
import { numberOf, textOption } from "./offers.ts";
import { logHeaderTooLong, logTooBig, noteBody, store } from "./receive-body.ts";
import { noRoomForLocal } from "./room.ts";
import { createSession, newTransaction, scopeOf, type Session } from "./session-state.ts";

export interface LocalRequest {
  readonly input: AsyncIterable<Uint8Array>;
  readonly caller: { readonly login: string; readonly uid: number; readonly gid: number };
  /** From the gecos field, or `-F`. */
  readonly fullName: string;
  readonly trusted: boolean;
  /** `-f`, without brackets; "" for `<>`. Undefined: not given. */
  readonly sender?: string;
  /** Arguments; each may be a list. */
  readonly recipients: readonly string[];
  /** `-t` */
  readonly extract: boolean;
  /** A line with a dot alone ends the message: neither `-i` nor `-oi`. */
  readonly dotEnds: boolean;
  /** False with `-bnq`. */
  readonly qualify?: boolean;
  /** `-odq` and the like. */
  readonly queueOnly?: boolean;
  /** `-oMr` */
  readonly protocol?: string;
  /** `-oMa`, `-oMs`, `-oMt`, `-oMaa`... of a trusted caller. */
  readonly facts?: Partial<SessionFacts>;
  /** `-oMas` of a trusted caller. */
  readonly authenticatedSender?: string | undefined;
  /** The message that this one reports about: `R=` in the log. */
  readonly reference?: string;
  /** "mail": the sender gets a message about a fault; "stderr": the caller prints it. */
  readonly errors: "mail" | "stderr";
}

export type LocalResult =
  | { readonly kind: "accepted"; readonly id: string }
  /** An ACL took all recipients out: nothing is in the spool. */
  | { readonly kind: "discarded"; readonly id: string }
  /** Not taken. `mailed`: the sender was told by mail. `text` is for standard error. */
  | {
      readonly kind: "failed";
      readonly problem: LocalProblem | { readonly kind: "noRoom" };
      readonly text: string;
      readonly mailed: boolean;
    };

export async function receiveLocal(deps: SmtpdDeps, request: LocalRequest): Promise<LocalResult> {
  const noRoom = await noRoomForLocal(deps);
  if (noRoom !== undefined) return { kind: "failed", problem: { kind: "noRoom" }, text: noRoom, mailed: false };
  const facts = { ident: request.caller.login, ...request.facts, caller: request.caller };
  const { trusted, sender, authenticatedSender } = request;
  const session = createSession(deps, { kind: "stdin", trusted, facts, chosenSender: sender, authenticatedSender });
  const now = deps.clock.now();
  session.transaction = newTransaction(now);
  session.transaction.reference = request.reference;
  session.transaction.unqualified = request.qualify === false;
  session.message.received = now;
  session.message.receivedProtocol = request.protocol ?? "local";
  session.message.id = deps.spool.newId();
  session.sizeLimit = await numberOf(session, "message_size_limit", 52_428_800);
  if (deps.acl.isSet("not_smtp_start")) await start(session, request);
  const read = await readMessage(session, request);
  const chosen = await senderOf(session, request, read.fromLine);
  session.message.sender = chosen;
  session.transaction.originalSender = chosen;
  if (request.queueOnly === true) session.standing.queueOnly = true;
  const problem = await take(session, request, read.received);
  if (problem === undefined) {
    return { kind: session.transaction.discardedBy === undefined ? "accepted" : "discarded", id: session.message.id };
  }
  const mailed = request.errors === "mail" && (await tell(session, problem, read.received));
  return { kind: "failed", problem, text: problemText(problem), mailed };
}

/** Before anything is read: the ACL sees what the command line says. */
async function start(session: Session, request: LocalRequest): Promise<void> {
  const { message } = session;
  message.sender = await senderOf(session, request, undefined);
  const qualify = (address: string): string => qualifiedRecipient(session, address);
  const given = localRecipients({ args: request.recipients, extract: false, removeArguments: false, headers: [], qualify });
  message.recipients = request.extract ? [] : [...given.addresses];
  await runStartAcl(session);
  message.recipients = [];
}

/**
 * `-f` or a From_ line when the caller may choose, else the caller. It is rewritten after the fixups, which go by who
 * really sent it.
 */
async function senderOf(session: Session, request: LocalRequest, fromLine: string | undefined): Promise<string> {
  const wanted = request.sender ?? fromLine;
  if (wanted === undefined) return callerAddress(session);
  const whole = wanted === "" || wanted.includes("@") || request.qualify === false;
  const address = whole ? wanted : `${wanted}@${qualifyDomain(session)}`;
  if (!(await maySetSender(session, address))) return callerAddress(session);
  noteChosenSender(session);
  return address;
}

async function take(session: Session, request: LocalRequest, received: Kept): Promise<LocalProblem | undefined> {
  const { deps, message, transaction } = session;
  if (received.kind === "headerTooLong") {
    logHeaderTooLong(session, received.what);
    message.id = "";
    return { kind: "headerTooLong" };
  }
  const found = localRecipients({
    args: request.recipients,
    extract: request.extract,
    removeArguments: deps.settings.flag("extract_addresses_remove_arguments"),
    headers: received.headers,
    qualify: (address) => (request.qualify === false ? address : qualifiedRecipient(session, address)),
  });
  if (found.bad.length > 0) return logged(session, { kind: "badRecipients", bad: found.bad });
  if (found.addresses.length === 0) return logged(session, { kind: found.excluded.length > 0 ? "allExcluded" : "noRecipients" });
  const max = deps.settings.number("recipients_max");
  if (max > 0 && found.addresses.length > max) return logged(session, { kind: "tooManyRecipients" });
  const addresses = await mapInOrder(found.addresses, (address) => deps.rewrite.recipient(address, scopeOf(session)));
  for (const [i, address] of addresses.entries()) {
    transaction.recipients.push({ address, original: found.addresses[i] ?? address, dsn: {} });
    message.recipients.push(address);
  }
  transaction.nonRecipients = found.excluded;
  const local = { fullName: request.fullName, smtp: false };
  if (received.kind === "tooBig") return refuseTooBig(session, { ...received, headers: found.headers }, local);
  return accept(session, { ...received, headers: [...found.headers] }, local);
}

/** The log shows its header as it would have gone on, without a Received line: it was not received. */
async function refuseTooBig(session: Session, { size, headers }: TooBig, local: LocalOrigin): Promise<LocalProblem> {
  const prepared = await prepareHeaders(session, headers, local);
  const ours = prepared.headers.find((header) => header.type === "P");
  logTooBig(
    session,
    // What is beyond the limit is not read.
    Math.min(size, session.sizeLimit + 1),
    prepared.headers.filter((header) => header !== ours),
  );
  return { kind: "tooBig", limit: session.sizeLimit };
}

type TooBig = Extract<Received, { kind: "tooBig" }>;

async function accept(
  session: Session,
  whole: Extract<Received, { kind: "message" }>,
  local: LocalOrigin,
): Promise<LocalProblem | undefined> {
  const { message, transaction, deps } = session;
  const { body } = whole;
  noteBody(message, whole);
  const prepared = await prepareHeaders(session, whole.headers, local);
  if (deps.mime !== undefined) {
    const verdict = await deps.mime.run(session.facts, message, body, true);
    if (verdict?.kind === "discard") transaction.discardedBy = "MIME";
    if (verdict?.kind === "deny" || verdict?.kind === "defer")
      return { kind: "rejected", message: verdict.message ?? "Administrative prohibition", temporary: verdict.kind === "defer" };
  }
  if (deps.acl.isSet("not_smtp")) {
    const verdict = await runAclNow(session, "not_smtp", "by non-SMTP ACL", { body });
    if (verdict.kind === "discard") {
      transaction.discardedBy = "non-SMTP";
      transaction.discardedWhy = verdict.logMessage;
    }
    if (verdict.kind === "deny" || verdict.kind === "defer")
      return { kind: "rejected", message: verdict.message ?? "Administrative prohibition", temporary: verdict.kind === "defer" };
  }
  const stored = store(session, whole, prepared);
  if (isPromise(stored)) await stored;
  return undefined;
}

function logged(session: Session, problem: LocalProblem): LocalProblem {
  const { deps, message } = session;
  deps.log.main(`${message.id} ${problemText(problem)}`);
  return problem;
}

/** The report to the sender goes the same way as any local message. */
async function tell(failed: Session, problem: LocalProblem, received: Kept): Promise<boolean> {
  const { deps, message } = failed;
  const to = message.sender ?? "";
  if (to === "") {
    deps.log.main(`${message.id} Error while reading message with no usable sender address: ${problemText(problem)}`);
    return false;
  }
  const session = createSession(deps, {
    kind: "stdin",
    trusted: true,
    facts: { caller: failed.facts.caller, ident: failed.facts.caller?.login ?? "" },
  });
  session.message.id = deps.spool.newId();
  session.message.sender = "";
  session.message.received = deps.clock.now();
  session.message.receivedProtocol = "local";
  session.transaction = newTransaction(session.message.received);
  session.transaction.recipients.push({ address: to, original: to, dsn: {} });
  session.message.recipients.push(to);
  session.transaction.reference = message.id === "" ? undefined : message.id;
  const from =
    (await textOption(session, "dsn_from")) ?? `Mail Delivery System <Mailer-Daemon@${deps.settings.text("qualify_domain") ?? ""}>`;
  const copy =
    received.kind === "message" ? await received.body.read(0, deps.settings.number("bounce_return_size_limit")) : Buffer.alloc(0);
  // One that an ACL refused had all its header lines already.
  const lines = problem.kind === "rejected" ? (message.headers ?? received.headers) : received.headers;
  const headers: readonly HeaderLine[] = lines.filter((header) => !isDeleted(header));
  const mail = errorMail(problem, to, from, { headers, body: copy, id: message.id, host: deps.settings.text("primary_hostname") ?? "" });
  const body = memoryBody(mail.body);
  const bodyLines = mail.body.reduce((count, octet) => (octet === 10 ? count + 1 : count), 0);
  const facts = { size: body.size, bodyLines, bodyZeros: 0, maxLine: 0, start: "", end: "" };
  const prepared = await prepareHeaders(session, mail.headers, { fullName: "", smtp: false });
  await store(session, { kind: "message", headers: [...mail.headers], body, facts }, prepared);
  return true;
}
