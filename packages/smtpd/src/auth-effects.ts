/** AUTH: its ACL, the mechanism's dialogue, and what the facts and the log say of it. RFC 4954. */
import { chain, type AuthProgress, type Maybe } from "@mailkit/sdk";
import type { AuthAnswer, ServerEvent } from "@mailkit/smtp-core";
import { runAcl } from "./acl-effects.ts";
import { hostAndIdent } from "./log-lines.ts";
import { scopeOf, type Session } from "./session-state.ts";

export function auth(session: Session, mechanism: string, initial: Buffer | undefined): Maybe<ServerEvent> {
  const { deps, facts } = session;
  facts.authenticationFailed = false;
  return chain(runAcl(session, "auth", `AUTH ${mechanism}`), (verdict): Maybe<ServerEvent> => {
    if (verdict.kind === "deny" || verdict.kind === "defer") return { kind: "auth", progress: { kind: "refused", verdict } };
    if (deps.auth === undefined) return { kind: "auth", progress: { kind: "unknown" } };
    return authEvent(session, deps.auth.start(mechanism, initial, scopeOf(session)));
  });
}

export function authEvent(session: Session, progress: Maybe<AuthProgress>): Maybe<ServerEvent> {
  return chain(progress, (now): ServerEvent => ({ kind: "auth", progress: authAnswer(session, now) }));
}

function authAnswer(session: Session, progress: AuthProgress): AuthAnswer {
  const { facts } = session;
  switch (progress.kind) {
    case "challenge":
      session.dialogue = progress.dialogue;
      return { kind: "challenge", octets: progress.octets };
    case "success":
      facts.authenticatedId = progress.id;
      facts.authenticator = progress.authenticator;
      return { kind: "success" };
    case "unknown":
      return { kind: "unknown" };
    default:
      return authFailed(session, progress);
  }
}

function authFailed(session: Session, progress: Extract<AuthProgress, { kind: "fail" | "defer" | "malformed" }>): AuthAnswer {
  const { facts, deps } = session;
  facts.authenticationFailed = true;
  facts.authenticatedFailId = progress.id;
  const code =
    progress.kind === "fail"
      ? "535 Incorrect authentication data"
      : progress.kind === "defer"
        ? "435 Unable to authenticate at present"
        : "501 Invalid base64 data";
  const id = progress.id === undefined || progress.id === "" ? "" : ` (set_id=${progress.id})`;
  const detail = progress.kind === "defer" && progress.message !== "" ? `: ${progress.message}` : "";
  const line = `${progress.authenticator} authenticator failed for ${hostAndIdent(session.log, false)}: ${code}${id}${detail}`;
  deps.log.main(line);
  deps.log.reject(line);
  return { kind: progress.kind };
}
