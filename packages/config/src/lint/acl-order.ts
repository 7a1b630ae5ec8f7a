/** Traps of the order of statements and items in ACLs (manual §"ACL return codes", §"ACL verbs", §"ACL modifiers"). */
import { ACL_CONDITIONS } from "../sections/acl.ts";
import type { AclItemSource, AclStatementSource } from "../types.ts";
import type { Trap } from "./trap.ts";

/** Options whose ACL decides whether something is let in, and what it lets in. */
const ENTRANCES: ReadonlyMap<string, string> = new Map([
  ["acl_not_smtp", "local message"],
  ["acl_not_smtp_mime", "local message with MIME parts"],
  ["acl_smtp_auth", "AUTH command"],
  ["acl_smtp_connect", "connection"],
  ["acl_smtp_data", "message"],
  ["acl_smtp_helo", "greeting"],
  ["acl_smtp_mail", "sender"],
  ["acl_smtp_mailauth", "AUTH parameter"],
  ["acl_smtp_mime", "message with MIME parts"],
  ["acl_smtp_predata", "message"],
  ["acl_smtp_rcpt", "recipient"],
  ["acl_smtp_starttls", "STARTTLS command"],
]);

/** An ACL that comes to its end denies. */
export const neverAccepting: Trap = ({ main, acls }, report) => {
  for (const [option, what] of ENTRANCES) {
    const acl = main.isSet(option) ? acls.get(main.text(option) ?? "") : undefined;
    if (acl === undefined || acl.statements.some(({ verb }) => verb === "accept" || verb === "discard")) continue;
    report.add("MK0721", `ACL "${acl.name}" (${option}) lets no ${what} in: it has no accept, and an ACL ends with a refusal`, {
      at: acl.at,
      length: acl.name.length,
      hint: "end it with accept",
    });
  }
};

/** Nothing comes past a verb without a condition, but for warn and require. */
export const unreachableStatements: Trap = ({ acls }, report) => {
  for (const acl of acls.values()) {
    const last = acl.statements.findIndex(({ verb, items }) => verb !== "warn" && verb !== "require" && !items.some(isCondition));
    const next = last < 0 ? undefined : acl.statements[last + 1];
    const before = acl.statements[last];
    if (next === undefined || before === undefined) continue;
    report.add("MK0722", `this statement of ACL "${acl.name}" is never reached`, {
      at: next.at,
      length: next.verb.length,
      hint: `${before.verb} in line ${before.at.line} has no condition`,
    });
  }
};

/** `require` uses the message that was set before the condition that failed. */
export const lateMessages: Trap = ({ acls }, report) => {
  for (const acl of acls.values()) {
    for (const { verb, items } of acl.statements) {
      if (verb !== "require") continue;
      const rest = items.slice(items.findLastIndex(isCondition) + 1);
      const late = rest.length === items.length ? undefined : rest.find(({ name }) => name === "message" || name === "log_message");
      if (late === undefined) continue;
      report.add("MK0723", `${late.name} behind the last condition of require is never used`, {
        at: late.at,
        length: late.name.length,
        hint: "put it before the condition that may fail",
      });
    }
  }
};

/** A code of another class is dropped, with a line in the paniclog. */
export const wrongCodes: Trap = ({ acls }, report) => {
  for (const acl of acls.values()) {
    for (const statement of acl.statements) {
      const wanted = classOf(statement);
      for (const item of statement.items) {
        const code = item.name === "message" ? /^[2345]\d\d(?=\s)/.exec(item.value)?.[0] : undefined;
        if (code === undefined || wanted === undefined || wanted.includes(code[0] as string)) continue;
        report.add("MK0724", `code ${code} is not used: ${statement.verb} answers with ${wanted[0]}xx`, {
          at: item.locate?.(0) ?? item.at,
          length: code.length,
          hint: hintFor(code, statement),
        });
      }
    }
  }
};

/** First digits that may stand in a message; undefined: the message is no answer. */
function classOf({ verb, items }: AclStatementSource): string | undefined {
  if (verb === "warn") return undefined;
  if (verb === "defer") return "4";
  if (verb !== "accept" && verb !== "discard") return "5";
  return items.some(({ name }) => name === "endpass") ? "523" : "23";
}

function hintFor(code: string, { verb }: AclStatementSource): string {
  if (code.startsWith("4")) return "defer answers with 4xx";
  return verb === "accept" || verb === "discard" ? "deny refuses; accept takes what follows endpass as a refusal" : "deny answers with 5xx";
}

function isCondition({ name }: AclItemSource): boolean {
  return ACL_CONDITIONS.includes(name);
}
