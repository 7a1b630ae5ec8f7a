/**
 * The machine's asks to the world and back: each effect runs an ACL, an expansion or a lookup and gives the event that
 * the machine waits for; at once when nothing has to wait. Reading data is the session's own.
 */
import { chain, isPromise, printable, type DomainList, type Maybe, type SessionFacts } from "@mailkit/sdk";
import type { ServerEffect, ServerEvent, Verdict } from "@mailkit/smtp-core";
import { runAcl, type Decided } from "./acl-effects.ts";
import { auth, authEvent } from "./auth-effects.ts";
import { answerEtrn, answerExpn, answerVrfy } from "./answers.ts";
import { fullHost, hostAndIdent } from "./log-lines.ts";
import { extensionsFor, hostIn, protocolOf, textOption } from "./offers.ts";
import { givenSender, qualifiedRecipient } from "./qualify.ts";
import { delayFor, parseRateLimit } from "./ratelimit.ts";
import { NO_ROOM, shortageLine } from "./room.ts";
import { newTransaction, resetMessage, scopeOf, type Session } from "./session-state.ts";

export type Ask = Exclude<ServerEffect, { kind: "readData" | "readChunk" | "startTls" | "skip" | "reset" | "note" | "close" }>;

export function perform(session: Session, effect: Ask): Maybe<ServerEvent> {
  switch (effect.kind) {
    case "connect":
      return verdictOf(connect(session));
    case "greet":
      return chain(textOption(session, "smtp_banner"), (text) => ({ kind: "banner", text: text ?? "ESMTP" }) as const);
    case "helo":
      return verdictOf(helo(session, effect.verb, effect.name));
    case "advertise":
      return advertise(session, effect.esmtp);
    case "rewrite":
      return chain(session.deps.rewrite.smtp(effect.argument, scopeOf(session)), (argument) => ({ kind: "rewritten", argument }) as const);
    case "mail":
      return verdictOf(chain(slowDown(session, "smtp_ratelimit_mail", ++session.mailCount), () => mail(session, effect)));
    case "rcpt":
      return verdictOf(chain(slowDown(session, "smtp_ratelimit_rcpt", session.message.rcptCount + 1), () => rcpt(session, effect)));
    case "predata":
      session.transaction.chunking = effect.verb === "BDAT";
      return verdictOf(runAcl(session, "predata", effect.verb));
    case "auth":
      return auth(session, effect.mechanism, effect.initial);
    case "authResponse":
      return authEvent(
        session,
        session.deps.auth === undefined ? { kind: "unknown" } : session.deps.auth.next(effect.octets, session.dialogue, scopeOf(session)),
      );
    case "starttls":
      return verdictOf(runAcl(session, "starttls", "STARTTLS"));
    case "vrfy":
      return answerVrfy(session, effect.address);
    case "expn":
      return answerExpn(session, effect.argument);
    case "etrn":
      return answerEtrn(session, effect.argument);
    case "quit":
      return session.deps.acl.isSet("quit") ? verdictOf(runAcl(session, "quit", "QUIT")) : { kind: "verdict", verdict: ACCEPT };
  }
}

const ACCEPT: Verdict = { kind: "accept" };

function verdictOf(verdict: Maybe<Verdict>): Maybe<ServerEvent> {
  return isPromise(verdict) ? verdict.then((v) => ({ kind: "verdict", verdict: v })) : { kind: "verdict", verdict };
}

function connect(session: Session): Maybe<Verdict> {
  return chain(hostIn(session, "host_reject_connection"), (rejected): Maybe<Verdict> => {
    if (rejected) {
      refuseConnection(session, `refused connection from ${hostAndIdent(session.log, false)} (host_reject_connection)`);
      return { kind: "deny", close: true, code: 554, message: "SMTP service not available" };
    }
    const verdict = chain(whoIsIt(session), () => runAcl(session, "connect", 'connection in "connect" ACL'));
    return chain(verdict, (decided) => {
      // What belongs to a message ends with the greeting.
      session.message.aclMessage.clear();
      return decided;
    });
  });
}

/** Selector `connection_reject`, for the mainlog. */
function refuseConnection(session: Session, line: string): void {
  if (session.log.selector.has("connection_reject")) session.deps.log.main(line);
  session.deps.log.reject(line);
}

function both({ deps }: Session, line: string): void {
  deps.log.main(line);
  deps.log.reject(line);
}

