/** VRFY, EXPN and ETRN: their ACL, then the answer. Manual §"The VRFY, EXPN, and ETRN commands". */
import { chain, printable, reply, type Maybe, type Reply } from "@mailkit/sdk";
import { refusalReply, type ServerEvent, type Verdict } from "@mailkit/smtp-core";
import { runAcl } from "./acl-effects.ts";
import { hostAndIdent } from "./log-lines.ts";
import { qualifiedRecipient } from "./qualify.ts";
import type { Session } from "./session-state.ts";

export function answerVrfy(session: Session, given: string): Maybe<ServerEvent> {
  const address = given.includes("@") ? given : qualifiedRecipient(session, given);
  return chain(runAcl(session, "vrfy", `VRFY ${given}`, { recipient: address }), (verdict) => {
    if (refused(verdict)) return refusal(verdict, 252, true);
    return chain(session.deps.addresses.verify(address, session.facts, session.message), (result) => {
      if (result.kind === "ok") return answer(reply(250, `<${address}> is deliverable`, { enhanced: "1.5" }));
      if (result.kind === "defer") {
        const text = result.forUser === true ? `<${address}> ${result.message}` : `Cannot resolve <${address}> at this time`;
        return answer(reply(451, text, { enhanced: "4.3" }));
      }
      session.deps.log.main(`VRFY failed for ${printable(address)} ${hostAndIdent(session.log)}`);
      return answer(reply(550, `<${address}> ${result.forUser === false ? "is not deliverable" : result.message}`, { enhanced: "1.1" }));
    });
  });
}

export function answerExpn(session: Session, argument: string): Maybe<ServerEvent> {
  return chain(runAcl(session, "expn", `EXPN ${argument}`), (verdict) => {
    if (refused(verdict)) return refusal(verdict, 550);
    return chain(session.deps.addresses.expand(argument, session.facts, session.message), (result) => {
      if (result.kind === "ok") return answer(reply(250, result.lines, { enhanced: "1.5" }));
      return answer(reply(553, result.message, { enhanced: "1.1" }));
    });
  });
}

/** RFC 1985. */
export function answerEtrn(session: Session, argument: string): Maybe<ServerEvent> {
  if (session.log.selector.has("etrn"))
    session.deps.log.main(`ETRN ${printable(argument)} received from ${hostAndIdent(session.log, false)}`);
  return chain(runAcl(session, "etrn", `ETRN ${argument}`), (verdict) => {
    if (refused(verdict)) return refusal(verdict, 458);
    const { deps, facts, message } = session;
    const own = deps.settings.template("smtp_etrn_command") !== undefined;
    if (!own && !argument.startsWith("#")) {
      return { kind: "answer", reply: reply(501, "argument must begin with #", { enhanced: "5.4" }), fault: facts.command } as const;
    }
    return chain(deps.addresses.etrn(argument, facts, message), (result) => {
      if (result.kind === "started") return answer(reply(250, "OK", { enhanced: "0.0" }));
      if (result.kind === "running") return answer(reply(458, `Already processing ${result.key}`, { enhanced: "3.0" }));
      if (result.log !== undefined) for (const log of ["main", "panic"] as const) deps.log[log](result.log);
      return answer(reply(458, result.message, { enhanced: "3.0" }));
    });
  });
}

function refused(verdict: Verdict): boolean {
  return verdict.kind === "deny" || verdict.kind === "defer";
}

function refusal(verdict: Verdict, code: number, anyCode = false): ServerEvent {
  return {
    kind: "answer",
    reply: refusalReply(verdict, { code, text: "Administrative prohibition", anyCode }),
    close: verdict.close ?? false,
  };
}

function answer(text: Reply): ServerEvent {
  return { kind: "answer", reply: text };
}
