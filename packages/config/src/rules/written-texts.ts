/** Every text of a configuration that may hold expansions, and the strings inside an item: walks that several rules share. */
import type { Parts } from "@mailkit/expand";
import { isListType } from "../compilers.ts";
import type { DriverKind } from "../sections/drivers.ts";
import type { Located } from "../values/scan.ts";
import { writtenSettings, type RuleInput } from "./input.ts";

export interface WrittenText {
  readonly what: string;
  readonly located: Located;
  readonly kind: DriverKind | "main" | "acl" | "list";
  readonly owner: string;
  /** The text is a list, whose items may be lookups and files. */
  readonly list: boolean;
}

export function* writtenTexts(input: RuleInput): Generator<WrittenText> {
  for (const { setting, owner, kind } of writtenSettings(input)) {
    const name = /"(.*)"/.exec(owner)?.[1] ?? owner;
    const list = isListType(setting.spec.type);
    for (const located of setting.parts) yield { what: `${setting.name} of ${owner}`, located, kind, owner: name, list };
  }
  for (const [listKind, lists] of input.configuration.lists) {
    for (const { list, name, at, locate } of lists.values()) {
      const located = { text: list.source, at, locate: locate ?? (() => at), width: (_: number, n: number) => n };
      yield { what: `${listKind}list ${name}`, located, kind: "list", owner: name, list: true };
    }
  }
  for (const acl of input.configuration.acls.values()) {
    for (const { value, name, at, locate } of acl.statements.flatMap((statement) => statement.items)) {
      const located = { text: value, at, locate: locate ?? (() => at), width: (_: number, n: number) => n };
      const list = /^(?:hosts|domains|local_parts|senders|sender_domains|recipients)$/.test(name);
      yield { what: `${name} in ACL "${acl.name}"`, located, kind: "acl", owner: acl.name, list };
    }
  }
}

/** Every string inside an item: arguments, results, the strings of its condition. */
export function childrenOf(value: unknown): readonly Parts[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap((child) => (isParts(child) ? [child] : childrenOf(child)));
}

function isParts(value: unknown): value is Parts {
  return typeof value === "object" && value !== null && "nodes" in value && "raw" in value;
}
