/**
 * Failures of the client machine in Exim's words, with the number, the retry class and what they belong to
 * (manual §"Errors in outgoing SMTP"). Pure.
 */
import type { ClientFailure, RecipientResult } from "@mailkit/smtp-core";
import { errnoOf, strerror, type HostTarget, type HostUsed, type RecipientFact } from "@mailkit/sdk";
import type { Deferred } from "./plan.ts";

/** How the connection came to nothing before a word was said. */
export interface ConnectFailure {
  readonly kind: "connect";
  /** `ECONNREFUSED`, `ETIMEDOUT`, ... */
  readonly code: string;
}

export type Failure = ClientFailure | ConnectFailure;

export interface FailureContext {
  readonly target: HostTarget;
  readonly used: HostUsed;
  readonly chunking: boolean;
  /** Octets of the message that were written, for timeouts in the data. */
  readonly written: number;
  /** The message was being sent when it happened. */
  readonly sending: boolean;
  /** `log_selector`. */
  readonly selector?: string | undefined;
}

export interface Told {
  readonly fact: RecipientFact;
  /** Line for the log; undefined when the address lines say it all. */
  readonly log: string | undefined;
}

/** What a failure that concerns all open recipients means for them. */
export function tellFailure(failure: Failure, context: FailureContext): Told {
  const fact = failureFact(failure, context);
  return { fact, log: logLine(fact, context) };
}

function failureFact(failure: Failure, context: FailureContext): RecipientFact {
  const { used: host, target } = context;
  const suffix = target.fromMx ? "_MX" : "_A";
  const deferred = (message: string, errno: number, retryError: string, scope: Deferred["scope"] = "host"): Deferred => ({
    kind: "deferred",
    message,
    errno,
    retryError,
    scope,
    host,
  });
  switch (failure.kind) {
    case "connect":
      return deferred("", errnoOf(failure.code), connectClass(failure.code) + suffix);
    case "refused":
      return refusedFact(failure, context);
    case "closed":
      return deferred(
        `Remote host closed connection in response to ${place(failure, context)}`,
        -18,
        "lost_connection",
        scopeOf(failure.after, "closed"),
      );
    case "io": {
      const errno = errnoOf(failure.message);
      if (failure.message === "ECONNRESET" || failure.message === "EPIPE") return failureFact({ ...failure, kind: "closed" }, context);
      return deferred(
        `connection lost in response to ${place(failure, context)}`,
        errno,
        "lost_connection",
        scopeOf(failure.after, "closed"),
      );
    }
    case "timeout": {
      const where = context.sending ? "sending data block" : place(failure, context);
      const count = context.sending || failure.after === "end of data" ? ` (${context.written} bytes written)` : "";
      return deferred(
        `SMTP timeout after ${where}${count}`,
        110,
        `timeout${suffix}`,
        context.sending ? "host" : scopeOf(failure.after, "timeout"),
      );
    }
    case "malformed": {
      const what = failure.text === "" ? " (an empty line)" : "";
      const text = failure.text === "" ? "" : `: ${failure.text}`;
      return deferred(
        `Malformed SMTP reply${what} in response to ${place(failure, context)}${text}`,
        -19,
        "other",
        scopeOf(failure.after, "closed"),
      );
    }
    case "tlsRequired":
      return deferred(failure.message, -38, "tls_required");
    case "tlsFailed":
      return deferred(`failure while setting up TLS session: ${failure.message}`, -37, "tls_required");
    case "authRequired":
      return deferred(failure.message, -42, "auth_failed");
    case "unsupported":
      return { kind: "failed", message: failure.message, host };
    default:
      return failure satisfies never;
  }
}

