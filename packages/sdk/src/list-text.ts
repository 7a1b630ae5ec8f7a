/**
 * How lists are written: items and separators (manual §"List construction", §"Changing list separators", §"Empty items
 * in lists"). Splitting is total and expands nothing. `splitList(joinList(x)).items` = x for every list of items that
 * have no space at their ends (space there cannot be written).
 */

/** A list taken apart: its separator character and its items, without surrounding space. */
export interface SplitList {
  readonly separator: string;
  readonly items: readonly string[];
}

/** What stands before the items: the explicit separator (`<;`), if there is one, and where the rest begins. */
export interface ListHead {
  readonly separator: string | undefined;
  readonly start: number;
}

/**
 * The items of a list, cut at both ends. A doubled separator stands for itself, pairs being taken from the left
 * (`a:::b` is `a:` and `b`); control characters as separators cannot be doubled. Empty items count, but for what
 * follows the last separator. `fallback` is the separator of a list that does not name one.
 */
export function splitList(source: string, fallback = ":"): SplitList {
  const head = listHead(source);
  const separator = head.separator ?? fallback;
  return { separator, items: splitItems(source, head.start, separator) };
}

/** Items of `source` from `start` on, separated by `separator`; for text whose head has been read already. */
export function splitItems(source: string, start: number, separator: string): string[] {
  const items: string[] = [];
  // A control character is never doubled: nothing in a byte string is like this.
  const doubled = isControl(separator.charCodeAt(0)) ? "\u{ffff}" : separator + separator;
  let at = skipSpace(source, start, separator);
  while (at < source.length) {
    let text = "";
    let end = source.indexOf(separator, at);
    while (end >= 0 && source.startsWith(doubled, end)) {
      text += source.slice(at, end + 1);
      at = end + 2;
      end = source.indexOf(separator, at);
    }
    items.push(trimSpaceEnd(text + source.slice(at, end < 0 ? source.length : end)));
    if (end < 0) break;
    at = skipSpace(source, end + 1, separator);
  }
  return items;
}

/** Reads a separator change at the head of a list: `<` and a punctuation or control character. */
export function listHead(source: string): ListHead {
  const at = skipSpace(source, 0, "");
  if (source[at] !== "<") return { separator: undefined, start: at };
  // A head without anything behind it is a list without anything in it.
  if (at + 1 === source.length) return { separator: undefined, start: at + 1 };
  const next = source.charCodeAt(at + 1);
  if (!isControl(next) && !isPunctuation(next)) return { separator: undefined, start: at };
  return { separator: source[at + 1] as string, start: at + 2 };
}

/** Writes items as a list; the head (`<;`) is written when the separator is not a colon or the text would look like one. */
export function joinList(items: readonly string[], separator = ":"): string {
  const first = items[0];
  if (first === undefined) return "";
  const head = separator === ":" ? (first.startsWith("<") ? "<: " : "") : `<${separator} `;
  let text = head + joinItem(first, separator);
  for (let i = 1; i < items.length; i++) {
    const item = items[i] as string;
    // Space keeps two separators from being taken for a doubled one.
    const gap = item === "" || item.startsWith(separator) ? " " : "";
    text += separator + gap + joinItem(item, separator);
  }
  return items.at(-1) === "" ? text + separator : text;
}

/** One item as it is written in a list: its separators doubled. */
export function joinItem(item: string, separator = ":"): string {
  return item.includes(separator) ? item.replaceAll(separator, separator + separator) : item;
}

/** Space, tab and line ends off both ends. Not `trim`: it would take 0xA0 too, an octet of many letters in UTF-8. */
export function trimSpace(text: string): string {
  return trimSpaceStart(trimSpaceEnd(text));
}

export function trimSpaceStart(text: string): string {
  const start = skipSpace(text, 0, "");
  return start === 0 ? text : text.slice(start);
}

export function trimSpaceEnd(text: string): string {
  let end = text.length;
  while (end > 0 && isSpace(text.charCodeAt(end - 1))) end--;
  return text.slice(0, end);
}

function skipSpace(source: string, from: number, separator: string): number {
  let at = from;
  while (at < source.length && isSpace(source.charCodeAt(at)) && source[at] !== separator) at++;
  return at;
}

function isSpace(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13);
}

function isControl(code: number): boolean {
  return code < 32 || code === 127;
}

function isPunctuation(code: number): boolean {
  return (code >= 33 && code <= 47) || (code >= 58 && code <= 64) || (code >= 91 && code <= 96) || (code >= 123 && code <= 126);
}
