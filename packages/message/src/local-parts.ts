/**
 * Quoting of local parts, phrases of display names, qualification. RFC 5321 §4.1.2, RFC 5322 §3.2.4.
 */
import { trimSpace } from "@mailkit/sdk";
const PLAIN_LOCAL_PART = /^[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~]+(?:\.+[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~]+)*$/;

/** `${quote_local_part:...}`: quotes when needed, leaves a plain one alone. */
export function quoteLocalPart(localPart: string): string {
  return PLAIN_LOCAL_PART.test(localPart) ? localPart : `"${localPart.replace(/["\\\r\n]/g, "\\$&")}"`;
}

/** What the quotes and backslashes stand for: `"a b".c` gives `a b.c`. */
export function unquoteLocalPart(localPart: string): string {
  if (!/["\\]/.test(localPart)) return localPart;
  let result = "";
  for (let at = 0; at < localPart.length; at++) {
    const c = localPart[at] as string;
    if (c === '"') continue;
    if (c === "\\" && at + 1 < localPart.length) at++;
    result += localPart[at];
  }
  return result;
}

/** Adds the domain to an address that has none. */
export function qualify(address: string, domain: string): string {
  if (address === "" || domain === "" || domainOf(address) !== "") return address;
  return `${address}@${domain}`;
}

/** Behind the last `@` that is not inside quotes; "" when there is none. */
export function domainOf(address: string): string {
  const at = address.lastIndexOf("@");
  return at < 0 || address.endsWith('"') ? "" : address.slice(at + 1);
}

/**
 * Makes a display name fit for a header line: parts with special characters are quoted, quoted strings and comments
 * stay (manual §"Constructed addresses").
 */
export function fixPhrase(name: string): string {
  const parts: string[] = [];
  let at = 0;
  while (at < name.length) {
    const special = nextQuotedOrComment(name, at);
    if (special === undefined) {
      parts.push(fixPlain(name.slice(at)));
      break;
    }
    parts.push(fixPlain(name.slice(at, special.start)), name.slice(special.start, special.end));
    at = special.end;
  }
  return trimSpace(parts.join(""));
}

function nextQuotedOrComment(text: string, from: number): { start: number; end: number } | undefined {
  for (let start = from; start < text.length; start++) {
    if (text[start] === '"') {
      const quoted = /^"(?:[^"\\]|\\[^])*"/.exec(text.slice(start));
      return quoted === null ? undefined : { start, end: start + quoted[0].length };
    }
    if (text[start] === "(") {
      const comment = /^\((?:[^()\\]|\\[^])*\)/.exec(text.slice(start));
      return comment === null ? undefined : { start, end: start + comment[0].length };
    }
  }
  return undefined;
}

function fixPlain(text: string): string {
  if (!/[()<>[\]:;@\\,."]/.test(text)) return text;
  const [, before, core, after] = /^([ \t\r\n]*)([^]*?)([ \t\r\n]*)$/.exec(text) as unknown as [string, string, string, string];
  return `${before}"${core.replace(/["\\]/g, "\\$&")}"${after}`;
}
