/** Every list that a configuration writes down, whatever owns it: a walk that several traps share. */
import type { ListKind, OptionSpec, Position } from "@mailkit/sdk";
import { parseItem, type Pattern } from "@mailkit/lists";
import { isListType, LIST_KINDS } from "../compilers.ts";
import { MAIN_OPTIONS } from "../main-options.ts";
import type { Configuration } from "../types.ts";
import { splitList } from "../values/scan.ts";

export interface ListText {
  /** `hosts in ACL "check"`, `hostlist relay`: for messages. */
  readonly what: string;
  readonly kind: ListKind;
  readonly text: string;
  readonly locate: (offset: number) => Position | undefined;
}

export interface WrittenItem {
  readonly text: string;
  readonly offset: number;
  readonly negated: boolean;
  readonly pattern: Pattern;
}

/** The items, when they can be told apart before the list is expanded; those that hold a variable are left out. */
export function itemsOf({ kind, text }: ListText): readonly WrittenItem[] {
  if (text.includes("${")) return [];
  return splitList(text).flatMap((item) => (item.text.includes("$") ? [] : [{ ...item, ...negatedPattern(kind, item.text) }]));
}

function negatedPattern(kind: ListKind, text: string): Pick<WrittenItem, "negated" | "pattern"> {
  const { negated, pattern } = parseItem(kind, text);
  return { negated, pattern };
}

const ACL_LISTS: ReadonlyMap<string, ListKind> = new Map([
  ["hosts", "host"],
  ["domains", "domain"],
  ["sender_domains", "domain"],
  ["local_parts", "localpart"],
  ["senders", "address"],
  ["recipients", "address"],
]);

/** Generic options of routers and transports; the table of the driver tells those of its own. */
const GENERIC_LISTS: ReadonlyMap<string, ListKind> = new Map([
  ["domains", "domain"],
  ["local_parts", "localpart"],
  ["senders", "address"],
  ["ignore_target_hosts", "host"],
  ["dnssec_request_domains", "domain"],
  ["dnssec_require_domains", "domain"],
]);

export function* listTexts(configuration: Configuration): Generator<ListText> {
  const { main, lists, acls, routers, transports } = configuration;
  for (const [name, spec] of Object.entries(MAIN_OPTIONS)) {
    if (!isListType(spec.type) || !main.isSet(name)) continue;
    yield { what: name, kind: LIST_KINDS[spec.type], text: main.text(name) ?? "", locate: (offset) => main.locate?.(name, offset) };
  }
  for (const [kind, named] of lists) {
    for (const { name, list, locate, at } of named.values())
      yield { what: `${kind}list ${name}`, kind, text: list.source, locate: (offset) => locate?.(offset) ?? at };
  }
  for (const acl of acls.values()) {
    for (const item of acl.statements.flatMap((statement) => statement.items)) {
      const kind = ACL_LISTS.get(item.name);
      const what = `${item.name} in ACL "${acl.name}"`;
      if (kind !== undefined) yield { what, kind, text: item.value, locate: (offset) => item.locate?.(offset) ?? item.at };
    }
  }
  for (const instance of [...routers, ...transports.values()]) {
    for (const option of instance.optionNames ?? []) {
      const text = instance.source?.(option);
      const kind = kindOf(option, instance.driver.options);
      const what = `${option} of "${instance.name}"`;
      if (text !== undefined && kind !== undefined) yield { what, kind, text, locate: (offset) => instance.locate?.(option, offset) };
    }
  }
}

function kindOf(option: string, own: Readonly<Record<string, OptionSpec>>): ListKind | undefined {
  const type = Object.hasOwn(own, option) ? own[option]?.type : undefined;
  return type !== undefined && isListType(type) ? LIST_KINDS[type] : GENERIC_LISTS.get(option);
}
