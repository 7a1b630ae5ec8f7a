/** LDAP URLs (RFC 4516; manual §"Format of LDAP queries"). Text is octets, with the percent signs taken out. Total: a text is the fault. */

export type LdapScope = "base" | "one" | "sub" | "children";

export interface LdapUrl {
  readonly scheme: "ldap" | "ldaps" | "ldapi";
  /** A name, `name:port`, or the path of a Unix socket; empty = the default servers. */
  readonly host: string;
  readonly base: string;
  /** None = all. */
  readonly attributes: readonly string[];
  readonly scope: LdapScope;
  readonly filter: string;
}

const SCOPES: ReadonlyMap<string, LdapScope> = new Map([
  ["", "base"],
  ["base", "base"],
  ["one", "one"],
  ["onelevel", "one"],
  ["sub", "sub"],
  ["subtree", "sub"],
  ["children", "children"],
  ["subordinate", "children"],
]);

export function parseLdapUrl(text: string): LdapUrl | string {
  const parts = /^(ldap[si]?):\/\/([^/?]*)(?:\/?(.*))?$/is.exec(text);
  if (parts === null) {
    const start = text.length > 16 ? `${text.slice(0, 16)}...` : text;
    return `LDAP URL does not start with "ldap://", "ldaps://", or "ldapi://" (it starts with "${start}")`;
  }
  const [, scheme = "", host = "", rest = ""] = parts;
  const [base = "", attributes = "", scopeName = "", filter = ""] = rest.split("?");
  const scope = SCOPES.get(scopeName.toLowerCase());
  if (scope === undefined) return `ldap_url_parse: bad scope "${scopeName}" in "${text}"`;
  return {
    scheme: scheme.toLowerCase() as LdapUrl["scheme"],
    host: decodePercent(host),
    base: decodePercent(base),
    attributes: decodePercent(attributes)
      .split(",")
      .filter((name) => name !== ""),
    scope,
    filter: completeFilter(decodePercent(filter)),
  };
}

function completeFilter(filter: string): string {
  if (filter === "") return "(objectClass=*)";
  return filter.startsWith("(") ? filter : `(${filter})`;
}

export function decodePercent(text: string): string {
  return text.replace(/%([0-9a-f]{2})/gi, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
}