/** Reverse lookup and ident, where options ask for them. */
function whoIsIt(session: Session): Maybe<void> {
  const { facts, deps } = session;
  if (facts.peer === undefined) return undefined;
  return chain(hostIn(session, "host_lookup"), (wanted) =>
    chain(wanted && facts.hostLookup === "not yet" ? deps.hosts.lookup(facts) : undefined, () => {
      if (deps.settings.number("rfc1413_query_timeout") <= 0 || session.kind !== "tcp") return undefined;
      return chain(hostIn(session, "rfc1413_hosts"), (asked) =>
        asked
          ? chain(deps.hosts.ident(facts), (ident) => {
              facts.ident = ident;
            })
          : undefined,
      );
    }),
  );
}

/** The name is a fact before it is verified and before its ACL sees it. Manual §"helo_verify_hosts". */
function helo(session: Session, verb: "HELO" | "EHLO", name: string): Maybe<Verdict> {
  const { facts } = session;
  facts.helo = name;
  facts.heloKind = verb;
  facts.heloVerified = false;
  return chain(
    chain(lookupForHelo(session, name), () => hostIn(session, "helo_verify_hosts")),
    (must) =>
      chain(must ? true : hostIn(session, "helo_try_verify_hosts"), (wanted): Maybe<Verdict> => {
        if (!wanted) return heloAcl(session, name);
        return chain(session.deps.hosts.verifyHelo(facts), (verified): Maybe<Verdict> => {
          facts.heloVerified = verified;
          if (verified || !must) return heloAcl(session, name);
          const later = facts.hostLookup === "deferred";
          both(session, `${later ? "temporarily " : ""}rejected "${verb} ${printable(name)}" from ${hostAndIdent(session.log, false)}`);
          return { kind: later ? "defer" : "deny", message: `${verb} argument does not match calling host` };
        });
      }),
  );
}

/** A name that was refused is not known. */
function heloAcl(session: Session, name: string): Maybe<Verdict> {
  return chain(runAcl(session, "helo", `EHLO or HELO ${name}`), (verdict) => {
    if (verdict.kind === "deny" || verdict.kind === "defer") forgetHelo(session.facts);
    return verdict;
  });
}

function forgetHelo(facts: SessionFacts): void {
  facts.helo = "";
  facts.heloKind = "none";
}

/** Who gives this host's own name or address gets its name looked up (manual §"helo_lookup_domains"). */
function lookupForHelo({ deps, facts, ...session }: Session, name: string): Maybe<void> {
  const list = deps.settings.list("helo_lookup_domains") as DomainList | undefined;
  if (list === undefined || facts.peer === undefined || facts.hostLookup !== "not yet") return undefined;
  const scope = session.scope ?? deps.scope(facts, session.message);
  return chain(list.match(name, scope), (result) => (result.kind === "yes" ? deps.hosts.lookup(facts) : undefined));
}

/** `host Hello name [address]`, with the ident or login before `at`. */
function advertise(session: Session, esmtp: boolean): Maybe<ServerEvent> {
  const { facts } = session;
  const ident = facts.peer === undefined ? (facts.caller?.login ?? facts.ident) : facts.ident;
  const known = facts.hostNames?.[0];
  const name = known !== undefined ? known : facts.helo === "" ? fullHost(session.log) : facts.helo;
  const address = facts.peer === undefined ? "" : ` [${facts.peer.address}]`;
  const greeting = `${facts.activeHostname} Hello ${ident === "" ? "" : `${ident} at `}${name}${address}`;
  if (!esmtp) return { kind: "advertise", greeting, extensions: NOTHING };
  return chain(extensionsFor(session), (extensions) => ({ kind: "advertise", greeting, extensions }) as const);
}

const NOTHING = {
  size: undefined,
  eightBit: false,
  dsn: false,
  etrn: false,
  vrfy: false,
  expn: false,
  pipelining: false,
  pipeConnect: false,
  auth: [],
  chunking: false,
  starttls: false,
  prdr: false,
  smtputf8: false,
} as const;

type MailEffect = Extract<ServerEffect, { kind: "mail" }>;

