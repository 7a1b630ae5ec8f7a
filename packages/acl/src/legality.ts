/**
 * Which condition, modifier, control and kind of verification is allowed in which ACL. Read off a running Exim 4.96 item by
 * item; where it never ran (dkim, prdr, atrn, wellknown) the manual's chapter "Access control lists" decides.
 */
import { type AclHook, HOOKS, hookName } from "./hooks.ts";

/** Hooks as bits, so that the question costs one operation per item. */
export function hookBit(hook: AclHook): number {
  return 1 << HOOKS.indexOf(hook);
}

function bits(hooks: readonly AclHook[]): number {
  return hooks.reduce((sum, hook) => sum | hookBit(hook), 0);
}

const ALL = bits(HOOKS);
const except = (...hooks: AclHook[]): number => ALL & ~bits(hooks);
const only = (...hooks: AclHook[]): number => bits(hooks);

const NO_SENDER: AclHook[] = ["connect", "helo", "auth", "etrn", "expn", "vrfy", "starttls", "quit", "mailauth", "atrn", "wellknown"];
const NO_MESSAGE: AclHook[] = [...NO_SENDER, "notquit", "unknown"];
const NOT_SMTP: AclHook[] = ["not_smtp_start", "not_smtp"];
const AFTER_DATA: AclHook[] = ["data", "prdr", "not_smtp"];
const SPF: AclHook[] = ["connect", "helo", "auth", "etrn", "expn", "vrfy", "starttls", "mailauth", ...NOT_SMTP];

const CONDITIONS: Readonly<Record<string, number>> = {
  atrn_domains: only("atrn"),
  authenticated: except("connect", "helo", ...NOT_SMTP),
  dcc: only(...AFTER_DATA),
  decode: only("mime", "not_smtp_mime"),
  dkim_signers: only("dkim"),
  dkim_status: only("dkim", "data", "prdr"),
  dmarc_status: only("data"),
  domains: only("rcpt", "vrfy", "prdr"),
  encrypted: except("helo", ...NOT_SMTP),
  hosts: except(...NOT_SMTP),
  local_parts: only("rcpt", "vrfy", "prdr"),
  malware: only("data", "prdr", "mime", "dkim", "not_smtp"),
  mime_regex: only("mime", "not_smtp_mime"),
  recipients: only("rcpt", "prdr"),
  regex: only("data", "prdr", "mime", "not_smtp_mime", "not_smtp"),
  sender_domains: except(...NO_SENDER),
  senders: except(...NO_SENDER),
  spam: only(...AFTER_DATA),
  spf: except(...SPF),
  spf_guess: except(...SPF),
};

const MODIFIERS: Readonly<Record<string, number>> = {
  add_header: except(...NO_MESSAGE),
  remove_header: except(...NO_MESSAGE),
  delay: except("notquit"),
  queue: except("data", "prdr", "not_smtp"),
};

const ANYTIME_SMTP = except(...NOT_SMTP);
const MESSAGE_BODY = only("mail", "rcpt", "predata", "mime", "data", "prdr", "not_smtp_mime");
const SPOOLED = only("mail", "rcpt", "predata", "mime", "data", "prdr", "not_smtp", "not_smtp_mime", "dkim");

const CONTROLS: Readonly<Record<string, number>> = {
  allow_auth_unadvertised: only("connect", "helo"),
  caseful_local_part: only("rcpt"),
  caselower_local_part: only("rcpt"),
  dkim_disable_verify: except("data", "prdr", ...NOT_SMTP),
  dmarc_disable_verify: except("data", "prdr", ...NOT_SMTP),
  dmarc_enable_forensic: except("data", "prdr", ...NOT_SMTP),
  dscp: except("notquit", ...NOT_SMTP, "not_smtp_mime"),
  enforce_sync: ANYTIME_SMTP,
  no_enforce_sync: ANYTIME_SMTP,
  fakedefer: MESSAGE_BODY,
  fakereject: MESSAGE_BODY,
  freeze: SPOOLED,
  queue: SPOOLED,
  no_callout_flush: ANYTIME_SMTP,
  no_delay_flush: ANYTIME_SMTP,
  no_mbox_unspool: MESSAGE_BODY,
  no_multiline_responses: ANYTIME_SMTP,
  no_pipelining: ANYTIME_SMTP,
  submission: only("mail", "rcpt", "predata"),
  suppress_local_fixups: only("mail", "rcpt", "predata", "not_smtp_start"),
  utf8_downconvert: only("rcpt", "vrfy"),
  wellknown: only("wellknown"),
};

const HEADERS_READ = except(
  "connect",
  "helo",
  "mail",
  "auth",
  "etrn",
  "expn",
  "vrfy",
  "starttls",
  "rcpt",
  "predata",
  "mailauth",
  "not_smtp_start",
  "atrn",
  "wellknown",
);
const SENDER_KNOWN = only("mail", "rcpt", "predata", "data", "prdr", "not_smtp");

const VERIFY: Readonly<Record<string, number>> = {
  header_names_ascii: HEADERS_READ,
  header_sender: HEADERS_READ,
  header_syntax: HEADERS_READ,
  not_blind: HEADERS_READ,
  arc: only("data", "prdr"),
  recipient: only("rcpt"),
  sender: SENDER_KNOWN,
};

/** Hooks in which a condition or modifier may stand, as bits. */
export function itemMask(name: string): number {
  return CONDITIONS[name] ?? MODIFIERS[name] ?? ALL;
}

export function controlMask(name: string): number {
  return CONTROLS[name] ?? ALL;
}

export function verifyMask(kind: string): number {
  return VERIFY[kind] ?? ALL;
}

export function itemFault(name: string, isCondition: boolean, hook: AclHook): string {
  // Exim calls modifiers conditions here; the text is what people search for.
  return `cannot ${isCondition ? "test" : "use"} ${name} condition in ${hookName(hook)} ACL`;
}

export function controlFault(name: string, hook: AclHook): string {
  return `cannot use "control=${name}" in ${hookName(hook)} ACL`;
}

export function verifyFault(kind: string, hook: AclHook): string {
  return `cannot verify ${kind} in ACL for ${hookName(hook)}`;
}
