/** A disk that is full, before a message is taken or while it is. Manual §"check_spool_space"; RFC 5321 §4.2.3 (452). */
import { chain, printable, reply, type Maybe, type Reply } from "@mailkit/sdk";
import type { Shortage, SmtpdDeps } from "./deps.ts";
import { hostAndIdent } from "./log-lines.ts";
import type { Session } from "./session-state.ts";

export const NO_ROOM = "Space shortage, please try later";

export function shortageLine({ directory, space, inodes }: Shortage): string {
  return `${directory} directory space check failed: space=${space} inodes=${inodes}`;
}

/** For input that is not SMTP: logged, and the text for standard error. Undefined: there is room. */
export function noRoomForLocal({ spool, log }: SmtpdDeps): Maybe<string | undefined> {
  return chain(spool.shortage(-1), (shortage) => {
    if (shortage === undefined) return undefined;
    log.main(shortageLine(shortage));
    return "insufficient disk space";
  });
}

const FULL: ReadonlySet<unknown> = new Set(["ENOSPC", "EDQUOT"]);

/** The spool could not take it: the client keeps the message. A fault without a system's or spool's code is a bug. */
export function unstoredReply({ deps, message, log }: Session, error: unknown): Reply {
  const code = (error as { readonly code?: unknown } | undefined)?.code;
  if (code === undefined) throw error;
  const line = `${message.id} spool file write error ${hostAndIdent(log)}: ${printable(error instanceof Error ? error.message : String(error))}`;
  deps.log.main(line);
  deps.log.panic(line);
  return FULL.has(code) ? reply(452, NO_ROOM, { enhanced: "3.1" }) : reply(451, "Error while writing spool file", { enhanced: "3.0" });
}
