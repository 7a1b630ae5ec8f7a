/**
 * The questions of one callout in their order: a random local part, the address, the postmaster (manual §"Additional
 * parameters for callouts"). It knows no sockets and no cache.
 */
import type { CalloutAnswer, CalloutFault, CalloutSession } from "@mailkit/sdk";
import type { DomainRecord } from "./cache.ts";

export interface Questions {
  readonly sender: string;
  readonly address: string;
  readonly domain: string;
  /** Undefined: it is not asked for. */
  readonly random: string | undefined;
  readonly postmaster: { readonly sender: string; readonly full: boolean } | undefined;
}

export type Findings =
  | { readonly kind: "accept"; readonly by: "random" | "address" }
  | { readonly kind: "reject"; readonly stage: "mail" | "recipient" | "postmaster"; readonly fault: CalloutFault }
  /** This host has no answer; the next one may. */
  | { readonly kind: "unclear"; readonly fault: CalloutFault }
  /** The server hung up after it had refused the random local part: a new connection, without that question. */
  | { readonly kind: "again" };

export interface Dialogue {
  readonly findings: Findings;
  /** What was learned about the domain on the way. */
  readonly domain: Partial<DomainRecord>;
  readonly address: "accept" | "reject" | undefined;
}

export async function converse(session: CalloutSession, questions: Questions, now: number): Promise<Dialogue> {
  const { sender } = questions;
  let domain: Partial<DomainRecord> = {};
  const end = (findings: Findings, address?: "accept" | "reject"): Dialogue => ({ findings, domain, address });
  if (questions.random !== undefined) {
    const answer = await session.probe({ sender, recipient: questions.random });
    if (!isMail(answer)) domain = { result: "accept" };
    if (answer.kind === "accepted") {
      domain = { ...domain, random: "accept", randomAt: now };
      return end({ kind: "accept", by: "random" });
    }
    const refused = answer.kind === "refused" && answer.at === "RCPT" && isPermanent(answer.fault);
    if (!refused) return end(ofAnswer(answer));
    domain = { ...domain, random: "reject", randomAt: now };
    if (!answer.open) return end({ kind: "again" });
  }
  const answer = await session.probe({ sender, recipient: questions.address });
  if (!isMail(answer)) domain = { ...domain, result: "accept" };
  else if (answer.kind === "refused" && isPermanent(answer.fault)) domain = { ...domain, result: sender === "" ? "rejectNull" : "accept" };
  if (answer.kind !== "accepted") {
    const findings = ofAnswer(answer);
    return end(findings, findings.kind === "reject" && findings.stage === "recipient" ? "reject" : undefined);
  }
  if (questions.postmaster === undefined) return end({ kind: "accept", by: "address" }, "accept");
  const postmaster = await askPostmaster(session, questions, questions.postmaster);
  if (postmaster.kind === "accepted") domain = { ...domain, postmaster: "accept", postmasterAt: now };
  else if (postmaster.kind === "refused" && isPermanent(postmaster.fault)) domain = { ...domain, postmaster: "reject", postmasterAt: now };
  const findings: Findings =
    postmaster.kind === "accepted"
      ? { kind: "accept", by: "address" }
      : postmaster.kind === "refused" && isPermanent(postmaster.fault)
        ? { kind: "reject", stage: "postmaster", fault: postmaster.fault }
        : { kind: "unclear", fault: postmaster.fault };
  return end(findings, "accept");
}

/** With its domain, and for `fullpostmaster` without. */
async function askPostmaster(
  session: CalloutSession,
  { domain }: Questions,
  { sender, full }: NonNullable<Questions["postmaster"]>,
): Promise<CalloutAnswer> {
  const answer = await session.probe({ sender, recipient: `postmaster@${domain}` });
  const again = full && answer.kind === "refused" && answer.at === "RCPT" && answer.open;
  return again ? session.probe({ sender, recipient: "postmaster", same: true }) : answer;
}

function ofAnswer(answer: CalloutAnswer): Findings {
  if (answer.kind === "accepted") return { kind: "accept", by: "address" };
  if (answer.kind === "refused" && isPermanent(answer.fault))
    return { kind: "reject", stage: answer.at === "MAIL" ? "mail" : "recipient", fault: answer.fault };
  return { kind: "unclear", fault: answer.fault };
}

/** The dialogue did not come beyond MAIL. */
function isMail(answer: CalloutAnswer): boolean {
  return answer.kind === "refused" ? answer.at === "MAIL" : answer.kind === "lost" && !/ RCPT TO:/.test(answer.fault.message);
}

export function isPermanent({ refusal }: CalloutFault): boolean {
  return refusal !== undefined && refusal.code >= 500;
}
