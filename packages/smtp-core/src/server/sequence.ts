/**
 * Which verb is legal in which phase. Cells say "ok" or name the refusal; the step, the 503 texts and the README's table
 * come from here. RFC 5321 §4.1.4, RFC 3030 §3.
 */
import type { Verb } from "../grammar/command.ts";

/** start: no HELO yet. ready: between messages. mail: after MAIL. chunks: after a BDAT without LAST. broken: a chunk was refused. */
export type Phase = "start" | "ready" | "mail" | "chunks" | "broken";

export const REFUSALS = {
  noSender: "sender not yet given",
  senderGiven: "sender already given",
  noRecipient: "valid RCPT command must precede",
  inMail: "not permitted in mail transaction",
  etrnInMail: "ETRN is not permitted inside a transaction",
  onlyBdat: "only BDAT permissible after non-LAST BDAT",
  onlyRset: "only RSET accepted now",
} as const;

type Cell = "ok" | keyof typeof REFUSALS;

export const SEQUENCE = {
  HELO: { start: "ok", ready: "ok", mail: "ok", chunks: "onlyBdat", broken: "onlyRset" },
  EHLO: { start: "ok", ready: "ok", mail: "ok", chunks: "onlyBdat", broken: "onlyRset" },
  MAIL: { start: "ok", ready: "ok", mail: "senderGiven", chunks: "onlyBdat", broken: "onlyRset" },
  RCPT: { start: "noSender", ready: "noSender", mail: "ok", chunks: "onlyBdat", broken: "onlyRset" },
  DATA: { start: "noRecipient", ready: "noRecipient", mail: "ok", chunks: "onlyBdat", broken: "onlyRset" },
  BDAT: { start: "noRecipient", ready: "noRecipient", mail: "ok", chunks: "ok", broken: "onlyRset" },
  RSET: { start: "ok", ready: "ok", mail: "ok", chunks: "ok", broken: "ok" },
  NOOP: { start: "ok", ready: "ok", mail: "ok", chunks: "ok", broken: "onlyRset" },
  VRFY: { start: "ok", ready: "ok", mail: "ok", chunks: "onlyBdat", broken: "onlyRset" },
  EXPN: { start: "ok", ready: "ok", mail: "ok", chunks: "onlyBdat", broken: "onlyRset" },
  HELP: { start: "ok", ready: "ok", mail: "ok", chunks: "onlyBdat", broken: "onlyRset" },
  ETRN: { start: "ok", ready: "ok", mail: "etrnInMail", chunks: "onlyBdat", broken: "onlyRset" },
  AUTH: { start: "ok", ready: "ok", mail: "inMail", chunks: "onlyBdat", broken: "onlyRset" },
  STARTTLS: { start: "ok", ready: "ok", mail: "ok", chunks: "onlyBdat", broken: "onlyRset" },
  QUIT: { start: "ok", ready: "ok", mail: "ok", chunks: "ok", broken: "ok" },
  UNKNOWN: { start: "ok", ready: "ok", mail: "ok", chunks: "onlyBdat", broken: "onlyRset" },
} as const satisfies Record<Verb, Record<Phase, Cell>>;

/** With PIPELINING these may have more input behind them; every other command ends its group. RFC 2920 §3.1. */
export const MAY_BE_FOLLOWED: ReadonlySet<Verb> = new Set(["MAIL", "RCPT", "RSET", "BDAT", "QUIT"]);

/** Not counted as non-mail commands. Manual §"smtp_accept_max_nonmail". */
export const MAIL_COMMANDS: ReadonlySet<Verb> = new Set(["MAIL", "RCPT", "DATA", "BDAT", "QUIT"]);
