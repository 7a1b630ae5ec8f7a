/** `${quote_ldap:...}` for filters and `${quote_ldap_dn:...}` for names, both as they stand in a URL (manual §"LDAP quoting"). */

/** RFC 4515 escapes, then those of a URL. */
export function quoteFilter(text: string): string {
  return quoteUrl(text.replace(/[*()\\]/g, (character) => `\\${hex(character)}`));
}

/** RFC 4514 escapes, then those of a URL: also for spaces and number signs at the start, and spaces at the end. */
export function quoteDn(text: string): string {
  const [, start = "", middle = "", end = ""] = /^([ #]*)(.*?)( *)$/s.exec(text) as RegExpExecArray;
  const inner = middle.replace(/[,+"\\<>;]/g, (character) => `\\${character}`);
  return quoteUrl(escapeAll(start) + inner + escapeAll(end));
}

function escapeAll(text: string): string {
  return text.replace(/./gs, "\\$&");
}

/** All but letters, digits and `! $ ' - . _ ( ) * +`. */
function quoteUrl(text: string): string {
  return text.replace(/[^A-Za-z0-9!$'\-._()*+]/g, (character) => `%${hex(character)}`);
}

function hex(character: string): string {
  return character.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0");
}
