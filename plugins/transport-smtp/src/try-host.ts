/** One host: a session (kept or new), the transaction, and what came of each recipient. */
import type { ClientTransaction, ReceivedReply } from "@mailkit/smtp-core";
import type { HostFact, HostTarget, HostUsed, RecipientFact, TransportRecipient } from "@mailkit/sdk";
import { newAuthDialogue } from "./auth.ts";
import { tellFailure, tellRecipient, type Failure } from "./failures.ts";
import { expandText, type HostRules } from "./host-rules.ts";
import { defer, done, type Plan, type Step } from "./plan.ts";
import type { SessionPool } from "./pool.ts";
import { Session, type SessionSettings, type Transacted } from "./session.ts";
import { tlsRulesFor } from "./tls-options.ts";

export interface HostOutcome {
  /** For each of the recipients given, in order. */
  readonly facts: readonly RecipientFact[];
  readonly host: HostFact;
}

export interface Trial {
  readonly plan: Plan;
  readonly rules: HostRules;
  readonly recipients: readonly TransportRecipient[];
  readonly pool: SessionPool;
  readonly log: string[];
}

/** What opening a session needs of it; a callout has times of its own. */
export type Opening = Pick<Trial, "plan" | "rules" | "log"> & { readonly timeouts?: Partial<SessionSettings["timeouts"]> };

export async function tryHost(trial: Trial): Promise<HostOutcome> {
  const key = poolKey(trial);
  const kept = trial.pool.take(key);
  if (kept !== undefined) {
    const outcome = await sendOver(trial, kept, key);
    // A kept session may have died unnoticed; then nothing has been said about the host.
    if (outcome !== "stale") return outcome;
  }
  const opened = await openSession(trial);
  if (!opened.ok) return allFailed(trial, opened.failure, opened.used);
  const outcome = await sendOver(trial, opened.session, key);
  return outcome === "stale" ? allFailed(trial, { kind: "closed", after: "MAIL FROM", pipelined: false }, opened.session.used()) : outcome;
}

function poolKey({ plan, rules }: Trial): string {
  return [
    plan.job.transport,
    rules.target.name,
    rules.target.address,
    rules.port,
    rules.localAddress ?? "",
    rules.heloName,
    rules.tls,
    rules.auth,
  ].join("\0");
}

export type Opened =
  | { readonly ok: true; readonly session: Session }
  | { readonly ok: false; readonly failure: Failure | Step<never>; readonly used: HostUsed };

export async function openSession(trial: Opening): Promise<Opened> {
  const { plan, rules, log } = trial;
  const first = await openOnce(trial, rules);
  const clear = rules.tls === "try" && plan.options.tls_tempfail_tryclear;
  if (first.ok || !clear || !("kind" in first.failure) || first.failure.kind !== "tlsFailed") return first;
  // Manual §"tls_tempfail_tryclear": the connection is in an unknown state; a new one goes in clear.
  log.push(
    `TLS session failure: delivering unencrypted to ${rules.target.name} [${rules.target.address}] (not in hosts_require_tls): ${first.failure.message}`,
  );
  return openOnce(trial, { ...rules, tls: "never" });
}

async function openOnce({ plan, log, timeouts }: Opening, rules: HostRules): Promise<Opened> {
  const { options, host } = plan;
  const used: HostUsed = { name: rules.target.name, address: rules.target.address, port: rules.port };
  const tls = rules.tls === "never" ? undefined : await tlsRulesFor(plan, rules);
  if (tls?.ok === false) return { ok: false, failure: defer(`TLS set-up for ${rules.target.name}: ${tls.message}`, -37), used };
  const trace = host.trace;
  const session = new Session({
    rules,
    tls: tls?.rules,
    tempfailTryclear: options.tls_tempfail_tryclear,
    auth:
      rules.auth === "never"
        ? undefined
        : newAuthDialogue(host.authenticators, rules.target, { scope: rules.scope, log: (line) => log.push(line) }),
    timeouts: {
      connect: options.connect_timeout,
      command: options.command_timeout,
      data: options.data_timeout,
      final: options.final_timeout,
      ...timeouts,
    },
    keepalive: options.keepalive,
    tracing: trace.on,
    trace: (direction, line) => trace.emit({ kind: "smtp", host: `${rules.target.name} [${rules.target.address}]`, direction, line }),
  });
  const failure = await session.open();
  return failure === undefined ? { ok: true, session } : { ok: false, failure, used: session.used() };
}

