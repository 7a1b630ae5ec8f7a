/** What is known of the client itself: `verify = helo`, `certificate`, `reverse_host_lookup` (manual §"ACL conditions"). */
import { type Maybe, chain } from "@mailkit/sdk";
import { deferral, type Outcome, type Run } from "../run.ts";
import type { VerifySpec } from "./parse.ts";

export function verifyHelo(run: Run): Maybe<Outcome> {
  const { host, session } = run.context;
  if (session.peer === undefined) return "yes";
  return chain(session.heloVerified || host.verifyHelo(session), (ok) => (ok ? "yes" : "no"));
}

export function verifyCertificate(run: Run): Outcome {
  if (run.context.session.tls?.verified === true) return "yes";
  run.userMessage = run.logMessage = "no verified certificate";
  return "no";
}

export function verifyReverseLookup(run: Run, spec: VerifySpec): Maybe<Outcome> {
  const { host, session } = run.context;
  if (session.peer === undefined) return "yes";
  return chain(host.hostNames(session), (names) => {
    if (names.kind === "names") return "yes";
    if (names.kind === "defer") {
      return spec.deferOk ? "yes" : deferral(run, `host lookup deferred for reverse lookup check`);
    }
    run.logMessage = `host lookup failed for reverse lookup check${reason(names.message)}`;
    run.detail = names.message;
    return "no";
  });
}

/** Exim tells apart: no name at all, and names that do not lead back. */
function reason(message: string): string {
  return message.includes("does not match") ? ` (${message})` : " (failed to find host name from IP address)";
}
