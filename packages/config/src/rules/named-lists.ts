/** `+name` items must refer to named lists of their kind (manual §"Named lists"). */
import type { ListKind, Position } from "@mailkit/sdk";
import { nearest } from "@mailkit/sdk";
import { isListType, LIST_KINDS } from "../compilers.ts";
import { writtenSettings, type Rule, type RuleInput } from "./input.ts";

/** Words with a plus sign that are no lists (manual §"Behaviour when an IP address or name cannot be found", §"Case of letters in address lists"). */
const WORDS = new Set([
  "include_unknown",
  "ignore_unknown",
  "include_defer",
  "ignore_defer",
  "caseful",
  "defer_unknown",
  "exclude_unknown",
]);

const ACL_LISTS: Readonly<Record<string, ListKind>> = {
  domains: "domain",
  sender_domains: "domain",
  hosts: "host",
  local_parts: "localpart",
  senders: "address",
  recipients: "address",
};

interface ListText {
  readonly kind: ListKind;
  readonly text: string;
  readonly locate: (offset: number) => Position;
}

export const namedListReferences: Rule = (input) => {
  for (const list of listTexts(input)) {
    for (const { name, kind, offset } of references(list.text, list.kind)) {
      const lists = input.configuration.lists.get(kind);
      if (lists?.has(name) === true) continue;
      const near = nearest(name, lists?.keys() ?? []);
      const hint = near === undefined ? `define ${kind}list ${name}` : `did you mean "+${near}"?`;
      const message = `there is no ${kind}list "${name}"`;
      input.report.add("MK0204", message, { at: list.locate(offset), length: name.length + 1, hint });
    }
  }
};

function* listTexts(input: RuleInput): Generator<ListText> {
  for (const { setting } of writtenSettings(input)) {
    const { type } = setting.spec;
    if (isListType(type)) yield { kind: LIST_KINDS[type], text: setting.located.text, locate: setting.located.locate };
  }
  for (const [kind, lists] of input.configuration.lists) {
    for (const named of lists.values()) yield { kind, text: named.list.source, locate: named.locate ?? (() => named.at) };
  }
  for (const acl of input.configuration.acls.values()) {
    for (const item of acl.statements.flatMap((statement) => statement.items)) {
      const kind = Object.hasOwn(ACL_LISTS, item.name) ? ACL_LISTS[item.name] : undefined;
      if (kind !== undefined) yield { kind, text: item.value, locate: item.locate ?? (() => item.at) };
    }
  }
}

/** References at the beginning of items; the inside of an expansion is not a list yet. */
export function references(
  text: string,
  kind: ListKind,
): readonly { readonly name: string; readonly kind: ListKind; readonly offset: number }[] {
  const separator = /^\s*<(\S)/.exec(text)?.[1] ?? ":";
  const found: { name: string; kind: ListKind; offset: number }[] = [];
  let depth = 0;
  let fresh = true;
  for (let i = separator === ":" ? 0 : text.indexOf("<") + 2; i < text.length; i++) {
    const c = text[i] as string;
    if (c === "{") depth++;
    else if (c === "}") depth--;
    else if (depth === 0 && c === separator) fresh = true;
    else if (fresh && !/[\s!]/.test(c)) {
      fresh = false;
      if (depth > 0) continue;
      const match = /^(?:(\*@)?\+)([A-Za-z0-9_]+)(?=\s*(?:$|[:;,<]|\/|\s))/.exec(text.slice(i));
      if (match === null || WORDS.has(match[2] as string)) continue;
      const domainPart = match[1] !== undefined && kind === "address";
      if (match[1] === undefined || domainPart)
        found.push({ name: match[2] as string, kind: domainPart ? "domain" : kind, offset: i + (match[1]?.length ?? 0) });
    }
  }
  return found;
}