/** Sends to all recipients, in as many transactions as the server's limit asks for. */
async function sendOver(trial: Trial, session: Session, key: string): Promise<HostOutcome | "stale"> {
  const { plan, recipients } = trial;
  const prepared = await makeTransaction(plan, trial.rules, session);
  if (!prepared.ok) {
    keep(trial, session, key);
    return allFailed(trial, prepared, session.used());
  }
  const most = Math.min(plan.options.max_rcpt || Infinity, session.extensions?.rcptMax || Infinity);
  const facts = new Map<TransportRecipient, RecipientFact>();
  let failed: RecipientFact | undefined;
  let open = recipients;
  while (open.length > 0) {
    const group = open.slice(0, most);
    open = open.slice(most);
    if (!session.usable) {
      for (const recipient of group) facts.set(recipient, failed ?? goneFact(session));
      continue;
    }
    const transacted = await session.transact({ ...prepared.value, recipients: toRcpt(group, trial, session) }, plan.job.message);
    if (facts.size === 0 && session.messages > 1 && isStale(transacted)) return "stale";
    const told = tellTransaction(trial, session, transacted, group);
    failed = told.find((fact) => fact.kind === "deferred" && fact.scope !== "recipient") ?? failed;
    const again = tooManyHere(transacted);
    told.forEach((fact, i) => facts.set(group[i] as TransportRecipient, fact));
    open = [...group.filter((_, i) => again.has(i)), ...open];
  }
  keep(trial, session, key);
  return { facts: recipients.map((recipient) => facts.get(recipient) as RecipientFact), host: hostFact(trial.rules, failed) };
}

function toRcpt(group: readonly TransportRecipient[], { plan, rules }: Trial, session: Session): ClientTransaction["recipients"] {
  const ignoreQuota =
    plan.options.lmtp_ignore_quota && rules.protocol === "lmtp" && session.extensions?.keywords.has("IGNOREQUOTA") === true;
  return group.map((recipient) => ({
    address: recipient.address,
    ...(recipient.dsn === undefined ? {} : { dsn: recipient.dsn }),
    ...(ignoreQuota ? { parameters: "IGNOREQUOTA" } : {}),
  }));
}

/** Recipients beyond the server's limit for one message (452, RFC 5321 section 4.5.3.1.10): the next transaction takes them. */
function tooManyHere({ result, reusable }: Transacted): ReadonlySet<number> {
  const none = new Set<number>();
  if (!reusable || !result.recipients.some((one) => one.kind === "delivered")) return none;
  return result.recipients.reduce(
    (set, one, i) => (one.kind === "refused" && one.reply.code === 452 && one.after.startsWith("RCPT") ? set.add(i) : set),
    none,
  );
}

/** The session ended between two transactions. */
function goneFact(session: Session): RecipientFact {
  return {
    kind: "deferred",
    message: "Remote host closed connection between messages",
    scope: "host",
    errno: -18,
    retryError: "lost_connection",
    host: session.used(),
  };
}

function isStale({ result }: Transacted): boolean {
  const { failure } = result;
  const lost = failure?.kind === "closed" || failure?.kind === "io" || (failure?.kind === "refused" && failure.reply.code === 421);
  return lost && /^(MAIL|RSET)/.test(failure.after) && result.recipients.every((one) => one.kind === "undone");
}

function keep({ plan, rules, pool }: Trial, session: Session, key: string): void {
  const most = plan.options.connection_max_messages;
  const full = (most > 0 && session.messages >= most) || (session.extensions?.mailMax ?? 0) === session.messages;
  if (!session.usable || full || (session.encrypted && !rules.passTls)) pool.end(session);
  else pool.give(key, session, plan.job.message.id);
}

