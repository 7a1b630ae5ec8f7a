/** Traps of ACLs (manual §"Using an ACL to control relaying"). */
import { trimSpace } from "@mailkit/sdk";
import type { AclItemSource, AclStatementSource } from "../types.ts";
import type { Trap } from "./trap.ts";

export const rcptUnset: Trap = ({ main, file }, report) => {
  if (main.isSet("acl_smtp_rcpt")) return;
  report.add("MK0710", "acl_smtp_rcpt is not set: no recipient is ever accepted by SMTP", {
    at: { file, line: 1, column: 1 },
    hint: "acl_smtp_rcpt = name, and that ACL in the acl section",
  });
};

/** Conditions that say something of who sends, or where to. */
const STRONG = new Set(["domains", "recipients", "hosts", "authenticated", "condition", "acl", "local_parts", "encrypted", "dkim_signers"]);

/** Is there a way to an `accept` on which nothing was asked of client, login or recipient? */
export const openRelay: Trap = ({ main, acls }, report) => {
  const name = main.text("acl_smtp_rcpt") ?? "";
  if (/^accept\s*$/.test(name)) {
    report.add("MK0705", "every host may send to every domain", {
      at: main.position("acl_smtp_rcpt"),
      length: "acl_smtp_rcpt".length,
      hint: HINT,
    });
    return;
  }
  for (const statement of acls.get(name)?.statements ?? []) {
    const strong = statement.items.some(restricts);
    if (statement.verb === "accept" && !strong) {
      const message = `every host may send to every domain: ACL "${name}" accepts here without asking`;
      report.add("MK0705", message, { at: statement.at, length: statement.verb.length, hint: HINT });
      return;
    }
    if (strong && stops(statement)) return;
  }
};

const HINT = "accept only for domains = +local_domains, hosts = +relay_from_hosts or authenticated = *";

/** deny, require and their like that look at client or recipient: whoever comes past them was asked. */
function stops({ verb, items }: AclStatementSource): boolean {
  if (verb === "require") return items.some((item) => restricts(item) && item.name !== "local_parts");
  if (verb !== "deny" && verb !== "drop" && verb !== "defer") return false;
  return (
    items.some((item) => item.negated && restricts(item)) || items.some((item) => item.name === "domains" && item.value.startsWith("!"))
  );
}

function restricts({ name, value }: AclItemSource): boolean {
  if (!STRONG.has(name)) return false;
  return !((name === "hosts" || name === "domains" || name === "recipients") && /^(?:\*|0\.0\.0\.0\/0)$/.test(trimSpace(value)));
}