/** A reply that refuses: 5xx fails, 4xx and nonsense defer. */
function refusedFact(failure: Extract<ClientFailure, { kind: "refused" }>, context: FailureContext): RecipientFact {
  const { reply } = failure;
  const message = `SMTP error from remote mail server after ${place(failure, context)}: ${reply.text}`;
  const common = { message, host: context.used, smtp: { command: failure.after, reply: reply.text } };
  if (reply.code >= 500) return { kind: "failed", ...common };
  const { stage, errno } = stageOf(failure.after);
  return {
    kind: "deferred",
    ...common,
    errno,
    scope: stage === "host" ? "host" : stage === "rcpt" ? "recipient" : "message",
    retryError: stage === "host" ? "other" : `${stage}_${reply.code}`,
  };
}

/** What a recipient's own reply means; LMTP and PRDR give one after the data. */
export function tellRecipient(
  result: Extract<RecipientResult, { kind: "refused" }>,
  protocol: "smtp" | "lmtp",
  used: HostUsed,
): RecipientFact {
  const { reply } = result;
  const atRcpt = result.after.startsWith("RCPT");
  const message = atRcpt
    ? `SMTP error from remote mail server after ${result.after}: ${reply.text}`
    : `${protocol === "lmtp" ? "LMTP" : "PRDR"} error after DATA: ${reply.text}`;
  const common = { message, host: used, smtp: { command: atRcpt ? result.after : "end of data", reply: reply.text } };
  if (reply.code >= 500) return { kind: "failed", ...common };
  return {
    kind: "deferred",
    ...common,
    errno: atRcpt ? -44 : 0,
    scope: "recipient",
    retryError: `${atRcpt ? "rcpt" : "data"}_${reply.code}`,
  };
}

function place(failure: { readonly kind?: string; readonly after: string; readonly pipelined: boolean }, context: FailureContext): string {
  const whole = failure.after.startsWith("BDAT") ? "end of data" : failure.after;
  // Of RCPT that is not answered in time Exim speaks per recipient.
  if (failure.kind === "timeout" && whole.startsWith("RCPT")) return whole;
  return `${failure.pipelined || (context.chunking && whole === "end of data") ? "pipelined " : ""}${whole}`;
}

function stageOf(after: string): { readonly stage: "host" | "mail" | "rcpt" | "data"; readonly errno: number } {
  if (after.startsWith("MAIL")) return { stage: "mail", errno: -45 };
  if (after.startsWith("RCPT")) return { stage: "rcpt", errno: -44 };
  if (after === "DATA" || after === "end of data" || after.startsWith("BDAT")) return { stage: "data", errno: -46 };
  return { stage: "host", errno: 0 };
}

/** Which failures are the message's rather than the host's: lost after the dot; timeouts after MAIL, RCPT and the dot. */
function scopeOf(after: string, how: "closed" | "timeout"): Deferred["scope"] {
  if (after === "end of data" || after.startsWith("BDAT")) return "message";
  if (how === "closed") return "host";
  if (after.startsWith("MAIL")) return "message";
  return after.startsWith("RCPT") ? "recipient" : "host";
}

function connectClass(code: string): string {
  if (code === "ECONNREFUSED") return "refused";
  return code === "ETIMEDOUT" ? "timeout_connect" : "other";
}

/** `H=host [address] Connection refused`, `H=host [address]: SMTP error ...: Connection timed out`. */
function logLine(fact: RecipientFact, context: FailureContext): string | undefined {
  if (fact.kind !== "deferred" || fact.scope === "recipient") return undefined;
  const { name, address } = context.target;
  const errno = fact.errno ?? 0;
  const system = errno > 0 ? strerror(errno) : "";
  const text = fact.message === "" ? ` ${system}` : `: ${fact.message}${system === "" ? "" : `: ${system}`}`;
  const port = logsPort(context.selector ?? "") ? `:${context.used.port}` : "";
  return `H=${name} [${address}]${port}${text}`;
}

/** Selector `outgoing_port`. */
function logsPort(selector: string): boolean {
  return [...selector.matchAll(/([+-])\s*(?:outgoing_port|all)(?![a-z_])/g)].at(-1)?.[1] === "+";
}