/** MAIL's own parts, which may depend on the session (`authenticated_sender`). */
async function makeTransaction(plan: Plan, rules: HostRules, session: Session): Promise<Step<Omit<ClientTransaction, "recipients">>> {
  const { options, job } = plan;
  const { message } = job;
  const size = message.parts === "headers" ? message.headers.length : message.headers.length + 1 + message.body.size;
  const sender = await expandText(options.authenticated_sender, rules.scope);
  if (!sender.ok) return defer(`failed to expand authenticated_sender: ${sender.message}`, -27);
  const own = sender.text === "" ? (message.authenticatedSender ?? "") : sender.text;
  const sayAuth = own !== "" && (session.authenticator !== undefined || options.authenticated_sender_force);
  return done({
    sender: message.sender,
    ...(options.size_addition < 0 ? {} : { size: size + options.size_addition }),
    eightBit: message.eightBit,
    smtputf8: message.smtputf8,
    ...(sayAuth ? { authenticatedSender: own } : {}),
    ...(message.dsn === undefined ? {} : { dsn: message.dsn }),
  });
}

function tellTransaction(
  { plan, rules, log }: Trial,
  session: Session,
  transacted: Transacted,
  group: readonly TransportRecipient[],
): RecipientFact[] {
  const { result, written, sending } = transacted;
  const used: HostUsed = {
    ...session.used(),
    ...(result.used.pipelining ? { pipelining: true } : {}),
    ...(result.used.chunking ? { chunking: true } : {}),
    ...(result.used.prdr ? { prdr: true } : {}),
    ...(result.used.dsn ? { dsn: true } : {}),
  };
  const context = {
    target: rules.target,
    used,
    chunking: result.used.chunking && result.used.pipelining,
    written,
    sending,
    selector: plan.host.setting("log_selector"),
  };
  const whole = result.failure === undefined ? undefined : tellFailure(result.failure, context);
  if (whole?.log !== undefined) log.push(whole.log);
  const silent = result.failure?.kind === "timeout" ? result.failure.after : "";
  const waiting = result.recipients.findIndex((_, i) => silent === `RCPT TO:<${group[i]?.address ?? ""}>`);
  return result.recipients.map((recipient, index): RecipientFact => {
    switch (recipient.kind) {
      case "delivered":
        return {
          kind: "delivered",
          host: used,
          confirmation: confirmationOf(recipient.reply, result.used.prdr ? result.reply : undefined),
          ...(result.used.dsn ? { dsnPassedOn: true } : {}),
        };
      case "refused":
        return tellRecipient(recipient, rules.protocol, used);
      case "undone":
        // Those behind the one that got no answer were not heard of.
        if (waiting >= 0 && index > waiting && whole?.fact.kind === "deferred") return { ...whole.fact, host: undefined };
        return whole?.fact ?? { kind: "deferred", message: "the server took no recipient", scope: "message", errno: 0, host: used };
      default:
        return recipient satisfies never;
    }
  });
}

/** With PRDR the reply for the recipient and the one for the whole message. */
function confirmationOf(own: ReceivedReply, last: ReceivedReply | undefined): string {
  return last === undefined || last === own ? own.text : `${own.text}\n${last.text}`;
}

function allFailed(trial: Trial, failure: Failure | Step<never>, used: HostUsed): HostOutcome {
  const { plan, rules, recipients, log } = trial;
  let fact: RecipientFact;
  if ("ok" in failure) fact = failure.ok ? defer("", 0).fact : failure.fact;
  else {
    const told = tellFailure(failure, {
      target: rules.target,
      used,
      chunking: false,
      written: 0,
      sending: false,
      selector: plan.host.setting("log_selector"),
    });
    if (told.log !== undefined) log.push(told.log);
    fact = told.fact;
  }
  return { facts: recipients.map(() => fact), host: hostFact(rules, fact) };
}

/** Only errors of the host itself leave something in its hints. */
export function hostFact(rules: { readonly target: HostTarget; readonly port: number }, fact: RecipientFact | undefined): HostFact {
  const base = { host: rules.target, port: rules.port };
  if (fact?.kind !== "deferred" || fact.scope !== "host") return { ...base, result: "ok" };
  return { ...base, result: "deferred", message: fact.message, ...(fact.retryError === undefined ? {} : { retryError: fact.retryError }) };
}
