/**
 * Text from outside in the queries of databases (manual §"Quoting lookup data"): a quote in a local part would change what
 * is asked. Looks at what is written; Exim says it when a message comes ("tainted search query is not properly quoted").
 */
import { knownVariables } from "@mailkit/expand";
import { isListType } from "../compilers.ts";
import { bareVariables, braceEnd } from "./bare-variables.ts";
import { place, writtenSettings, type Rule, type RuleInput } from "./input.ts";
import type { Located } from "../values/scan.ts";

const QUOTING: ReadonlyMap<string, string> = new Map([
  ["ldap", "ldap"],
  ["ldapdn", "ldap"],
  ["ldapm", "ldap"],
  ["mysql", "mysql"],
  ["pgsql", "pgsql"],
  ["redis", "redis"],
  ["sqlite", "sqlite"],
]);

const IN_STRING = /\$\{lookup\s+(ldap(?:dn|m)?|mysql|pgsql|redis|sqlite)\b[^{}]*\{/g;
const IN_LIST = /(?:^|[\s:!])(?:net\d*-)?(ldap(?:dn|m)?|mysql|pgsql|redis|sqlite)(?:,[^;:]*)?;/g;

const tainted: ReadonlySet<string> = new Set([...knownVariables.values()].filter((known) => known.tainted).map(({ name }) => name));

export const unquotedQueries: Rule = (input) => {
  for (const { setting, owner } of writtenSettings(input)) {
    const { located } = setting;
    checkStrings(located, `${setting.name} of ${owner}`, input);
    if (isListType(setting.spec.type)) checkList(located, `${setting.name} of ${owner}`, input);
  }
  for (const [kind, lists] of input.configuration.lists) {
    for (const { list, name, at, locate } of lists.values()) {
      const located = { text: list.source, at, locate: locate ?? (() => at), width: (_: number, n: number) => n };
      checkStrings(located, `${kind}list ${name}`, input);
      checkList(located, `${kind}list ${name}`, input);
    }
  }
  for (const acl of input.configuration.acls.values()) {
    for (const { value, name, at, locate } of acl.statements.flatMap((statement) => statement.items)) {
      const located = { text: value, at, locate: locate ?? (() => at), width: (_: number, n: number) => n };
      checkStrings(located, `${name} in ACL "${acl.name}"`, input);
      if (LIST_ITEMS.has(name)) checkList(located, `${name} in ACL "${acl.name}"`, input);
    }
  }
};

const LIST_ITEMS = new Set(["domains", "hosts", "local_parts", "recipients", "senders", "sender_domains"]);

function checkStrings(located: Located, what: string, input: RuleInput): void {
  for (const found of located.text.matchAll(IN_STRING)) {
    const start = found.index + found[0].length;
    checkQuery({ type: found[1] as string, start, end: braceEnd(located.text, start) }, located, what, input);
  }
}

/** What is outside an expansion and looks like a lookup; the rest of the list belongs to its query as far as this rule knows. */
function checkList(located: Located, what: string, input: RuleInput): void {
  const found = IN_LIST.exec(located.text);
  IN_LIST.lastIndex = 0;
  if (found === null) return;
  checkQuery({ type: found[1] as string, start: found.index + found[0].length, end: located.text.length }, located, what, input);
}

interface Query {
  readonly type: string;
  readonly start: number;
  readonly end: number;
}

// oxlint-disable-next-line max-params -- where it is, and where it is told
function checkQuery({ type, start, end }: Query, located: Located, what: string, { report }: RuleInput): void {
  for (const { name, offset, length } of bareVariables(located.text.slice(start, end))) {
    if (!tainted.has(name) && !/^(?:[rbl]?h(?:eader)?_|auth[1-3]$)/.test(name)) continue;
    report.add("MK0418", `${what}: text from outside goes into a ${type} query as it is: $${name}`, {
      ...place(located, start + offset, length),
      hint: `write \${quote_${QUOTING.get(type)}:$${name}}`,
    });
  }
}