function mail(session: Session, { sender, parameters }: MailEffect): Maybe<Verdict> {
  const { deps } = session;
  resetMessage(session);
  const { message, transaction } = session;
  transaction.started = deps.clock.now();
  transaction.ret = parameters.ret;
  transaction.envid = parameters.envid;
  transaction.prdr = parameters.prdr;
  transaction.bits = parameters.eightBit ? 8 : parameters.sevenBit ? 7 : 0;
  transaction.originalSender = sender;
  message.size = parameters.size;
  message.received = transaction.started;
  message.eightBit = parameters.eightBit;
  message.smtputf8 = parameters.smtputf8;
  message.receivedProtocol = protocolOf(session.kind, session);
  return chain(deps.spool.shortage(parameters.size), (shortage): Maybe<Verdict> => {
    if (shortage !== undefined) {
      deps.log.main(shortageLine(shortage));
      return { kind: "defer", code: 452, message: NO_ROOM };
    }
    message.sender = givenSender(session, sender);
    return chain(
      chain(mailAuth(session, parameters.auth), () => runAcl(session, "mail", `MAIL <${sender}>`)),
      (verdict) => {
        if (verdict.kind === "discard") {
          transaction.discardedBy = "MAIL";
          transaction.discardedWhy = verdict.logMessage;
        }
        return verdict;
      },
    );
  });
}

/** Undefined: no delay is due. */
function slowDown(session: Session, option: "smtp_ratelimit_mail" | "smtp_ratelimit_rcpt", count: number): Maybe<void> {
  const { settings, clock } = session.deps;
  if (!settings.isSet(option) || session.facts.peer === undefined) return undefined;
  const limit = parseRateLimit(settings.text(option) ?? "");
  const delay = limit === undefined ? 0 : delayFor(limit, count);
  if (delay <= 0) return undefined;
  return chain(hostIn(session, "smtp_ratelimit_hosts"), (limited) => (limited ? clock.sleep(delay) : undefined));
}

/** AUTH= counts when the client is authenticated and its ACL agrees. RFC 4954 §5. */
function mailAuth(session: Session, given: string | undefined): Maybe<void> {
  if (given === undefined || given === "") return undefined;
  if (session.facts.authenticator === undefined) {
    session.deps.log.main(`ignoring AUTH=${printable(given)} from ${hostAndIdent(session.log)} (client not authenticated)`);
    return undefined;
  }
  session.message.authenticatedSender = given;
  const verdict = session.deps.acl.isSet("mailauth") ? runAcl(session, "mailauth", `AUTH <${given}>`) : ACCEPT;
  return chain(verdict, (v) => {
    if (v.kind !== "accept") session.message.authenticatedSender = "";
  });
}

type RcptEffect = Extract<ServerEffect, { kind: "rcpt" }>;

function rcpt(session: Session, effect: RcptEffect): Maybe<Verdict> {
  const { message, transaction } = session;
  message.rcptCount++;
  // Rewritten with the header lines: ACLs see what the client wrote (manual §"When does rewriting happen?").
  const address = effect.recipient.includes("@") ? effect.recipient : qualifiedRecipient(session, effect.recipient);
  if (transaction.discardedBy !== undefined) {
    transaction.discarded++;
    logDiscarded(session, effect, "MAIL ACL", transaction.discardedWhy);
    return { kind: "discard" };
  }
  const verdict = runAcl(session, "rcpt", `RCPT ${effect.argument}`, { recipient: address });
  return chain(verdict, (decided) => countRcpt(session, effect, address, decided));
}

function countRcpt(session: Session, effect: RcptEffect, address: string, verdict: Decided): Verdict {
  const { message, transaction } = session;
  switch (verdict.kind) {
    case "accept":
      transaction.recipients.push({ address, original: address, dsn: effect.dsn });
      message.recipients.push(address);
      break;
    case "discard":
      transaction.discarded++;
      logDiscarded(session, effect, "RCPT ACL", verdict.logMessage);
      break;
    case "deny":
      message.rcptFailCount++;
      break;
    case "defer":
      message.rcptDeferCount++;
      break;
  }
  return verdict;
}

function logDiscarded(session: Session, { argument }: RcptEffect, by: string, why: string | undefined): void {
  const { log, message } = session;
  const reason = why === undefined ? "" : `: ${printable(why)}`;
  const line = `${hostAndIdent(log)} F=<${printable(message.sender ?? "")}> RCPT ${printable(argument)}: discarded by ${by}${reason}`;
  both(session, line);
}

/** The machine forgot the transaction. */
export function reset(session: Session, by: string): void {
  if (by === "AUTH") return;
  if (session.message.sender !== undefined || session.transaction.recipients.length > 0) resetMessage(session);
  else session.transaction = newTransaction();
}
