/** Entries as the text of a lookup (manual §"Format of data returned by LDAP"). */
import type { LookupResult } from "@mailkit/sdk";

export interface LdapEntry {
  readonly dn: string;
  /** In the order in which the server sent them; those without values are left out. */
  readonly attributes: readonly { readonly name: string; readonly values: readonly string[] }[];
}

export type LdapType = "ldap" | "ldapdn" | "ldapm";

/** `requested` is the number of attributes that the query names: of a single one the values come without its name. */
export function resultOf(type: LdapType, entries: readonly LdapEntry[], requested: number): LookupResult {
  const last = entries.at(-1);
  if (last === undefined) return { kind: "notFound" };
  if (type !== "ldapm" && entries.length > 1) {
    return {
      kind: "defer",
      message: `LDAP search: more than one entry (${entries.length}) was returned (filter not specific enough?)`,
    };
  }
  const text = type === "ldapdn" ? last.dn : textOfEntries(entries, requested);
  return text === "" ? { kind: "notFound" } : { kind: "found", text, variables: { ldap_dn: last.dn } };
}

/** A newline stands between entries; from the first one on that has attributes, those without them leave empty lines. */
function textOfEntries(entries: readonly LdapEntry[], requested: number): string {
  const texts = entries.map((entry) => textOfEntry(entry, requested));
  const first = texts.findIndex((text) => text !== "");
  return first < 0 ? "" : texts.slice(first).join("\n");
}

function textOfEntry({ attributes }: LdapEntry, requested: number): string {
  if (requested === 1) return attributes.map(({ values }) => commaList(values)).join(",");
  return attributes.map(({ name, values }) => `${name}="${escape(commaList(values))}"`).join(" ");
}

function commaList(values: readonly string[]): string {
  return values.map((value) => value.replaceAll(",", ",,")).join(",");
}

function escape(text: string): string {
  return text.replace(/["\\\n]/g, (character) => (character === "\n" ? "\\n" : `\\${character}`));
}
