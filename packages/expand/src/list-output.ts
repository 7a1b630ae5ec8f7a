/** Lists as items write them: separators doubled, and no marker of the separator in front (manual §"map"). */

/**
 * An item that is empty or begins with the separator gets a space in front, unless it is the first: two separators in
 * a row would be taken for a doubled one.
 */
export function appendItem(list: string | undefined, item: string, separator: string): string {
  const doubled = item.includes(separator) ? item.replaceAll(separator, separator + separator) : item;
  if (list === undefined) return doubled;
  const gap = item === "" || item[0] === separator ? " " : "";
  return list + separator + gap + doubled;
}
