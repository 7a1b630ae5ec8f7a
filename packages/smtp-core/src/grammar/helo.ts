/** The argument of HELO and EHLO. Manual §"helo_accept_junk_hosts", §"helo_allow_chars"; RFC 5321 §4.1.1.1. */
import { isLiteral } from "./ip.ts";

export interface HeloRules {
  /** Octets besides letters, digits, dots and hyphens (`helo_allow_chars`). */
  readonly allowChars: string;
  /** The host is in `helo_accept_junk_hosts`: anything goes, also nothing. */
  readonly acceptJunk: boolean;
  readonly utf8Domains: boolean;
}

export function isHeloSound(argument: string, rules: HeloRules): boolean {
  if (rules.acceptJunk) return true;
  if (argument === "") return false;
  if (argument.startsWith("[")) return argument.endsWith("]") && isLiteral(argument.slice(1, -1));
  if (/^[A-Za-z0-9.-]+$/.test(argument)) return true;
  for (let i = 0; i < argument.length; i++) {
    const c = argument[i] as string;
    const sound = /[A-Za-z0-9.-]/.test(c) || rules.allowChars.includes(c) || (rules.utf8Domains && c > "\x7f");
    if (!sound) return false;
  }
  return true;
}
