/**
 * Just enough JSON (RFC 8259) for `extract json` and `forany_json`: cuts an array or object into its members as they
 * stand, without turning them into values. Total; a fault is a text in Exim's words.
 */

/** Elements of an array; `what` names the item in faults. */
export function jsonArray(text: string, what: string): string[] | string {
  const body = unwrap(text, "[", "]");
  if (body === undefined) return `missing '${opens(text, "[") ? "]" : "["}' wrapping array for ${what}`;
  return members(body);
}

export function jsonObject(text: string, what: string): (readonly [string, string])[] | string {
  const body = unwrap(text, "{", "}");
  if (body === undefined) return `missing '${opens(text, "{") ? "}" : "{"}' wrapping object for ${what}`;
  const pairs: (readonly [string, string])[] = [];
  for (const member of members(body)) {
    const end = member.startsWith('"') ? endOfString(member, 0) : 0;
    if (end === 0) return `missing '"' wrapping string key for ${what}`;
    const rest = trim(member.slice(end));
    if (!rest.startsWith(":")) return `missing object value-separator for ${what}`;
    pairs.push([member.slice(1, end - 1), trim(rest.slice(1))]);
  }
  return pairs;
}

/** The text between the quotes of a JSON string, escapes left alone; undefined = it is no string. */
export function unquoteJson(element: string): string | undefined {
  return element.length >= 2 && element.startsWith('"') && element.endsWith('"') ? element.slice(1, -1) : undefined;
}

function trim(text: string): string {
  return text.replace(/^[ \t\n\r]+|[ \t\n\r]+$/g, "");
}

function opens(text: string, open: string): boolean {
  return trim(text).startsWith(open);
}

function unwrap(text: string, open: string, close: string): string | undefined {
  const bare = trim(text);
  return bare.length >= 2 && bare.startsWith(open) && bare.endsWith(close) ? bare.slice(1, -1) : undefined;
}

/** Cuts at the commas that are outside strings, arrays and objects. */
function members(body: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let i = 0; i < body.length; i++) {
    const c = body[i];
    if (c === '"') i = endOfString(body, i) - 1;
    else if (c === "[" || c === "{") depth++;
    else if (c === "]" || c === "}") depth--;
    else if (c === "," && depth === 0) {
      parts.push(trim(body.slice(start, i)));
      start = i + 1;
    }
    if (i < 0) break;
  }
  const last = trim(body.slice(start));
  if (last !== "" || parts.length > 0) parts.push(last);
  return parts;
}

/** Offset behind the closing quote, or the end of the text. */
function endOfString(text: string, from: number): number {
  for (let i = from + 1; i < text.length; i++) {
    if (text[i] === "\\") i++;
    else if (text[i] === '"') return i + 1;
  }
  return text.length;
}
