/**
 * An LDAP query: settings, then a URL (manual §"LDAP authentication and control information"). Total: a text is the
 * fault, in Exim's words, and never holds the password.
 */
import { trimSpaceStart } from "@mailkit/sdk";
import { decodePercent, parseLdapUrl, type LdapUrl } from "./url.ts";

export type Dereference = "never" | "always" | "search" | "find";

export interface LdapQuery {
  readonly url: LdapUrl;
  /** Name to bind with. */
  readonly user: string | undefined;
  readonly password: string | undefined;
  /** `SERVERS=`, in place of the main option. */
  readonly servers: string | undefined;
  readonly dereference: Dereference;
  /** Seconds; 0 = not set. */
  readonly netTime: number;
  readonly time: number;
  /** Greatest number of entries; 0 = any. */
  readonly size: number;
}

export function parseQuery(text: string): LdapQuery | string {
  const settings = new Map<string, string>();
  let rest = trimSpaceStart(text);
  while (!/^ldap[si]?:/i.test(rest)) {
    const found = readSetting(rest);
    if (typeof found === "string") return found;
    settings.set(found.name, found.value);
    rest = found.rest;
  }
  const url = parseLdapUrl(rest);
  if (typeof url === "string") return url;
  const referrals = settings.get("REFERRALS")?.toLowerCase();
  if (referrals !== undefined && referrals !== "follow" && referrals !== "nofollow") {
    return 'LDAP option REFERRALS is not "follow" or "nofollow"';
  }
  const user = settings.get("USER");
  return {
    url,
    user: user === undefined ? undefined : decodePercent(user),
    password: settings.get("PASS"),
    servers: settings.get("SERVERS"),
    dereference: DEREFERENCE.get(settings.get("DEREFERENCE")?.toLowerCase() ?? "") ?? "never",
    netTime: numberOf(settings.get("NETTIME")),
    time: numberOf(settings.get("TIME")),
    size: numberOf(settings.get("SIZE")),
  };
}

const NAMES: ReadonlyMap<string, string> = new Map([
  ["USER", "USER"],
  ["PASS", "PASS"],
  ["SIZE", "SIZE"],
  ["TIME", "TIME"],
  ["CONNECT", "NETTIME"],
  ["NETTIME", "NETTIME"],
  ["SERVERS", "SERVERS"],
  ["DEREFERENCE", "DEREFERENCE"],
  ["REFERRALS", "REFERRALS"],
]);

/** Other words count as "never", as in Exim. */
const DEREFERENCE: ReadonlyMap<string, Dereference> = new Map([
  ["never", "never"],
  ["searching", "search"],
  ["finding", "find"],
  ["always", "always"],
]);

const MALFORMED = "malformed parameter setting precedes LDAP URL";
const SETTING = /^([^=]*)=(?:"((?:[^"\\]|\\.)*)"(?=\s|$)|([^\s"]\S*|(?=\s|$)))\s*/s;

function readSetting(text: string): { readonly name: string; readonly value: string; readonly rest: string } | string {
  const found = SETTING.exec(text);
  if (found === null) return MALFORMED;
  const [whole, written = "", quoted, bare = ""] = found;
  const name = NAMES.get(written.toUpperCase());
  if (name === undefined) return /^[A-Za-z]+\s*$/.test(written) ? `unknown parameter "${written}=" precedes LDAP URL` : MALFORMED;
  return { name, value: quoted === undefined ? bare : unescape(quoted), rest: text.slice(whole.length) };
}

const ESCAPES: Readonly<Record<string, string>> = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };

/** Manual §"Character escape sequences in expanded strings": `\n`, `\033`, `\x1b`; others stand for themselves. */
function unescape(text: string): string {
  return text.replace(/\\(?:([0-7]{1,3})|x([0-9a-f]{1,2})|(.))/gis, (_, octal?: string, hex?: string, other = "") => {
    if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8) & 255);
    return hex === undefined ? (ESCAPES[other] ?? other) : String.fromCharCode(Number.parseInt(hex, 16));
  });
}

function numberOf(text: string | undefined): number {
  return Number(/^\d+/.exec(text ?? "")?.[0] ?? 0);
}
