/** What clients and logs are told of callouts, in Exim's words (manual §"Sender address verification reporting"). Pure. */
import type { CalloutFault, HostTarget, VerifyResult } from "@mailkit/sdk";

export type Failed = Exclude<VerifyResult, { kind: "ok" }>;

/** What was asked: whose address it is decides the words. */
export interface Asked {
  readonly kind: "recipient" | "sender";
  readonly address: string;
  readonly stage: "mail" | "recipient" | "postmaster";
}

/** A host has refused. */
export function refused(asked: Asked, host: HostTarget, fault: CalloutFault): Failed {
  const response = fault.refusal?.text ?? fault.message;
  const called = [`Called:   ${host.address}`, `Sent:     ${fault.refusal?.command ?? ""}`, `Response: ${response}`];
  return {
    kind: "fail",
    stage: asked.stage,
    message: `Callout verification failed:\n${response}`,
    logMessage: `${host.name} [${host.address}] : ${fault.message}`,
    report: [...opening(asked), ...called, ...moral(asked)],
  };
}

/** The cache knows that it would be refused. */
export function refusedBefore(asked: Asked): Failed {
  const isAddress = asked.stage === "recipient";
  const why = isAddress ? "Previous (cached) callout verification failure" : REUSED[asked.stage === "mail" ? "mail" : "postmaster"];
  return {
    kind: "fail",
    stage: asked.stage,
    message: why,
    ...(asked.kind === "sender" ? { logMessage: "" } : {}),
    report: [...opening(asked), why, ...moral(asked)],
  };
}

const REUSED = { mail: "(result of an earlier callout reused).", postmaster: "(result of earlier verification reused)." } as const;

/** No host gave an answer. */
export function unclear(asked: Pick<Asked, "kind" | "address">, failure: string): Failed {
  const what = `Could not complete ${asked.kind} verify callout`;
  return {
    kind: "defer",
    stage: "recipient",
    callout: true,
    message: what,
    logMessage: `${what}${failure === "" ? "" : `: ${failure}`}`,
    details: `${what} for <${asked.address}>.\n${asked.kind === "sender" ? SENDER_HELP : RECIPIENT_HELP}`,
  };
}

const UNREACHABLE =
  "The mail server(s) for the domain may be temporarily unreachable, or\nthey may be permanently unreachable from this server. In the latter case,\n";
const SENDER_HELP = `${UNREACHABLE}you need to change the address or create an MX record for its domain\nif it is supposed to be generally accessible from the Internet.\nTalk to your mail administrator for details.`;
const RECIPIENT_HELP = `${UNREACHABLE}the address will never be accepted.`;

function opening({ address, stage }: Asked): string[] {
  switch (stage) {
    case "mail":
      return [`Callback setup failed while verifying <${address}>`];
    case "postmaster":
      return [`Postmaster verification failed while checking <${address}>`];
    case "recipient":
      return [`Verification failed for <${address}>`];
  }
}

function moral({ stage }: Asked): string[] {
  switch (stage) {
    case "mail":
      return [
        "The initial connection, or a HELO or MAIL FROM:<> command was",
        "rejected. Refusing MAIL FROM:<> does not help fight spam, disregards",
        "RFC requirements, and stops you from receiving standard bounce",
        "messages. This host does not accept mail from domains whose servers",
        "refuse bounces.",
      ];
    case "postmaster":
      return [
        "Several RFCs state that you are required to have a postmaster",
        "mailbox for each mail domain. This host does not accept mail",
        "from domains whose servers reject the postmaster address.",
      ];
    case "recipient":
      return [];
  }
}
