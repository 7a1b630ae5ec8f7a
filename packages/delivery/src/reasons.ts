/**
 * What is told of a failure, and to whom: the log has all of it; the sender of a message reads replies of hosts and
 * texts that are meant for users, but nothing about files and programs of this machine. Pure. Manual §"Customizing
 * bounce messages".
 */
import { strerror } from "@mailkit/sdk";
import type { Verdict } from "./types.ts";

type Deferral = Extract<Verdict, { kind: "deferred" }>;
type Failure = Extract<Verdict, { kind: "failed" }>;

/** For whoever looks at the queue. A system error alone is a reason, too. */
export function fullReason({ message, errno }: Deferral["fact"]): string {
  const system = errno !== undefined && errno > 0 ? strerror(errno) : "";
  return [system, message === system ? "" : message].filter((part) => part !== "").join(": ");
}

/** Exim's number for syntax errors in redirection data. */
const BAD_REDIRECT = -17;

/** Undefined = the sender is told that it failed, not why. */
export function reasonForSender(verdict: Deferral | Failure): string | undefined {
  const { fact, transport } = verdict;
  // Mistakes in somebody's forward file or filter are nobody else's business.
  if (verdict.kind === "deferred" && verdict.fact.errno === BAD_REDIRECT) return undefined;
  // Nor is what became of somebody's pipe or file before a transport had it.
  if (transport === "" && verdict.address.special !== undefined && verdict.userMessage === undefined) return undefined;
  const given = verdict.userMessage ?? fact.userMessage;
  if (given !== undefined) return given === "" ? undefined : given;
  if (transport === "" || fact.smtp !== undefined || fact.host !== undefined) return fact.message === "" ? undefined : fact.message;
  if (verdict.kind === "deferred") return undefined;
  return "local delivery failed";
}

export const TIMED_OUT = "retry timeout exceeded";

/** The failure of an address whose deferrals went on for too long. */
export function timedOutVerdict(deferral: Deferral): Failure {
  const { address, fact } = deferral;
  const reason = reasonForSender(deferral);
  return {
    kind: "failed",
    address: { ...address, router: "" },
    transport: "",
    fact: {
      kind: "failed",
      message: TIMED_OUT,
      ...(fact.host === undefined ? {} : { host: fact.host }),
      ...(fact.smtp === undefined ? {} : { smtp: { ...fact.smtp, reply: `${fact.smtp.reply}: ${TIMED_OUT}` } }),
    },
    userMessage: reason === undefined ? TIMED_OUT : `${reason}: ${TIMED_OUT}`,
    timedOut: true,
    hidden: deferral.hidden ?? false,
  };
}
