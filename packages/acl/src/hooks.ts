/** The places where ACLs run, with Exim's names for them in messages, and what an unset option means. Manual §"Specifying when ACLs are used". */

export const HOOKS = [
  "connect",
  "helo",
  "starttls",
  "auth",
  "mail",
  "mailauth",
  "rcpt",
  "predata",
  "dkim",
  "mime",
  "prdr",
  "data",
  "quit",
  "notquit",
  "vrfy",
  "expn",
  "etrn",
  "atrn",
  "wellknown",
  "not_smtp_start",
  "not_smtp_mime",
  "not_smtp",
  /** `${acl{...}}` outside a session: routers, filters, `-be`. */
  "unknown",
] as const;
export type AclHook = (typeof HOOKS)[number];

const SHOWN: Readonly<Record<AclHook, string>> = {
  connect: "connection",
  helo: "EHLO or HELO",
  starttls: "STARTTLS",
  auth: "AUTH",
  mail: "MAIL",
  mailauth: "MAILAUTH",
  rcpt: "RCPT",
  predata: "PREDATA",
  dkim: "DKIM",
  mime: "MIME",
  prdr: "PRDR",
  data: "DATA",
  quit: "QUIT",
  notquit: "NOTQUIT",
  vrfy: "VRFY",
  expn: "EXPN",
  etrn: "ETRN",
  atrn: "ATRN",
  wellknown: "WELLKNOWN",
  not_smtp_start: "non-SMTP-start",
  not_smtp_mime: "non-SMTP-MIME",
  not_smtp: "non-SMTP",
  unknown: "unknown",
};

/** As in `cannot test domains condition in EHLO or HELO ACL`. */
export function hookName(hook: AclHook): string {
  return SHOWN[hook];
}

/** The main option that names the ACL of a hook. */
export function hookOption(hook: AclHook): string {
  if (hook === "prdr") return "acl_smtp_data_prdr";
  return hook.startsWith("not_smtp") ? `acl_${hook}` : `acl_smtp_${hook}`;
}

const DENY_WHEN_UNSET: ReadonlySet<AclHook> = new Set(["rcpt", "vrfy", "expn", "etrn", "atrn", "wellknown"]);

/** Manual §"Unset ACL options". */
export function unsetResult(hook: AclHook): "accept" | "deny" {
  return DENY_WHEN_UNSET.has(hook) ? "deny" : "accept";
}

const MESSAGE: ReadonlySet<AclHook> = new Set([
  "mail",
  "rcpt",
  "predata",
  "mime",
  "dkim",
  "data",
  "prdr",
  "not_smtp_start",
  "not_smtp",
  "not_smtp_mime",
]);

/** Is a message being received here: may header lines be added? */
export function receivesMessage(hook: AclHook): boolean {
  return MESSAGE.has(hook);
}

const MAY_DISCARD: ReadonlySet<AclHook> = new Set(["mail", "rcpt", "data", "prdr", "mime", "dkim", "not_smtp"]);

export function mayDiscard(hook: AclHook): boolean {
  return MAY_DISCARD.has(hook);
}
