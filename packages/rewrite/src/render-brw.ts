/** The output of `exim -brw ADDRESS`, octet for octet (manual §"Testing the rewriting rules that apply on input"). */
import { chain, mapInOrder } from "@mailkit/sdk";
import type { Maybe, Scope } from "@mailkit/sdk";
import { parseMailbox } from "@mailkit/message";
import type { HeaderWhere, Rewriter } from "./types.ts";

const HEADERS: readonly HeaderWhere[] = ["sender", "from", "to", "cc", "bcc", "reply-to"];
const ENVELOPE = ["env-from", "env-to"] as const;

export interface BrwQuestion {
  readonly address: string;
  /** `qualify_recipient`: an argument without any `@` gets it. */
  readonly qualifyDomain: string;
  readonly scope: Scope;
}

export function renderBrw(rewriter: Rewriter, { address, qualifyDomain, scope }: BrwQuestion): Maybe<string> {
  return chain(rewriter.smtpTime(address, scope), (atSmtpTime) => {
    const smtp = atSmtpTime === address ? "" : `    SMTP: ${atSmtpTime}\n`;
    const whole = address.includes("@") ? address : `${address}@${qualifyDomain}`;
    const mailbox = parseMailbox(whole, { allowDomainLiterals: true });
    if (!mailbox.ok) return `${smtp}Syntax error in ${whole}\n${capital(mailbox.message)}\n`;
    return chain(headerLines(rewriter, whole, scope), (headers) =>
      chain(envelopeLines(rewriter, mailbox.address, scope), (envelope) => smtp + headers + envelope),
    );
  });
}

function headerLines(rewriter: Rewriter, item: string, scope: Scope): Maybe<string> {
  const lines = mapInOrder(HEADERS, (where) => chain(rewriter.item(item, where, scope), (text) => line(where, text)));
  return chain(lines, (all) => all.join(""));
}

function envelopeLines(rewriter: Rewriter, address: string, scope: Scope): Maybe<string> {
  const lines = mapInOrder(ENVELOPE, (where) =>
    chain(rewriter.address(address, where, scope), (text) => line(where, text === "" ? "<>" : text)),
  );
  return chain(lines, (all) => all.join(""));
}

function line(where: string, text: string): string {
  return `${where.padStart(8)}: ${text}\n`;
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
