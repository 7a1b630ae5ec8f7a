/** Where a query goes (manual §"LDAP connections"). */
import { splitList } from "@mailkit/sdk";
import type { LdapUrl } from "./url.ts";

export interface LdapServer {
  /** Path of a Unix socket, or undefined. */
  readonly path: string | undefined;
  readonly host: string;
  readonly port: number;
  /** TLS from the first octet on (ldaps). */
  readonly secure: boolean;
}

const PORTS = { ldap: 389, ldaps: 636, ldapi: 389 } as const;
/** What Debian's library does for ldapi without a path. */
const SOCKET = "/var/run/slapd/ldapi";

/** A host in the URL, else the list, else what the library would do; an item may be a fault. */
export function serversOf(url: LdapUrl, list: string | undefined): readonly (LdapServer | { readonly fault: string })[] {
  if (url.host !== "") return [serverOf(url.host, url.scheme)];
  const names = splitList(list ?? "").items.filter((name) => name !== "");
  if (names.length > 0) return names.map((name) => serverOf(name, url.scheme));
  return [serverOf(url.scheme === "ldapi" ? SOCKET : "localhost", url.scheme)];
}

/** A path means a Unix socket whatever the scheme says; `ldapi` needs one. */
function serverOf(name: string, scheme: LdapUrl["scheme"]): LdapServer | { readonly fault: string } {
  if (name.startsWith("/")) return { path: name, host: "", port: 0, secure: false };
  if (scheme === "ldapi") return { fault: `ldapi requires an absolute path ("${name}" given)` };
  const parts = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d+))?$/.exec(name);
  if (parts === null) return { fault: `bad LDAP server "${name}"` };
  const port = parts[3] === undefined ? PORTS[scheme] : Number(parts[3]);
  return { path: undefined, host: (parts[1] ?? parts[2]) as string, port, secure: scheme === "ldaps" };
}

export function nameOf({ path, host, port }: LdapServer): string {
  return path ?? `${host.includes(":") ? `[${host}]` : host}:${port}`;
}
