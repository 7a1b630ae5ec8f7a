/** What an ACL wants done beside its verdict: controls, headers, log lines; and its refusals as lines of the logs. */
import { chain, isPromise, printable, type HeaderLine, type Maybe, type MessageFacts } from "@mailkit/sdk";
import { addHeaders, type PlacedHeader } from "@mailkit/message";
import { customCode, step, type Switches, type Verdict } from "@mailkit/smtp-core";
import type { AclEffect, AclRequest, AclVerdict, Control } from "./deps.ts";
import { rejectionLine } from "./log-lines.ts";
import { aclRequest, type Session } from "./session-state.ts";

const ACCEPT: Verdict = { kind: "accept" };

/** Runs an ACL, applies its effects, logs a refusal, and gives the machine's verdict. */
export function runAcl(session: Session, where: AclRequest["where"], what: string, more: Partial<AclRequest> = {}): Maybe<Decided> {
  if (session.kind === "batch") return batchAcl(session, where, more);
  return runAclNow(session, where, what, more);
}

/** Batched SMTP is local input: only the non-SMTP ACLs look at it (manual §"Incoming batched SMTP"). */
function batchAcl(session: Session, where: AclRequest["where"], more: Partial<AclRequest>): Maybe<Decided> {
  if (where === "data") return runAclNow(session, "not_smtp", "by non-SMTP ACL", more);
  return where === "predata" ? chain(runStartAcl(session), () => ACCEPT) : ACCEPT;
}

/** `acl_not_smtp_start` counts for what it does; its result is ignored (manual §"The non-SMTP ACLs"). */
export function runStartAcl(session: Session): Maybe<void> {
  if (!session.deps.acl.isSet("not_smtp_start")) return undefined;
  return chain(session.deps.acl.run(aclRequest(session, "not_smtp_start", {})), ({ effects }) => applyEffects(session, effects));
}

export function runAclNow(session: Session, where: AclRequest["where"], what: string, more: Partial<AclRequest> = {}): Maybe<Decided> {
  const verdict = session.deps.acl.run(aclRequest(session, where, more));
  if (isPromise(verdict)) return verdict.then((v) => settled(session, where, what, v));
  return settled(session, where, what, verdict);
}

function settled(session: Session, where: AclRequest["where"], what: string, verdict: AclVerdict): Maybe<Decided> {
  const waited = applyEffects(session, verdict.effects);
  if (verdict.kind === "deny" || verdict.kind === "defer") logRefusal(session, where, what, verdict);
  const plain = plainVerdict(verdict);
  return isPromise(waited) ? waited.then(() => plain) : plain;
}

/** The machine's verdict, and what is for the log of a discarded message. */
export type Decided = Verdict & { readonly logMessage?: string };

export function plainVerdict(verdict: AclVerdict): Decided {
  if (verdict.kind === "accept" && verdict.message === undefined) return ACCEPT;
  return {
    kind: verdict.kind,
    ...(verdict.close !== undefined && { close: verdict.close }),
    ...(verdict.message !== undefined && { message: verdict.message }),
    ...(verdict.senderVerify !== undefined && { details: verdict.senderVerify.details }),
    ...(verdict.kind === "discard" && verdict.logMessage !== undefined && { logMessage: verdict.logMessage }),
  };
}

/** ACLs after which `F=<sender>` is shown. */
const WITH_SENDER: ReadonlySet<string> = new Set(["rcpt", "data", "mime", "prdr", "not_smtp"]);

export function logRefusal(session: Session, where: AclRequest["where"], what: string, verdict: AclVerdict): void {
  const { deps, message } = session;
  // Nothing comes of a refusal there; of a mistake in the ACL somebody should hear.
  if (where === "not_smtp_start") return;
  if (where === "quit" || where === "notquit") return verdict.faulty === true ? logFaultyEnd(session, where, verdict) : undefined;
  if (verdict.senderVerify !== undefined && session.log.selector.has("sender_verify_fail")) {
    deps.log.main(rejectionPrefix(session, verdict.senderVerify.log));
    deps.log.reject(rejectionPrefix(session, verdict.senderVerify.log));
  }
  const told = checkedCode(session, where, verdict);
  const own = verdict.logMessage === undefined || verdict.logMessage === verdict.message;
  const text = firstLine(own ? told : verdict.logMessage);
  const line = rejectionLine(session.log, message, {
    what,
    temporary: verdict.kind === "defer" && !(verdict.faulty === true && where === "not_smtp"),
    text,
    withSender: WITH_SENDER.has(where),
    withoutHost: where === "not_smtp",
    id: where === "data" || where === "mime" || where === "prdr" || where === "not_smtp" ? message.id : "",
  });
  const targets = verdict.logTargets ?? ["main", "reject"];
  const silent = where === "connect" && !session.log.selector.has("connection_reject");
  if (targets.includes("main") && !silent) deps.log.main(line);
  if (targets.includes("reject")) deps.log.reject(line, headersShown(session), envelopeShown(message));
  if (targets.includes("panic") || isMissingFile(verdict)) deps.log.panic(line);
}

