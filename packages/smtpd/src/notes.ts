/** What the machine refused by itself, as log lines. Manual §"Reducing or increasing what is logged". */
import { printable } from "@mailkit/sdk";
import type { CloseReason, Note } from "@mailkit/smtp-core";
import { authField, connectionName, hostAndIdent, lasted, tlsFields } from "./log-lines.ts";
import type { Session } from "./session-state.ts";

export function logNote(session: Session, note: Note, input: string): void {
  const { log, deps, message } = session;
  const { selector } = log;
  const both = (line: string): void => {
    deps.log.main(line);
    deps.log.reject(line);
  };
  switch (note.kind) {
    case "syntax":
    case "protocol":
      if (selector.has(note.kind === "syntax" ? "smtp_syntax_error" : "smtp_protocol_error")) {
        deps.log.main(`SMTP ${note.kind} error in "${printable(note.command)}" ${hostAndIdent(log)} ${printable(note.message)}`);
      }
      return;
    case "badHelo":
      return both(
        `rejected ${note.verb} from ${hostAndIdent(log, false)}: syntactically invalid argument(s): ${note.argument === "" ? "(no argument given)" : printable(note.argument)}`,
      );
    case "noHelo":
      return both(`rejected MAIL from ${hostAndIdent(log, false)}: no HELO/EHLO given`);
    case "unqualified":
      return both(`unqualified ${note.what} rejected: <${printable(note.address)}> ${hostAndIdent(log)}${authField(log)}`);
    case "tooManyRecipients":
      return both(
        `too many recipients: ${note.rejected ? "message" : "excess"} ${note.rejected ? "" : "temporarily "}rejected: sender=<${message.sender ?? ""}> ${hostAndIdent(log)}`,
      );
    case "tooManyMessages":
      return both(`rejected MAIL command ${hostAndIdent(log)}: too many messages in one connection`);
    case "tooBig":
      if (!selector.has("size_reject")) return;
      return both(
        `rejected MAIL FROM:<${printable(note.sender)}> ${hostAndIdent(log)}: message too big: size${note.size >= 2147483647 ? ">=2147483647" : `=${note.size}`} max=${note.limit}`,
      );
    case "dropped": {
      const last =
        note.why === "syntax or protocol errors"
          ? `last command was "${printable(note.last)}", ${history(session)}`
          : `last was "${printable(note.last)}"`;
      return both(`SMTP call from ${hostAndIdent(log, false)} dropped: too many ${note.why} (${last})`);
    }
    case "sync":
      logIncomplete(session, "sync failure");
      return both(
        `SMTP protocol synchronization error (next input sent too soon: pipelining was${note.pipelining ? "" : " not"} advertised): rejected "${printable(note.command)}" ${hostAndIdent(log)} next input="${printable(input)}"`,
      );
    case "early":
      return both(
        `SMTP protocol synchronization error (input sent without waiting for greeting): rejected connection from ${hostAndIdent(log)} input="${printable(input)}"`,
      );
  }
}

/** `C=EHLO,MAIL,...`: the commands so far (`smtp_no_mail` and others show them). */
export function history(session: Session): string {
  const { commandHistory } = session.facts;
  if (commandHistory.length === 0) return "";
  const shown = commandHistory.length > 20 ? ["...", ...commandHistory.slice(-20)] : commandHistory;
  return ` C=${shown.join(",")}`;
}

export function logEnd(session: Session, how: CloseReason): void {
  const { log, deps } = session;
  const { selector } = log;
  if (how === "quit") {
    if (selector.has("smtp_connection")) deps.log.main(`SMTP connection from ${connectionName(log)} closed by QUIT`);
  } else if (how === "acl-drop") {
    if (selector.has("smtp_connection")) deps.log.main(`SMTP connection from ${connectionName(log)} closed by DROP in ACL`);
  } else if (how === "connection-lost" && !session.lossTold) {
    lost(session);
  } else if (how === "command-timeout") {
    if (selector.has("lost_incoming_connection"))
      deps.log.main(`SMTP command timeout on${session.facts.tls === undefined ? "" : " TLS"} connection from ${hostAndIdent(log, false)}`);
  } else if (how === "signal-exit" && selector.has("smtp_connection")) {
    deps.log.main(`SMTP connection from ${connectionName(log)} closed after SIGTERM`);
  }
}

/** The very last line of a session. */
export function logNoMail(session: Session): void {
  const { log, deps } = session;
  const { selector } = log;
  if (selector.has("smtp_no_mail") && session.accepted === 0 && !session.facts.commandHistory.includes("MAIL")) {
    const who = `${hostAndIdent(log, false)}${authField(log)}${tlsFields(log)}`;
    deps.log.main(`no MAIL in SMTP connection from ${who} D=${lasted(log, deps.clock.now() - session.startedAt)}${history(session)}`);
  }
}

/** Clients that leave between messages without QUIT are common, and not worth a line. */
function lost({ log, deps, message, startedAt, brokenBy }: Session): void {
  const time = `${brokenBy === undefined ? "" : `(error: ${brokenBy}) `}D=${lasted(log, deps.clock.now() - startedAt)}`;
  if (message.sender === undefined) {
    if (log.selector.has("smtp_connection")) deps.log.main(`SMTP connection from ${connectionName(log)} lost ${time}`);
  } else if (log.selector.has("lost_incoming_connection")) {
    deps.log.main(`unexpected disconnection while reading SMTP command from ${hostAndIdent(log, false)} ${time}`);
  }
}

/** `smtp_incomplete_transaction`: a sender was given, and no message came of it. */
export function logIncomplete({ log, deps, message }: Session, what: string): void {
  if (message.sender === undefined || !log.selector.has("smtp_incomplete_transaction")) return;
  const whom = message.recipients.length === 0 ? "" : ` for ${message.recipients.map((address) => printable(address)).join(" ")}`;
  deps.log.main(`${hostAndIdent(log)} incomplete transaction (${what}) from <${printable(message.sender)}>${whom}`);
}
