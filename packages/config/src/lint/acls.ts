/** Traps of ACLs (manual §"Using an ACL to control relaying"). */
import type { ListKind } from "@mailkit/sdk";
import { trimSpace } from "@mailkit/sdk";
import type { AclItemSource, AclStatementSource, Configuration } from "../types.ts";
import { splitList } from "../values/scan.ts";
import type { Trap } from "./trap.ts";

export const rcptUnset: Trap = ({ main, file }, report) => {
  if (main.isSet("acl_smtp_rcpt")) return;
  report.add("MK0710", "acl_smtp_rcpt is not set: no recipient is ever accepted by SMTP", {
    at: { file, line: 1, column: 1 },
    hint: "acl_smtp_rcpt = name, and that ACL in the acl section",
  });
};

/** Conditions that say something of who sends, or where to. */
const STRONG = new Set(["domains", "recipients", "hosts", "authenticated", "condition", "acl", "local_parts"]);

/** Is there a way to an `accept` on which nothing was asked of client, login or recipient? */
export const openRelay: Trap = (configuration, report) => {
  const { main, acls } = configuration;
  const name = main.text("acl_smtp_rcpt") ?? "";
  if (/^accept\s*$/.test(name)) {
    report.add("MK0705", "every host may send to every domain", {
      at: main.position("acl_smtp_rcpt"),
      length: "acl_smtp_rcpt".length,
      hint: HINT,
    });
    return;
  }
  const open = openAccept(acls.get(name)?.statements ?? [], { configuration, asked: new Map(), depth: 0 });
  if (open === undefined) return;
  const message = `every host may send to every domain: ACL "${name}" accepts here without asking`;
  report.add("MK0705", message, { at: open.at, length: open.verb.length, hint: HINT });
};

const HINT = "accept only for domains = +local_domains, hosts = +relay_from_hosts or authenticated = *";
const MAX_DEPTH = 100;

interface Walk {
  readonly configuration: Configuration;
  /** ACLs that were looked at: is something asked in them? While one is looked at, yes. */
  readonly asked: Map<string, boolean>;
  readonly depth: number;
}

function openAccept(statements: readonly AclStatementSource[], walk: Walk): AclStatementSource | undefined {
  for (const statement of statements) {
    if (statement.verb === "accept" && !statement.items.some((item) => limits(item, walk))) return statement;
    if (stops(statement, walk)) return undefined;
  }
  return undefined;
}

/** deny, require and their like that look at client or recipient: whoever comes past them was asked. */
function stops({ verb, items }: AclStatementSource, walk: Walk): boolean {
  if (verb === "require") return items.some((item) => item.name !== "local_parts" && limits(item, walk));
  if (verb !== "deny" && verb !== "drop" && verb !== "defer") return false;
  return items.some((item) => isStrong(item, walk) && (item.negated || takesTheRest(item)));
}

/** The condition holds for some only: not for all, and not for all but a few. */
function limits(item: AclItemSource, walk: Walk): boolean {
  return isStrong(item, walk) && !item.negated && !takesTheRest(item);
}

/** A list whose last item is negated takes whatever it does not name. */
function takesTheRest({ name, value }: AclItemSource): boolean {
  return LISTS.has(name) && splitList(value).at(-1)?.text.startsWith("!") === true;
}

const LISTS: ReadonlyMap<string, ListKind> = new Map([
  ["domains", "domain"],
  ["hosts", "host"],
  ["recipients", "address"],
]);

/** Says something at all: no list of everything, no constant. */
function isStrong({ name, value }: AclItemSource, walk: Walk): boolean {
  if (!STRONG.has(name)) return false;
  const text = trimSpace(value);
  if (name === "condition") return !/^(?:true|yes|[1-9]\d*)$/i.test(text);
  if (name === "acl") return asksInside(text.split(/[ \t]/, 1)[0] as string, walk);
  const kind = LISTS.get(name);
  if (kind === undefined) return true;
  const named = /^\+(\w+)$/.exec(text)?.[1];
  const list = named === undefined ? text : (walk.configuration.lists.get(kind)?.get(named)?.list.source ?? text);
  return !/^(?:\*|\*@\*|0\.0\.0\.0\/0)$/.test(trimSpace(list));
}

function asksInside(name: string, { configuration, asked, depth }: Walk): boolean {
  const known = asked.get(name);
  const nested = configuration.acls.get(name);
  if (known !== undefined || nested === undefined || depth >= MAX_DEPTH) return known ?? true;
  asked.set(name, true);
  const asks = openAccept(nested.statements, { configuration, asked, depth: depth + 1 }) === undefined;
  asked.set(name, asks);
  return asks;
}
