/**
 * Callouts: the hosts and the rules of a delivery, and a dialogue that ends before the data (manual §"Callout
 * verification"). What is asked, and what an answer means, is the caller's.
 */
import { strerror, type CalloutAnswer, type CalloutFault, type CalloutSession, type CalloutTalk, type HostTarget } from "@mailkit/sdk";
import type { ClientFailure, TransactionResult } from "@mailkit/smtp-core";
import { tellFailure, type Failure } from "./failures.ts";
import { expandText, rulesFor, type HostRules } from "./host-rules.ts";
import { chooseHosts, choosePort } from "./hosts.ts";
import type { Plan } from "./plan.ts";
import type { Session } from "./session.ts";
import { openSession, type Opened } from "./try-host.ts";

export async function callOut(plan: Plan, talk: CalloutTalk): Promise<void> {
  const hosts = await chooseHosts(plan);
  if (!hosts.ok) return talk.noHosts(hosts.fact.message);
  const port = await choosePort(plan);
  if (!port.ok) return talk.noHosts(port.fact.message);
  for (const [i, target] of hosts.value.entries()) {
    if (i > 0 && !talk.goOn()) return;
    const call = { plan, talk, target };
    let end = await callHost(call, target.port ?? port.value);
    if (end === "again") end = await callHost(call, target.port ?? port.value);
    if (end === "done") return;
  }
}

interface Call {
  readonly plan: Plan;
  readonly talk: CalloutTalk;
  readonly target: HostTarget;
}

async function callHost({ plan, talk, target }: Call, port: number): Promise<"done" | "next" | "again"> {
  const failed = (fault: CalloutFault): "done" | "next" => (talk.failed(target, fault) ? "done" : "next");
  const rules = await rulesFor(plan, target, port);
  if (!rules.ok) return failed({ message: rules.fact.message });
  const timeouts = { connect: talk.connectTimeout, command: talk.timeout };
  const opened = await openSession({ plan, rules: rules.value, log: [], timeouts });
  if (!opened.ok) return failed(openingFault(opened, target));
  const { session } = opened;
  try {
    const sender = await authenticatedSender(plan, rules.value, { session, given: talk.authenticatedSender });
    return await talk.ask(questions(session, target, sender));
  } finally {
    await session.quit();
  }
}

/** `authenticated_sender` of the transport, else what came with the message, as for a delivery. */
async function authenticatedSender(
  { options }: Plan,
  rules: HostRules,
  { session, given }: { readonly session: Session; readonly given: string | undefined },
): Promise<string | undefined> {
  const own = await expandText(options.authenticated_sender, rules.scope);
  const sender = own.ok && own.text !== "" ? own.text : given;
  return session.authenticator !== undefined || options.authenticated_sender_force ? sender : undefined;
}

function questions(session: Session, target: HostTarget, authenticated: string | undefined): CalloutSession {
  return {
    host: target,
    probe: async ({ sender, recipient, same }) => {
      const result = await session.probe({
        sender,
        recipients: [{ address: recipient }],
        probe: same === true ? "same" : "new",
        ...(authenticated === undefined || authenticated === "" ? {} : { authenticatedSender: authenticated }),
      });
      return answerOf(result, session, target);
    },
  };
}

function answerOf({ recipients, failure }: TransactionResult, session: Session, target: HostTarget): CalloutAnswer {
  const [recipient] = recipients;
  const open = session.usable;
  if (recipient?.kind === "refused") {
    const { reply, after } = recipient;
    const message = `SMTP error from remote mail server after ${after}: ${reply.text}`;
    return { kind: "refused", at: "RCPT", open, fault: { message, refusal: { command: after, code: reply.code, text: reply.text } } };
  }
  if (failure === undefined) return { kind: "accepted" };
  if (failure.kind !== "refused") return { kind: "lost", fault: faultOf(failure, target, session) };
  return { kind: "refused", at: "MAIL", open, fault: refusalFault(failure) };
}

/** A host that refuses before RCPT: the words are those of Exim's callouts, not of its deliveries. */
function refusalFault({ after, reply }: Extract<ClientFailure, { kind: "refused" }>): CalloutFault {
  const message = `response to "${after}" was: ${reply.text}`;
  return { message, refusal: { command: after, code: reply.code, text: reply.text } };
}

function openingFault(opened: Extract<Opened, { ok: false }>, target: HostTarget): CalloutFault {
  const { failure } = opened;
  if ("ok" in failure) return { message: failure.ok ? "" : failure.fact.message };
  return failure.kind === "refused" ? refusalFault(failure) : faultOf(failure, target);
}

function faultOf(failure: Failure, target: HostTarget, session?: Session): CalloutFault {
  const used = session?.used() ?? { name: target.name, address: target.address, port: target.port ?? 0 };
  const plain = "pipelined" in failure ? { ...failure, pipelined: false } : failure;
  const { fact } = tellFailure(plain, { target, used, chunking: false, written: 0, sending: false });
  if (fact.kind === "delivered") return { message: "" };
  return { message: fact.message === "" ? strerror(fact.errno ?? 0) : fact.message };
}
