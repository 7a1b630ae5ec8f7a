/** Where an address stands, what the rewriter needs from the root, and what it answers. */
import type { AddressList, HeaderLine, Maybe, Scope, Services } from "@mailkit/sdk";

/** As `-brw` and the log name them. */
export type Where = "env-from" | "env-to" | "sender" | "from" | "to" | "cc" | "bcc" | "reply-to" | "SMTP";

export type HeaderWhere = Exclude<Where, "env-from" | "env-to" | "SMTP">;

export interface RewriteHost {
  readonly lists: Services["lists"];
  readonly trace?: Services["trace"];
  /** `qualify_recipient` for the flag Q, `headers_charset` for encoded words. */
  setting(name: string): string | undefined;
  /**
   * Lines for the mainlog. "address_rewrite" ones are written with that log selector only; "panic" ones go to the
   * paniclog as well.
   */
  log?(line: string, kind: "main" | "panic" | "address_rewrite"): void;
  /**
   * Compiles the pattern of a rule that has no list of its own (flag S): an address list of that one item in which case
   * counts and which sets `$0`, `$1`, ... Without it such a pattern matches, but sets no numeric variables.
   */
  pattern?(source: string): AddressList;
}

/** Domains for unqualified addresses of header lines; undefined = they are left alone, and not rewritten (manual §31). */
export interface Qualification {
  readonly sender?: string;
  readonly recipient?: string;
}

export interface Rewriter {
  /** An envelope address, or one of a header line without what stands around it. */
  address(address: string, where: Where, scope: Scope): Maybe<string>;
  /** A header line that changes is kept as an old one (`*`) and followed by the new one. */
  headers(lines: readonly HeaderLine[], scope: Scope, qualify?: Qualification): Maybe<readonly HeaderLine[]>;
  /** The argument of MAIL or RCPT as received, brackets and all (rules with S). */
  smtpTime(argument: string, scope: Scope): Maybe<string>;
  /** One item of a header line: `Phrase <address> (comment)`. */
  item(item: string, where: HeaderWhere, scope: Scope): Maybe<string>;
  /** Are there rules for any header line at all? */
  readonly touchesHeaders: boolean;
  readonly hasSmtpRules: boolean;
}
