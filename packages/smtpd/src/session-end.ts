/** How sessions end: what is said and logged, and the not-QUIT ACL between. */
import { chain, type Maybe } from "@mailkit/sdk";
import type { BodyReader, CloseReason } from "@mailkit/smtp-core";
import { runAcl } from "./acl-effects.ts";
import { reset } from "./effects.ts";
import { hostAndIdent } from "./log-lines.ts";
import { logEnd, logIncomplete, logNoMail } from "./notes.ts";
import type { Session } from "./session-state.ts";

export interface DataEnd {
  readonly reply: string;
  /** The end of the connection is told with it. */
  readonly logged: boolean;
}

/** The connection is lost, or silent for too long, while a message is read. */
export function endInData(session: Session, reader: BodyReader | undefined, how: "lost" | "timeout"): DataEnd {
  const { log, deps, message, brokenBy, facts } = session;
  const inHeader = reader?.inHeader === true;
  // Exim takes an error between two header lines for one of its input, and everywhere else for a connection that is lost.
  if (how === "lost" && brokenBy !== undefined && inHeader && reader?.betweenLines === true) {
    deps.log.main(
      `${message.id} Message abandoned: Input read error (${brokenBy}) while receiving message from ${hostAndIdent(log, false)}`,
    );
    reset(session, "DATA");
    return { reply: "", logged: false };
  }
  const where = inHeader ? (reader?.betweenLines === true ? " (after header)" : " (header)") : "";
  if (deps.logSelector.has("lost_incoming_connection"))
    deps.log.main(
      how === "lost"
        ? `SMTP connection from ${hostAndIdent(log, false)} lost while reading message data${where}`
        : `SMTP data timeout (message abandoned) on connection from ${hostAndIdent(log, false)} F=<${message.sender ?? ""}>`,
    );
  const reply =
    how === "lost"
      ? "421 Lost incoming connection\r\n"
      : `421 ${facts.activeHostname} SMTP incoming data timeout - closing connection.\r\n`;
  return { reply, logged: true };
}

export interface Closing {
  /** The log has a line about it already. */
  readonly logged: boolean;
  /** A line that comes after the not-QUIT ACL. */
  readonly lastNote: (() => void) | undefined;
}

/** The last lines of a session, and the not-QUIT ACL where they have it between them. */
export function logClose(session: Session, how: CloseReason, { logged, lastNote }: Closing): Maybe<void> {
  if (!logged && (how === "quit" || how === "connection-lost")) logIncomplete(session, how === "quit" ? "QUIT" : "connection lost");
  // What is lost by waiting is logged before its ACL runs, the rest after it.
  const early = how === "command-timeout";
  if (early && !logged) logEnd(session, how);
  const rest = (): void => {
    lastNote?.();
    if (!early && !logged) logEnd(session, how);
    if (!logged) logNoMail(session);
  };
  if (how === "quit" || !session.deps.acl.isSet("notquit")) return rest();
  session.facts.notQuitReason = how;
  return chain(runAcl(session, "notquit", "notquit"), rest);
}