/** The file of a list: Exim ends there, with a line in the paniclog. */
function isMissingFile({ faulty, logMessage }: AclVerdict): boolean {
  return faulty === true && logMessage?.startsWith("failed to open ") === true;
}

function firstLine(text: string | undefined): string | undefined {
  return text === undefined ? undefined : text.split("\n", 1)[0];
}

/** A code of another class than the reply's does not count: both logs hear of it, and of the text with the code that was sent. */
function checkedCode({ deps }: Session, where: AclRequest["where"], { kind, message }: AclVerdict): string | undefined {
  if (message === undefined || where === "vrfy" || where === "not_smtp") return message;
  const code = kind === "defer" ? 451 : 550;
  const coded = customCode(message, code);
  if (!coded.wrong) return message;
  const line = `configured error code starts with incorrect digit (expected ${String(code).charAt(0)}) in "${firstLine(message)}"`;
  deps.log.main(line);
  deps.log.panic(line);
  return `${coded.code} ${coded.text}`;
}

function logFaultyEnd({ deps }: Session, where: "quit" | "notquit", { logMessage }: AclVerdict): void {
  const line = `ACL for ${where === "quit" ? "QUIT" : "not-QUIT"} returned ERROR: ${logMessage ?? ""}`;
  deps.log.main(line);
  deps.log.panic(line);
}

/** Lines that this ACL added itself are shown, though it does not see them. */
function headersShown({ message, transaction }: Session): readonly HeaderLine[] | undefined {
  const fresh = transaction.added.slice(transaction.addedSeen);
  return message.headers === undefined || fresh.length === 0 ? message.headers : addHeaders(message.headers, fresh);
}

/** The rejectlog shows whom a refused message was for, as far as it is known. */
export function envelopeShown({ sender, recipients }: MessageFacts): { sender: string; recipients: readonly string[] } | undefined {
  return sender === undefined ? undefined : { sender, recipients };
}

function rejectionPrefix(session: Session, text: string): string {
  return rejectionLine(session.log, session.message, { what: "", temporary: false, text: undefined, withSender: false }).replace(
    / rejected $/,
    ` ${text}`,
  );
}

export function applyEffects(session: Session, effects: readonly AclEffect[] | undefined): Maybe<void> {
  if (effects === undefined) return undefined;
  let wait = 0;
  for (const effect of effects) {
    switch (effect.kind) {
      case "addHeaders":
        for (const header of effect.headers) addOnce(session.transaction.added, header);
        break;
      case "removeHeaders":
        session.transaction.removed.push(...effect.names);
        break;
      case "queue":
        session.message.queueName = effect.name;
        break;
      case "log":
        for (const target of effect.targets) session.deps.log[target](printable(effect.line));
        break;
      case "delay":
        wait += effect.milliseconds;
        break;
      case "control":
        applyControl(session, effect.control);
        break;
    }
  }
  return wait > 0 ? session.deps.clock.sleep(wait) : undefined;
}

/** A line that is there already is not added again (manual §"Adding header lines in ACLs"). */
function addOnce(added: PlacedHeader[], header: PlacedHeader): void {
  const key = JSON.stringify(header);
  if (!added.some((other) => JSON.stringify(other) === key)) added.push(header);
}

function applyControl(session: Session, control: Control): void {
  const { controls } = session.transaction;
  switch (control.name) {
    case "submission":
      controls.submission = control;
      return;
    case "freeze":
      controls.freeze = { tell: control.tell };
      return;
    case "queue":
      controls.queueOnly = true;
      controls.routeFirst = control.firstPassRoute;
      return;
    case "fakereject":
    case "fakedefer":
      controls.fake = { kind: control.name, message: control.message };
      return;
    case "suppress_local_fixups":
      controls.suppressFixups = true;
      return;
    case "caseful_local_part":
    case "caselower_local_part":
      controls.caseful = control.name === "caseful_local_part";
      session.facts.extra.set("caseful_local_part", { text: controls.caseful ? "yes" : "", tainted: false });
      return;
    case "no_enforce_sync":
    case "enforce_sync":
      return change(session, { enforceSync: control.name === "enforce_sync" });
    case "no_multiline_responses":
      return change(session, { noMultiline: true });
    case "no_pipelining":
      return change(session, { noPipelining: true });
    case "allow_auth_unadvertised":
      return change(session, { authUnadvertised: true });
    case "no_delay_flush":
      return;
    case "cutthrough_delivery":
      session.deps.log.main("control = cutthrough_delivery is not supported: the message is queued as usual");
      return;
  }
}

function change(session: Session, switches: Partial<Switches>): void {
  session.machine = step(session.machine, { kind: "set", change: switches }).state;
}
